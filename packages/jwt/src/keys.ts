import * as jose from 'jose'
import { importKey } from '#crypto'

export const ALGORITHMS = ['ES256', 'RS256', 'Ed25519', 'HS256'] as const
export type Algorithm = (typeof ALGORITHMS)[number]
export type AsymmetricAlgorithm = Exclude<Algorithm, 'HS256'>

/** Which keys a token asks for. Its `kid` is a name to look up and nothing else. */
export interface WantedKey {
  alg: Algorithm
  kid?: string
}

export interface NamedKey extends WantedKey {
  key: CryptoKey
}

/** A key that signs. `kid` names it in the header and in the JWKS. */
export interface SigningKey extends NamedKey {
  kid: string
}

export interface KeySet {
  keys: jose.JWK[]
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

// A private JWK says `sign` where its public half says `verify`.
const VERIFYING = ['verify', 'sign']
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']
// Without a `kid` a few keys may be tried, never a crowd.
const MOST_KEYS_WITHOUT_KID = 3

/** A new key pair as JWKs (RFC 7517); `kid` is the thumbprint of the public half (RFC 7638). RSA has 2048 bits. */
export async function generateKey(
  alg: AsymmetricAlgorithm,
): Promise<{ kid: string; privateJwk: jose.JWK; publicJwk: jose.JWK }> {
  const pair = await jose.generateKeyPair(alg, { extractable: true })
  const [privatePart, publicPart] = await Promise.all([pair.privateKey, pair.publicKey].map(jose.exportJWK))
  const kid = await jose.calculateJwkThumbprint(publicPart ?? {})
  const names = { kid, alg, use: 'sig' }
  return { kid, privateJwk: { ...privatePart, ...names }, publicJwk: { ...publicPart, ...names } }
}

/** @throws TypeError if the JWK is not a private key of this algorithm */
export async function importPrivateKey(jwk: jose.JWK, alg: AsymmetricAlgorithm): Promise<SigningKey> {
  if (typeof jwk.d !== 'string' || !fits(jwk, alg)) throw new TypeError(`not a private ${alg} key`)
  const key = await importKey(jwk, alg)
  return { alg, kid: jwk.kid ?? (await jose.calculateJwkThumbprint(jwk)), key }
}

/** Keys that are at hand, such as a server's own. A function gives another set whenever it has changed. */
export function localKeys(given: KeySet | (() => KeySet)): KeySource {
  let known: KeySet | undefined
  let imported: Promise<NamedKey[]>
  let revision = 0

  function renew(): number {
    const set = typeof given === 'function' ? given() : given
    if (set === known) return revision
    known = set
    imported = importPublicKeys(set)
    revision += 1
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

/** The usable public keys of a set. Private, symmetric, weak, foreign and doubly named ones are left out (RFC 8725 §3.10). */
export async function importPublicKeys({ keys }: KeySet): Promise<NamedKey[]> {
  const usable: NamedKey[] = []
  for (const jwk of keys) {
    const { kid } = jwk
    const alg = algorithmOf(jwk)
    const isAmbiguous = kid !== undefined && keys.filter((other) => other.kid === kid).length > 1
    if (!alg || isAmbiguous || !isPublicKey(jwk) || !fits(jwk, alg)) continue
    // A point that is not on its curve and the like: as if it were not in the set.
    const key = await importKey(jwk, alg).catch(() => undefined)
    if (key && isLong(key)) usable.push({ alg, ...(kid !== undefined && { kid }), key })
  }
  return usable
}

/** Whether a JWK has none of the members that private and symmetric keys alone have (RFC 7518 §6), whatever is in them. */
export function isPublicKey(jwk: object): boolean {
  return PRIVATE_MEMBERS.every((member) => !Object.hasOwn(jwk, member))
}

export function select(keys: NamedKey[], { alg, kid }: WantedKey): CryptoKey[] {
  const fitting = keys.filter((key) => key.alg === alg && (kid === undefined || key.kid === kid))
  return fitting.slice(0, MOST_KEYS_WITHOUT_KID).map(({ key }) => key)
}

// One key, one algorithm (RFC 8725 §3.1): it follows from the key, never from a token.
function algorithmOf({ kty, crv }: jose.JWK): AsymmetricAlgorithm | undefined {
  if (kty === 'EC' && crv === 'P-256') return 'ES256'
  if (kty === 'OKP' && crv === 'Ed25519') return 'Ed25519'
  return kty === 'RSA' ? 'RS256' : undefined
}

function fits(jwk: jose.JWK, alg: AsymmetricAlgorithm): boolean {
  const isNamedSo = [undefined, alg, alg === 'Ed25519' ? 'EdDSA' : alg].includes(jwk.alg)
  const mayVerify = jwk.key_ops === undefined || VERIFYING.some((use) => [jwk.key_ops].flat().includes(use))
  return (
    algorithmOf(jwk) === alg && isNamedSo && (!jwk.use || jwk.use === 'sig') && mayVerify && isStrong(jwk)
  )
}

// RSA under 2048 bits or with another exponent than 65537 is refused (RFC 7518 §3.3; 342 characters hold 2048 bits).
// What the characters hold may still begin with zeros: `isLong` asks the key itself.
const isStrong = (jwk: jose.JWK) => jwk.kty !== 'RSA' || ((jwk.n?.length ?? 0) >= 342 && jwk.e === 'AQAB')

function isLong({ algorithm }: CryptoKey): boolean {
  const { modulusLength = 2048 } = algorithm as Partial<RsaKeyAlgorithm> // of RSA keys alone
  return modulusLength >= 2048
}
