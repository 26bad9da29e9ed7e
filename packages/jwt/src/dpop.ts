import { base64url, calculateJwkThumbprint, type JWK } from 'jose'
import { checkEach, checkType } from './checks.ts'
import { type ClaimCheck, isObject, optional, text, time } from './claims.ts'
import { parseObject, readHeader } from './compact.ts'
import { TokenError } from './errors.ts'
import { importPublicKeys } from './keys.ts'
import type { ReplayStore } from './replay.ts'
import { algorithmNamed, checkSignature } from './signature.ts'

/** A proof that holds. */
export interface DpopProof {
  /** Thumbprint of the key that signed it (RFC 7638): what `cnf.jkt` of a bound token is compared with. */
  jkt: string
  /** The server's nonce that it repeats, for who gives out nonces (RFC 9449 §8). */
  nonce: string | undefined
}

export interface DpopExpectation {
  /** Of the request that the proof came with. */
  method: string
  /** Of the request, as the public knows it: never put together from its headers. */
  url: string
  /** The token that came with it, at a resource (RFC 9449 §4.3, `ath`). */
  accessToken?: string
  /** Thumbprint of the key that this token is bound to (RFC 9449 §4.3). The proof of another key is refused before it is spent. */
  jkt?: string
  /** Each proof works once (RFC 9449 §11.1). */
  used: ReplayStore
  now: Date
  /** How far `iat` may be from now, in seconds, either way: 15, which is a clock ten apart and the way to here; 60 at most. */
  toleranceSeconds?: number
}

/** RSA is of no use for a key that is made on the spot, and a symmetric one proves nothing (RFC 9449 §4.2). */
export const DPOP_ALGORITHMS = ['ES256', 'Ed25519'] as const

const PROOF = { name: 'DPoP proof', typ: 'dpop+jwt', hasAudience: false, maxAgeSeconds: 60 }
const MOST_CHARACTERS = 4096
const CHECKS: [string, ClaimCheck<unknown>][] = Object.entries({
  ...{ jti: text(), htm: text(16), htu: text(2048), iat: time },
  ...{ exp: optional(time), nbf: optional(time), nonce: optional(text()), ath: optional(text()) },
})

interface ProofClaims {
  jti: string
  htm: string
  htu: string
  iat: number
  exp?: number
  nbf?: number
  nonce?: string
  ath?: string
}

/**
 * Checks a DPoP proof (RFC 9449 §4.3): whoever sent the request holds the key that the proof names. The proof is spent.
 * @throws TokenError
 */
export async function verifyDpopProof(proof: string, expected: DpopExpectation): Promise<DpopProof> {
  const { toleranceSeconds = 15 } = expected
  if (!(toleranceSeconds >= 0 && toleranceSeconds <= 60))
    throw new RangeError('the tolerance is 0 to 60 seconds')
  const { claims, jwk } = await readProof(proof)
  checkMoment(claims, expected.now, toleranceSeconds)
  if (claims.htm !== expected.method || !isSameAddress(claims.htu, expected.url))
    throw new TokenError('claim', 'the DPoP proof is for another request')
  const { accessToken } = expected
  if (accessToken !== undefined && claims.ath !== (await sha256(accessToken)))
    throw new TokenError('claim', 'the DPoP proof is for another token')
  const jkt = await calculateJwkThumbprint(jwk)
  if (jkt !== (expected.jkt ?? jkt))
    throw new TokenError('claim', 'the DPoP proof is of another key than the token')
  // Longer than it is taken here, for a process whose clock is behind.
  const until = new Date((claims.iat + 2 * toleranceSeconds + 1) * 1000)
  if (!(await expected.used.spend(`dpop ${await sha256(`${jkt} ${claims.jti}`)}`, until)))
    throw new TokenError('used', 'the DPoP proof was used before')
  return { jkt, nonce: claims.nonce }
}

// The one token whose key is in its own header: it says who is asking, and nothing about what he may do.
async function readProof(proof: string): Promise<{ claims: ProofClaims; jwk: JWK }> {
  const header = readHeader(proof, MOST_CHARACTERS)
  checkType(PROOF, header)
  const alg = DPOP_ALGORITHMS.find((known) => known === algorithmNamed(header.alg))
  if (!alg) throw new TokenError('algorithm', 'no DPoP proof is taken with this algorithm')
  const { jwk } = parseObject(base64url.decode(proof.split('.', 1).join()))
  const keys = isObject(jwk) ? await importPublicKeys({ keys: [jwk] }) : []
  // Private, symmetric and weak ones are left out (RFC 8725 §3.10).
  if (!isObject(jwk) || keys.length === 0)
    throw new TokenError('unknown_key', 'the DPoP proof names no public key of these algorithms')
  const candidates = keys.map(({ key }) => key)
  const claims = parseObject(await checkSignature(proof, alg, candidates))
  checkEach(claims, CHECKS, PROOF.name)
  return { claims: claims as unknown as ProofClaims, jwk } // checked just now
}

function checkMoment({ iat, exp = iat, nbf = iat }: ProofClaims, now: Date, toleranceSeconds: number): void {
  const clock = now.getTime() / 1000
  if (Math.max(iat, nbf) > clock + toleranceSeconds)
    throw new TokenError('not_yet_valid', 'the DPoP proof is of a time to come')
  if (Math.min(iat, exp) < clock - toleranceSeconds)
    throw new TokenError('too_old', 'the DPoP proof is too old')
}

// RFC 9449 §4.3: without query and fragment, normalised (RFC 3986 §6.2.2 and §6.2.3).
function isSameAddress(given: string, address: string): boolean {
  return URL.canParse(given) && normalized(given) === normalized(address)
}

function normalized(address: string): string {
  const { origin, pathname } = new URL(address)
  return origin + pathname.replace(/%[\da-f]{2}/gi, normalizedEscape)
}

function normalizedEscape(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  return /[\w.~-]/.test(character) ? character : escaped.toUpperCase()
}

async function sha256(content: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(content))
  return base64url.encode(new Uint8Array(digest))
}
