import { aesGcm, decodeBase64url, encodeBase64url } from '#crypto'
import { isCanonical } from './compact.ts'
import { deriveSecret } from './secrets.ts'
import { deflate, inflate } from './streams.ts'
import { type Cipher, IV_BYTES, TAG_BYTES } from './web-crypto.ts'

export interface SealerOptions {
  /** Key ring: the first seals, all open, so that a new secret signs nobody out. */
  secrets: readonly string[]
  /** Bound into the key: what was sealed for one purpose does not open for another. */
  purpose: string
  /** Deflate first: a JWT inside shrinks by a quarter. Only where no attacker can watch the size of many chosen contents. */
  compress?: boolean
}

export interface Sealer {
  /**
   * JSON → an envelope that only this ring can read and nobody can change (JWE `dir`, A256GCM; RFC 7516).
   * @throws RangeError if it would be too large to be opened again
   */
  seal(value: object): Promise<string>
  /** `null` if it is not ours, was changed, or was sealed for something else. Who calls it checks the shape and the time. */
  open(envelope: string): Promise<unknown>
}

// With `dir` the second part is empty; elsewhere every character counts.
const ENVELOPE = /^([\w-]+)\.\.([\w-]+)\.([\w-]+)\.([\w-]+)$/
const MOST_CHARACTERS = 8192
const MOST_BYTES = 65_536
const utf8 = new TextEncoder()

export function createSealer({ secrets, purpose, compress = false }: SealerOptions): Sealer {
  const ring = Promise.all(secrets.map((secret) => sealingKey(secret, purpose)))
  ring.catch(() => {}) // reported where it is used

  return {
    async seal(value) {
      const [key] = await ring
      if (!key) throw new TypeError('at least one secret is needed')
      const json = utf8.encode(JSON.stringify(value))
      const content = compress ? await deflate(json, 'deflate-raw') : json
      const { iv, ciphertext, tag } = await key.cipher.encrypt(content, utf8.encode(key.header))
      const envelope = [key.header, '', ...[iv, ciphertext, tag].map(encodeBase64url)].join('.')
      if (json.length > MOST_BYTES || envelope.length > MOST_CHARACTERS) {
        throw new RangeError('the content is too large to be sealed')
      }
      return envelope
    },

    async open(envelope) {
      const parts = envelope.length > MOST_CHARACTERS ? [] : (ENVELOPE.exec(envelope)?.slice(1) ?? [])
      if (parts.length === 0 || !parts.every(isCanonical)) return null
      const [header = '', ...rest] = parts
      const key = (await ring).find((candidate) => candidate.header === header)
      const [iv, ciphertext, tag] = rest.map(decodeBase64url)
      if (!key || iv?.length !== IV_BYTES || tag?.length !== TAG_BYTES || !ciphertext) return null
      try {
        const content = await key.cipher.decrypt({ iv, ciphertext, tag }, utf8.encode(header))
        const json = compress ? await inflate(content, 'deflate-raw', MOST_BYTES) : content
        return JSON.parse(new TextDecoder().decode(json))
      } catch {
        return null
      }
    },
  }
}

/** The header is the same text each time, so that nothing has to be read out of one: who else writes it is not us (RFC 8725 §3.6). */
async function sealingKey(secret: string, purpose: string): Promise<{ header: string; cipher: Cipher }> {
  const { kid, bits } = await deriveSecret(secret, purpose)
  return {
    header: encodeBase64url(JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid })),
    cipher: aesGcm(bits),
  }
}
