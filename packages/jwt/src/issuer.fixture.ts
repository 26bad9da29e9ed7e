import type { JWK } from 'jose'
import {
  AccessToken,
  type AccessTokenClaims,
  type AsymmetricAlgorithm,
  createVerifier,
  generateKey,
  type IdTokenClaims,
  importPrivateKey,
  issue,
  type KeySource,
  type LogoutTokenClaims,
  localKeys,
  type SigningKey,
  TokenError,
  type TokenErrorCode,
  type Verifier,
  type VerifierOptions,
  type WantedKey,
} from './index.ts'
import { LOGOUT_EVENT } from './kinds.ts'

export const ISSUER = 'https://auth.example'
export const ALDER = 'https://alder.example'
export const BIRCH = 'https://birch.example'
export const NOON = new Date('2026-11-23T12:00:00Z')
export const NOON_SECONDS = NOON.getTime() / 1000

/** A clock that stands still until it is moved. */
export function stoppedClock(): { now: () => Date; move: (seconds: number) => void } {
  let moment = NOON.getTime()
  return {
    now: () => new Date(moment),
    move: (seconds) => {
      moment += seconds * 1000
    },
  }
}

export interface TestKey {
  signing: SigningKey
  publicJwk: JWK
  privateJwk: JWK
}

export async function testKey(alg: AsymmetricAlgorithm = 'ES256'): Promise<TestKey> {
  const { privateJwk, publicJwk } = await generateKey(alg)
  return { signing: await importPrivateKey(privateJwk, alg), publicJwk, privateJwk }
}

export const accessClaims: Omit<AccessTokenClaims, 'iat' | 'exp'> = {
  iss: ISSUER,
  sub: 'alice',
  aud: [ALDER, BIRCH],
  client_id: 'alder',
  scope: 'openid notes',
  sid: 'session-1',
  jti: 'token-1',
}
export const idClaims: Omit<IdTokenClaims, 'iat' | 'exp'> = { iss: ISSUER, sub: 'alice', aud: ALDER }
export const logoutClaims: Omit<LogoutTokenClaims, 'iat' | 'exp'> = {
  iss: ISSUER,
  aud: ALDER,
  jti: 'logout-1',
  sid: 'session-1',
  events: { [LOGOUT_EVENT]: {} },
}

export async function accessToken(
  key: SigningKey,
  { claims = accessClaims, now = NOON, lifetimeSeconds = 300 } = {},
): Promise<string> {
  return await issue(AccessToken, claims, { key, now, lifetimeSeconds })
}

/** Alder's verifier of tokens signed with this key. */
export async function verifierFor(
  key: TestKey,
  { algorithms = [key.signing.alg], ...more }: Partial<VerifierOptions> = {},
): Promise<Verifier> {
  return verifierOf(localKeys({ keys: [key.publicJwk] }), { algorithms, ...more })
}

export function verifierOf(
  keys: KeySource,
  { now = () => NOON, algorithms = ['ES256'], ...more }: Partial<VerifierOptions> = {},
): Verifier {
  return createVerifier({
    issuer: ISSUER,
    audience: ALDER,
    algorithms,
    keys,
    status: 'unchecked',
    now,
    ...more,
  })
}

/** The keys alone, for tests that are not about their revision. */
export async function keysFrom(source: KeySource, wanted: WantedKey): Promise<CryptoKey[]> {
  return (await source.find(wanted)).keys
}

/** Bytes or an object as a segment: what an attacker can write into a token. */
export function segment(value: string | object | Uint8Array): string {
  const bytes =
    value instanceof Uint8Array ? value : typeof value === 'string' ? value : JSON.stringify(value)
  return Buffer.from(bytes).toString('base64url')
}

const SIGNATURES = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  RS256: 'RSASSA-PKCS1-v1_5',
  Ed25519: 'Ed25519',
  HS256: 'HMAC',
}

/** Signs any header and any payload, genuine or not, without a single check. */
export async function forge(
  key: Pick<SigningKey, 'alg' | 'key'>,
  header: string | object | Uint8Array,
  payload: string | object | Uint8Array,
): Promise<string> {
  const input = `${segment(header)}.${segment(payload)}`
  const signature = await crypto.subtle.sign(SIGNATURES[key.alg], key.key, Buffer.from(input))
  return `${input}.${segment(new Uint8Array(signature))}`
}

/** The header and the payload of a good access token, for one thing to be changed in them. */
export function goodParts({ signing }: TestKey): { header: object; payload: Record<string, unknown> } {
  return {
    header: { alg: signing.alg, kid: signing.kid, typ: 'at+jwt' },
    payload: { ...accessClaims, iat: NOON_SECONDS, exp: NOON_SECONDS + 300 },
  }
}

/** The same text with another character at one place. */
export function withCharacter(text: string, place: number, character: string): string {
  return text.slice(0, place) + character + text.slice(place + 1)
}

export interface Change {
  header?: object
  payload?: object
  rawHeader?: string
  rawPayload?: string
}

/** What Alder says to a token that is good but for this change, signed by the genuine key. */
export async function verdictOf(key: TestKey, change: Change): Promise<TokenErrorCode | 'good'> {
  const { header, payload } = goodParts(key)
  const text = await forge(
    key.signing,
    change.rawHeader ?? { ...header, ...change.header },
    change.rawPayload ?? { ...payload, ...change.payload },
  )
  return await verdictOn(key, text)
}

/** An access token of somebody who is issuer and verifier in one: only such a kind is taken with HS256. */
export const OneParty: typeof AccessToken = { ...AccessToken, isOneParty: true }

/** What Alder says to this text. */
export async function verdictOn(key: TestKey, text: string): Promise<TokenErrorCode | 'good'> {
  try {
    await (await verifierFor(key)).verify(AccessToken, text)
    return 'good'
  } catch (error) {
    if (error instanceof TokenError) return error.code
    throw error
  }
}
