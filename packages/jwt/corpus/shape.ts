import type { JWK } from 'jose'
import type { TokenErrorCode } from '../src/index.ts'

export type KindName =
  | 'access token'
  | 'ID token'
  | 'ID token hint'
  | 'logout token'
  | 'status list'
  | 'action token'
  | 'client assertion'

/** What a verifier of this kind of token demands. */
export interface KindRules {
  typ: string
  /** A token without `typ` may pass for it. */
  typMayBeAbsent?: true
  issuer: string
  /** None: a token of this kind is for everybody. */
  audience?: string
  algorithms: string[]
  maxAgeSeconds: number
  /** `exp` may have passed. */
  mayBeExpired?: true
  /** What has to be there. */
  claims: string[]
}

/** A token; a very long one is `start`, then `repeat` so many times, then `end`. */
export type Text = string | { start: string; repeat: string; times: number; end: string }

/** What must come of a token: one of `refusal` and `accept` is there. */
export interface TokenCase {
  /** Of the list of attacks; `control` is a good token, so that nobody passes by refusing all. */
  id: string
  name: string
  kind: KindName
  refusal?: TokenErrorCode
  accept?: true
  /** Accepted here, but a verifier that refuses it is not wrong. */
  either?: true
  note?: string
  /** What an error's text must not hold, besides the token and its signature. */
  hidden?: string[]
  token: Text
}

/** What must come of a request with these `Authorization` headers, in which `<token>` stands for a good access token. */
export interface HeaderCase {
  id: string
  name: string
  authorization: string[]
  /** 401 without `error` where no bearer token was sent at all (RFC 6750 §3.1). */
  status?: 400 | 401
  error?: 'invalid_request' | 'invalid_token'
  accept?: true
}

export interface Corpus {
  about: string
  /** Seconds since 1970. */
  now: number
  issuer: string
  audience: string
  algorithms: string[]
  keys: { keys: JWK[] }
  /** For HS256, where one party issues and verifies. */
  secret: JWK
  kinds: Record<KindName, KindRules>
  cases: TokenCase[]
  headers: HeaderCase[]
}

export function textOf(token: Text): string {
  return typeof token === 'string' ? token : token.start + token.repeat.repeat(token.times) + token.end
}

type More = Pick<TokenCase, 'either' | 'note' | 'hidden'>

/** Writes down the cases of one attack on one kind of token. */
export function attack(id: string, kind: KindName = 'access token') {
  return {
    refused: (refusal: TokenErrorCode, name: string, token: Text, more: More = {}): TokenCase => ({
      id,
      name,
      kind,
      refusal,
      ...more,
      token,
    }),
    accepted: (name: string, token: Text, more: More = {}): TokenCase => ({
      id,
      name,
      kind,
      accept: true,
      ...more,
      token,
    }),
  }
}

/** A value as it is named in a sentence. */
export const say = (value: unknown) => JSON.stringify(value) ?? 'absent'
