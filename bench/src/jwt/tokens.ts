import { randomUUID } from 'node:crypto'
import type { AccessTokenClaims } from '@grove/jwt'
import { random } from '../random.ts'
import type { Keys } from './keys.ts'
import { signatureOf } from './signature.ts'

export const ISSUER = 'https://auth.example'
export const AUDIENCE = 'https://alder.example'
export const TYPE = 'at+jwt'
export const LIFETIME_SECONDS = 900
export const STATUS_URI = `${ISSUER}/status/0`
/** Entries of the status list; every hundredth belongs to a token. */
export const LIST_SIZE = 2 ** 20
const INDICES_APART = 100

/** What is signed: `iat` and `exp` are up to the library. */
export type Claims = Omit<AccessTokenClaims, 'iat' | 'exp'>

export function claimsOf(place: number): Claims {
  return {
    iss: ISSUER,
    sub: randomUUID(),
    aud: [AUDIENCE, 'https://birch.example'],
    client_id: 'alder',
    scope: 'openid profile email notes',
    sid: randomUUID(),
    jti: randomUUID(),
    auth_time: nowSeconds() - 3600,
    acr: 'urn:grove:password',
    status: { status_list: { idx: place * INDICES_APART, uri: STATUS_URI } },
  }
}

export const nowSeconds = () => Math.floor(Date.now() / 1000)

/** Good from now on for as long as a token lives, but for what the claims and the header say. */
export function tokenOf(keys: Keys, claims: object, header: object = {}): string {
  const iat = nowSeconds()
  const whole = { ...claims, iat, exp: iat + LIFETIME_SECONDS }
  return sign(keys, { alg: keys.headerAlg, kid: keys.kid, typ: TYPE, ...header }, whole)
}

/** As it is, whatever it says. */
export function sign(keys: Keys, header: object, payload: object): string {
  const input = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${signatureOf(keys, input)}`
}

/** Tokens as a server meets them: each request brings its text anew. */
export interface WorkingSet {
  /** The same text again and again, in strings of their own. */
  one(count: number): string[]
  /** Any of them, in strings of their own. */
  any(count: number): string[]
  /** All of them, once. */
  each(): string[]
}

// A string keeps its hash, which would flatter a cache that is asked with the same string again. So each is made of bytes, like one
// that comes from a socket.
export function workingSet(keys: Keys, size: number): WorkingSet {
  const texts = Array.from({ length: size }, (_, place) =>
    Buffer.from(tokenOf(keys, claimsOf(place)), 'latin1'),
  )
  const next = random()
  const fresh = (place: number) => texts[place]?.toString('latin1') ?? ''
  return {
    one: (count) => Array.from({ length: count }, () => fresh(0)),
    any: (count) => Array.from({ length: count }, () => fresh(Math.floor(next() * size))),
    each: () => texts.map((_, place) => fresh(place)),
  }
}
