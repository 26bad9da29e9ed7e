import { audiences, type ClaimCheck, flag, isObject, optional, text, time, wholeNumber } from './claims.ts'

/** The one event of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). */
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** Never there at run time: it keeps the claims of two kinds apart for the compiler where their members would not. */
declare const kind: unique symbol

export interface CommonClaims {
  [kind]?: string
  iss: string
  /** Seconds since 1970. */
  iat: number
  /** Seconds since 1970. */
  exp: number
}

/** Declared once: to issue or to verify is to name the kind, so that no token can pass for one of another kind (RFC 8725 §3.12). */
export interface TokenKind<Claims extends CommonClaims> {
  readonly name: string
  /** The header's `typ`, compared without case and without `application/`. */
  readonly typ: string
  /** ID tokens of other providers carry no `typ`, or a vague one; an explicit `…+jwt` that is not ours is refused all the same. */
  readonly typMayBeAbsent?: boolean
  /** Whether `aud` must hold the verifier's audience. */
  readonly hasAudience: boolean
  /** The longest time between `iat` and now. */
  readonly maxAgeSeconds: number
  /** A hint about the past, such as `id_token_hint`, may have expired. */
  readonly mayBeExpired?: boolean
  /** The longest text that is read at all; 8192 if not said. */
  readonly mostCharacters?: number
  /** HS256 and nothing else, since issuer and verifier are one party. Any other kind is signed with an asymmetric key. */
  readonly isOneParty?: boolean
  readonly claims: { readonly [Name in keyof Claims & string]-?: ClaimCheck<Claims[Name]> }
  /** What must hold between claims that are each as declared. */
  isComplete?(claims: Claims): boolean
}

/** Declares a kind of token of your own. */
export function defineToken<Claims extends CommonClaims>(kind: TokenKind<Claims>): TokenKind<Claims> {
  return Object.freeze(kind)
}

const common = { iss: text(), iat: time, exp: time }

export interface StatusReference {
  /** Place in the list. */
  idx: number
  uri: string
}

/** RFC 9068 §2.2, and a reference into the status list that makes it revocable. */
export interface AccessTokenClaims extends CommonClaims {
  [kind]?: 'access token'
  sub: string
  aud: string | string[]
  client_id: string
  jti: string
  scope?: string
  sid?: string
  auth_time?: number
  acr?: string
  status?: { status_list: StatusReference }
}

export const statusReference = (value: unknown): value is { status_list: StatusReference } =>
  isObject(value) &&
  isObject(value.status_list) &&
  wholeNumber(value.status_list.idx) &&
  text(2048)(value.status_list.uri)

export const AccessToken = defineToken<AccessTokenClaims>({
  name: 'access token',
  typ: 'at+jwt',
  hasAudience: true,
  maxAgeSeconds: 900,
  claims: {
    ...common,
    sub: text(),
    aud: audiences,
    client_id: text(),
    jti: text(),
    scope: optional(text(2048)),
    sid: optional(text()),
    auth_time: optional(time),
    acr: optional(text()),
    status: optional(statusReference),
  },
})

/** OpenID Connect Core 1.0 §2, with the personal claims that a client may ask to find in it. */
export interface IdTokenClaims extends CommonClaims {
  [kind]?: 'ID token'
  sub: string
  aud: string | string[]
  nonce?: string
  auth_time?: number
  acr?: string
  azp?: string
  sid?: string
  at_hash?: string
  name?: string
  email?: string
  email_verified?: boolean
}

const idToken = {
  typ: 'JWT',
  typMayBeAbsent: true,
  hasAudience: true,
  maxAgeSeconds: 86_400,
  claims: {
    ...common,
    sub: text(),
    aud: audiences,
    nonce: optional(text(1024)),
    auth_time: optional(time),
    acr: optional(text()),
    azp: optional(text()),
    sid: optional(text()),
    at_hash: optional(text()),
    name: optional(text()),
    email: optional(text()),
    email_verified: optional(flag),
  },
}

export const IdToken = defineToken<IdTokenClaims>({ ...idToken, name: 'ID token' })

export interface IdTokenHintClaims extends Omit<IdTokenClaims, typeof kind> {
  [kind]?: 'ID token hint'
}

/** An ID token shown as `id_token_hint`: genuine, but it may have expired (OpenID Connect RP-Initiated Logout 1.0 §2). */
export const IdTokenHint = defineToken<IdTokenHintClaims>({
  ...idToken,
  name: 'ID token hint',
  mayBeExpired: true,
  maxAgeSeconds: 366 * 86_400,
})

export interface LogoutTokenClaims extends CommonClaims {
  [kind]?: 'logout token'
  aud: string | string[]
  jti: string
  events: Record<string, unknown>
  sub?: string
  sid?: string
  nonce?: undefined
}

const logoutEvents = (value: unknown): value is Record<string, unknown> =>
  isObject(value) && isObject(value[LOGOUT_EVENT])

/**
 * OpenID Connect Back-Channel Logout 1.0 §2.4: about a `sub`, a `sid` or both. A `nonce` is forbidden, so that no ID token can
 * pass for it.
 */
export const LogoutToken = defineToken<LogoutTokenClaims>({
  name: 'logout token',
  typ: 'logout+jwt',
  hasAudience: true,
  maxAgeSeconds: 300,
  claims: {
    ...common,
    aud: audiences,
    jti: text(),
    events: logoutEvents,
    sub: optional(text()),
    sid: optional(text()),
    nonce: (value): value is undefined => value === undefined,
  },
  isComplete: ({ sub, sid }) => sub !== undefined || sid !== undefined,
})

export interface StatusListClaims extends CommonClaims {
  [kind]?: 'status list'
  /** The address of the list itself. */
  sub: string
  /** How many seconds a copy may be used before it is fetched again. */
  ttl?: number
  status_list: { bits: number; lst: string }
}

const statusList = (value: unknown): value is { bits: number; lst: string } =>
  isObject(value) && [1, 2, 4, 8].some((bits) => bits === value.bits) && text(4_000_000)(value.lst)

/** Token Status List (draft-21, awaiting publication) §5.1. */
export const StatusListToken = defineToken<StatusListClaims>({
  name: 'status list',
  typ: 'statuslist+jwt',
  hasAudience: false,
  maxAgeSeconds: 86_400,
  mostCharacters: 6_000_000,
  claims: { ...common, sub: text(2048), ttl: optional(time), status_list: statusList },
})

/** What a server sends to itself, once, in a form or a link: HS256, because the two ends are one party. */
export interface ActionTokenClaims extends CommonClaims {
  [kind]?: 'action token'
  aud: string
  jti: string
  /** What may be done with it. */
  act: string
  /** Whose action it is, where there is an account. */
  sub?: string
  /** SHA-256 of a browser's own secret, such as a cookie: the token is useless in another browser. */
  bound?: string
}

export const ActionToken = defineToken<ActionTokenClaims>({
  name: 'action token',
  typ: 'action+jwt',
  hasAudience: true,
  isOneParty: true,
  maxAgeSeconds: 86_400,
  claims: {
    ...common,
    aud: text(),
    jti: text(),
    act: text(),
    sub: optional(text()),
    bound: optional(text()),
  },
})
