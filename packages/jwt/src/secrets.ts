import { base64url } from 'jose'
import { type KeySource, type NamedKey, type SigningKey, select } from './keys.ts'

const LEAST_CHARACTERS = 32
const utf8 = new TextEncoder()

/**
 * HMAC keys derived from a ring of secrets, newest first: the first signs, all verify.
 * @throws TypeError if there is no secret, or one is too short
 */
export async function secretKeys(
  secrets: string[],
  purpose: string,
): Promise<KeySource & { current: SigningKey }> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const keys = await Promise.all(
    secrets.map(async (secret): Promise<SigningKey> => {
      // Named for what it does: a sealer with the same secret and purpose has another key.
      const { kid, bits } = await deriveSecret(secret, `hmac ${purpose}`)
      const key = await crypto.subtle.importKey('raw', bits, hmac, false, ['sign', 'verify'])
      return { alg: 'HS256', kid, key }
    }),
  )
  const [current] = keys
  if (!current) throw new TypeError('at least one secret is needed')
  const find = async (wanted: Omit<NamedKey, 'key'>) => ({ keys: select(keys, wanted), revision: 0 })
  return { current, revision: () => 0, find }
}

/**
 * 256 bits of key for one purpose (HKDF, RFC 5869), and an id that does not tell which secret it came from.
 * @throws TypeError if the secret is shorter than the key: what is guessed from it would be guessed (RFC 8725 §3.5)
 */
export async function deriveSecret(
  secret: string,
  purpose: string,
): Promise<{ kid: string; bits: Uint8Array<ArrayBuffer> }> {
  if (/^\s*(-----BEGIN|\{)/.test(secret))
    throw new TypeError('a secret is random text: this is a key, which others may know') // RFC 8725 §3.1
  if (secret.length < LEAST_CHARACTERS)
    throw new TypeError(`a secret needs at least ${LEAST_CHARACTERS} characters`)
  const master = await crypto.subtle.importKey('raw', utf8.encode(secret), 'HKDF', false, ['deriveBits'])
  const derive = async (what: 'key' | 'id', bits: number) => {
    const info = utf8.encode(`grove ${purpose} ${what}`)
    const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
    return new Uint8Array(await crypto.subtle.deriveBits(hkdf, master, bits))
  }
  return { kid: base64url.encode(await derive('id', 48)), bits: await derive('key', 256) }
}
