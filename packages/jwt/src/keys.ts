import * as jose from 'jose'

export const ALGORITHMS = ['ES256', 'RS256', 'Ed25519', 'HS256'] as const
export type Algorithm = (typeof ALGORITHMS)[number]
export type AsymmetricAlgorithm = Exclude<Algorithm, 'HS256'>

/** A key that signs. `kid` names it in the header and in the JWKS. */
export interface SigningKey {
  alg: Algorithm
  kid: string
  key: CryptoKey
}

/** Which keys a token asks for. Its `kid` is a name to look up and nothing else. */
export interface WantedKey {
  alg: Algorithm
  kid?: string
}

/** Where a verifier's keys come from. */
export interface KeySource {
  /**
   * The keys that fit, none if there is no such key, and the revision of the set that they are from.
   * @throws KeysUnavailableError when the keys cannot be had
   */
  find(wanted: WantedKey): Promise<{ keys: CryptoKey[]; revision: number }>
  /**
   * Changes whenever a key was added or taken away. `undefined`: nobody knows just now, ask `find`. To look at it costs nothing,
   * and lets a source whose keys grow old renew them.
   */
  revision(): number | undefined
}

export interface KeySet {
  keys: jose.JWK[]
}

export interface NamedKey {
  alg: Algorithm
  kid: string | undefined
  key: CryptoKey
}

// A private JWK says `sign` where its public half says `verify`.
const VERIFYING = ['verify', 'sign']
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']
// Without a `kid` a few keys may be tried, never a crowd.
const MOST_KEYS_WITHOUT_KID = 3
const LEAST_SECRET_CHARACTERS = 32

/** A new key pair; `kid` is the thumbprint of the public half (RFC 7638). */
export async function generateKey(alg: AsymmetricAlgorithm): Promise<{
  kid: string
  alg: AsymmetricAlgorithm
  privateJwk: jose.JWK
  publicJwk: jose.JWK
}> {
  const pair = await jose.generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const publicPart = await jose.exportJWK(pair.publicKey)
  const kid = await jose.calculateJwkThumbprint(publicPart)
  const names = { kid, alg, use: 'sig' }
  return {
    kid,
    alg,
    privateJwk: { ...(await jose.exportJWK(pair.privateKey)), ...names },
    publicJwk: { ...publicPart, ...names },
  }
}

/** @throws TypeError if the JWK is not a private key of this algorithm */
export async function importPrivateKey(jwk: jose.JWK, alg: AsymmetricAlgorithm): Promise<SigningKey> {
  if (typeof jwk.d !== 'string' || !fits(jwk, alg)) throw new TypeError(`not a private ${alg} key`)
  const key = (await jose.importJWK(jwk, alg)) as CryptoKey // importJWK gives bytes only for kty "oct"
  return { alg, kid: jwk.kid ?? (await jose.calculateJwkThumbprint(jwk)), key }
}

/** Keys that are at hand, such as a server's own. A function gives another set whenever it has changed. */
export function localKeys(given: KeySet | (() => KeySet)): KeySource {
  const read = typeof given === 'function' ? given : () => given
  let known: KeySet | undefined
  let imported: Promise<NamedKey[]>
  let revision = 0

  function renew(): number {
    const set = read()
    if (set !== known) {
      known = set
      imported = importPublicKeys(set)
      revision += 1
    }
    return revision
  }

  return {
    revision: renew,
    async find(wanted) {
      const from = { revision: renew(), keys: imported }
      return { revision: from.revision, keys: select(await from.keys, wanted) }
    },
  }
}

/** HMAC keys derived from a ring of secrets, newest first: the first signs, all verify. */
export async function secretKeys(
  secrets: string[],
  purpose: string,
): Promise<KeySource & { current: SigningKey }> {
  const keys = await Promise.all(
    secrets.map(async (secret) => {
      const { kid, bits } = await deriveSecret(secret, purpose)
      const hmac = { name: 'HMAC', hash: 'SHA-256' }
      return {
        alg: 'HS256' as const,
        kid,
        key: await crypto.subtle.importKey('raw', bits, hmac, false, ['sign', 'verify']),
      }
    }),
  )
  const [current] = keys
  if (!current) throw new TypeError('at least one secret is needed')
  return {
    current,
    revision: () => 0,
    find: async (wanted) => ({ keys: select(keys, wanted), revision: 0 }),
  }
}

/**
 * 256 bits of key for one purpose (HKDF, RFC 5869), and an id that does not tell which secret it came from.
 * @throws TypeError if the secret is shorter than the key: what is guessed from it would be guessed (RFC 8725 §3.5)
 */
export async function deriveSecret(
  secret: string,
  purpose: string,
): Promise<{ kid: string; bits: Uint8Array<ArrayBuffer> }> {
  if (secret.length < LEAST_SECRET_CHARACTERS) {
    throw new TypeError(`a secret needs at least ${LEAST_SECRET_CHARACTERS} characters`)
  }
  const utf8 = new TextEncoder()
  const master = await crypto.subtle.importKey('raw', utf8.encode(secret), 'HKDF', false, ['deriveBits'])
  const derive = (info: string, length: number) =>
    crypto.subtle.deriveBits(
      { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8.encode(info) },
      master,
      length,
    )
  const [bits, id] = await Promise.all([
    derive(`grove ${purpose} key`, 256),
    derive(`grove ${purpose} id`, 48),
  ])
  return { kid: jose.base64url.encode(new Uint8Array(id)), bits: new Uint8Array(bits) }
}

/** The usable public keys of a set. Private, symmetric, weak, foreign and doubly named ones are left out (RFC 8725 §3.10). */
export async function importPublicKeys(jwks: KeySet): Promise<NamedKey[]> {
  const keys: NamedKey[] = []
  for (const jwk of jwks.keys) {
    const alg = algorithmOf(jwk)
    const isAmbiguous = jwk.kid !== undefined && jwks.keys.filter(({ kid }) => kid === jwk.kid).length > 1
    if (!alg || isAmbiguous || !isPublic(jwk) || !fits(jwk, alg)) continue
    try {
      keys.push({ alg, kid: jwk.kid, key: (await jose.importJWK(jwk, alg)) as CryptoKey }) // public, so never bytes
    } catch {
      // A point that is not on its curve and the like: as if it were not in the set.
    }
  }
  return keys
}

export function select(keys: NamedKey[], { alg, kid }: WantedKey): CryptoKey[] {
  const fitting = keys.filter((key) => key.alg === alg && (kid === undefined || key.kid === kid))
  return fitting.slice(0, MOST_KEYS_WITHOUT_KID).map(({ key }) => key)
}

// One key, one algorithm (RFC 8725 §3.1): it follows from the key, never from a token.
function algorithmOf(jwk: jose.JWK): AsymmetricAlgorithm | undefined {
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') return 'ES256'
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') return 'Ed25519'
  if (jwk.kty === 'RSA') return 'RS256'
  return undefined
}

function fits(jwk: jose.JWK, alg: AsymmetricAlgorithm): boolean {
  const named = jwk.alg === undefined || jwk.alg === alg || (alg === 'Ed25519' && jwk.alg === 'EdDSA')
  const verifies = !jwk.use || jwk.use === 'sig'
  const mayVerify = jwk.key_ops === undefined || VERIFYING.some((use) => [jwk.key_ops].flat().includes(use))
  return algorithmOf(jwk) === alg && named && verifies && mayVerify && isStrong(jwk)
}

const isPublic = (jwk: jose.JWK) => PRIVATE_MEMBERS.every((member) => !Object.hasOwn(jwk, member))

// RSA under 2048 bits or with another exponent than 65537 is refused (RFC 7518 §3.3; 342 characters hold 2048 bits).
const isStrong = (jwk: jose.JWK) => jwk.kty !== 'RSA' || ((jwk.n?.length ?? 0) >= 342 && jwk.e === 'AQAB')
