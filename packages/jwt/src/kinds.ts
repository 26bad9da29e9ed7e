import {
  audiences,
  type ClaimCheck,
  flag,
  identifier,
  isObject,
  optional,
  text,
  time,
  wholeNumber,
} from './claims.ts'

/** Never there at run time: it keeps kinds apart for the compiler, even where their claims are alike. */
declare const kind: unique symbol

export interface CommonClaims {
  [kind]?: string
  iss: string
  /** Seconds since 1970. */
  iat: number
  /** Seconds since 1970. */
  exp: number
}

type Checks<Claims> = { readonly [Name in keyof Claims]: ClaimCheck<Claims[Name]> }

/** What a token of any kind may say, and is checked in any. */
export interface SharedClaims extends CommonClaims {
  aud?: string | string[]
  azp?: string
  nbf?: number
  status?: { status_list: StatusReference }
}

/** What holds for every token of a kind. */
export interface KindRules {
  readonly name: string
  /** The header's `typ`, compared without case and without `application/`. */
  readonly typ: string
  /** ID tokens of other providers carry no `typ`, or a vague one; an explicit `…+jwt` that is not ours is refused all the same. */
  readonly typMayBeAbsent?: boolean
  /** Whether `aud` must hold the verifier's audience. */
  readonly hasAudience: boolean
  /** `azp` is that audience too, and is there if there are several (OpenID Connect Core 1.0 §3.1.3.7, 4 and 5). */
  readonly namesAuthorizedParty?: boolean
  /** HS256 and nothing else, since issuer and verifier are one party. Any other kind is signed with an asymmetric key. */
  readonly isOneParty?: boolean
  /** The longest time between `iat` and now. */
  readonly maxAgeSeconds: number
  /** A hint about the past, such as `id_token_hint`, may have expired. */
  readonly mayBeExpired?: boolean
  /** The longest text that is read at all; 8192 if not said. */
  readonly mostCharacters?: number
}

/** Declared once: to issue or to verify is to name the kind, so that no token can pass for one of another kind (RFC 8725 §3.12). */
export interface TokenKind<Claims extends CommonClaims> extends KindRules {
  readonly [kind]?: Claims
  /** What must hold between claims that are each as declared. */
  isComplete?(claims: Claims): boolean
  /** What is asked of each claim by name, whether it has to be there or not. */
  readonly checks: readonly (readonly [string, ClaimCheck<unknown>])[]
}

/** What a token of this kind says. */
export type ClaimsOf<Kind> = Kind extends TokenKind<infer Claims> ? Claims : never
interface Declaration<Name, Must, May> extends KindRules {
  name: Name & string
  says: Checks<Must>
  maySay?: Checks<May>
  isComplete?(claims: Declared<Name, Must, May>): boolean
}
type Declared<Name, Must, May> = CommonClaims & Must & Partial<May> & { [kind]?: Name }

const common = { iss: identifier, iat: time, exp: time }

/**
 * Declares a kind of token: what it `says`, and what it `maySay`, each claim with the check that makes its type. `iss`, `iat` and
 * `exp` are in every kind. What is declared under another name is another type, even with the same claims.
 */
export function defineToken<const Name extends string, Must extends object, May extends object = object>({
  says,
  maySay,
  ...rules
}: Declaration<Name, Must, May>): TokenKind<Declared<Name, Must, May>> {
  const must: [string, ClaimCheck<unknown>][] = Object.entries({ ...common, ...says })
  const may: [string, ClaimCheck<unknown>][] = Object.entries(maySay ?? {})
  return Object.freeze({
    ...rules,
    checks: [...must, ...may.map(([name, check]) => [name, optional(check)] as const)],
  })
}

/** Place in a status list, and the list's address (Token Status List, draft-21 §6.2). */
export interface StatusReference {
  idx: number
  uri: string
}

export const statusReference: ClaimCheck<{ status_list: StatusReference }> = (value): value is never =>
  isObject(value) &&
  isObject(value.status_list) &&
  wholeNumber(value.status_list.idx) &&
  text(2048)(value.status_list.uri)

// RFC 9449 §6.1: the thumbprint of the key that has to prove itself with the token.
const confirmation: ClaimCheck<{ jkt: string }> = (value): value is never =>
  isObject(value) && text(43)(value.jkt)
const texts: ClaimCheck<string[]> = (value): value is never =>
  Array.isArray(value) && value.length <= 16 && value.every(text())

/** RFC 9068 §2.2, and a reference into the status list that makes it revocable. */
export const AccessToken = defineToken({
  name: 'access token',
  typ: 'at+jwt',
  hasAudience: true,
  maxAgeSeconds: 900,
  says: { sub: identifier, aud: audiences, client_id: identifier, jti: identifier },
  maySay: {
    ...{ scope: text(2048), sid: identifier, auth_time: time, acr: text(), amr: texts },
    ...{ status: statusReference, cnf: confirmation },
  },
})
export type AccessTokenClaims = ClaimsOf<typeof AccessToken>

const idToken = {
  typ: 'JWT',
  typMayBeAbsent: true,
  hasAudience: true,
  namesAuthorizedParty: true,
  says: { sub: identifier, aud: audiences },
  maySay: {
    ...{ nonce: text(1024), auth_time: time, acr: text(), azp: identifier, sid: identifier, at_hash: text() },
    ...{ name: text(), email: text(), email_verified: flag },
  },
}

/** OpenID Connect Core 1.0 §2, with the personal claims that a client may ask to find in it. */
export const IdToken = defineToken({ ...idToken, name: 'ID token', maxAgeSeconds: 86_400 })
export type IdTokenClaims = ClaimsOf<typeof IdToken>

/** An ID token shown as `id_token_hint`: genuine, but it may have expired (OpenID Connect RP-Initiated Logout 1.0 §2). */
export const IdTokenHint = defineToken({
  ...idToken,
  name: 'ID token hint',
  mayBeExpired: true,
  maxAgeSeconds: 366 * 86_400,
})
export type IdTokenHintClaims = ClaimsOf<typeof IdTokenHint>

/** The one event of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). */
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

const logoutEvents: ClaimCheck<Record<string, unknown>> = (value): value is never =>
  isObject(value) && isObject(value[LOGOUT_EVENT])
const absent: ClaimCheck<undefined> = (value): value is never => value === undefined

/**
 * OpenID Connect Back-Channel Logout 1.0 §2.4: about a `sub`, a `sid` or both. A `nonce` is forbidden, so that no ID token can
 * pass for it.
 */
export const LogoutToken = defineToken({
  name: 'logout token',
  typ: 'logout+jwt',
  hasAudience: true,
  maxAgeSeconds: 300,
  says: { aud: audiences, jti: identifier, events: logoutEvents },
  maySay: { sub: identifier, sid: identifier, nonce: absent },
  isComplete: ({ sub, sid }) => sub !== undefined || sid !== undefined,
})
export type LogoutTokenClaims = ClaimsOf<typeof LogoutToken>

const statusList: ClaimCheck<{ bits: number; lst: string }> = (value): value is never =>
  isObject(value) && [1, 2, 4, 8].some((bits) => bits === value.bits) && text(4_000_000)(value.lst)

/**
 * Token Status List (draft-21, awaiting publication) §5.1. `sub` is the address of the list itself; a copy may be used for `ttl`
 * seconds before it is fetched again.
 */
export const StatusListToken = defineToken({
  name: 'status list',
  typ: 'statuslist+jwt',
  hasAudience: false,
  maxAgeSeconds: 86_400,
  mostCharacters: 6_000_000,
  says: { sub: text(2048), status_list: statusList },
  maySay: { ttl: time },
})
export type StatusListClaims = ClaimsOf<typeof StatusListToken>

/**
 * What a server sends to itself, once, in a form or a link: HS256, because the two ends are one party. `act` is what may be done
 * with it, `sub` whose action it is, `bound` the SHA-256 of a browser's own secret: the token is useless in another browser.
 */
export const ActionToken = defineToken({
  name: 'action token',
  typ: 'action+jwt',
  hasAudience: true,
  isOneParty: true,
  maxAgeSeconds: 86_400,
  says: { aud: identifier, jti: identifier, act: text() },
  maySay: { sub: identifier, bound: text() },
})
export type ActionTokenClaims = ClaimsOf<typeof ActionToken>

/**
 * How a client proves itself to its provider (RFC 7523 §3, and its successor): issuer and subject are the client, the one audience
 * is the provider, it lives for five minutes at most and works once.
 */
export const ClientAssertion = defineToken({
  name: 'client assertion',
  typ: 'client-authentication+jwt',
  typMayBeAbsent: true,
  hasAudience: true,
  maxAgeSeconds: 300,
  says: { sub: identifier, aud: text(), jti: identifier },
  isComplete: ({ iss, sub, iat, exp }) => iss === sub && exp - iat <= 300,
})
export type ClientAssertionClaims = ClaimsOf<typeof ClientAssertion>
