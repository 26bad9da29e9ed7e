import type { Account } from './accounts.ts'

// RFC 9700 §4.14.2. Shorter than a login, so that a token that was left lying somewhere does not outlast a day's work; a client that
// comes later is one silent redirect away from another grant.
const UNUSED_SECONDS = 4 * 3_600

/** A grant that last gave tokens at this moment, or before, gives none any more. */
export function unusedSince(now: Date): Date {
  return new Date(now.getTime() - UNUSED_SECONDS * 1000)
}

/**
 * What a person's login gave one client: one row for each redeemed code. Its `id` is the `jti` of the code; its integer key
 * `index` is its present place in the status list. It leaves that for another one when its tokens have to say something new; a row
 * that was revoked at that moment stays behind at the old place.
 */
export interface Grant {
  index: number
  id: string
  sessionId: string
  account: Account
  clientId: string
  scope: string
  /** Audiences of its access tokens. */
  resources: string[]
  /** `auth_time` of the login it came from; a refresh does not renew it. */
  authenticatedAt: Date
  loginClientId: string | null
  generation: number
  /** Rotation does not move it. */
  expiresAt: Date
  /** Claims asked for one by one, at userinfo and in ID tokens. */
  claims: { userinfo: string[]; idToken: string[] }
  /** Thumbprint of the key that its refresh tokens are bound to, if any (RFC 9449 §5). */
  boundTo: string | undefined
}

export interface NewGrant {
  id: string
  sessionId: string
  clientId: string
  scope: string
  resources: string[]
  authenticatedAt: Date
  claims?: { userinfo: string[]; idToken: string[] } | undefined
  boundTo?: string | undefined
}

export type RedeemOutcome =
  | { outcome: 'redeemed'; grant: Grant }
  /** The code was redeemed before: that grant is revoked now (RFC 6749 §4.1.2), with a `code.reused` event. */
  | { outcome: 'used' }
  /** The session ended between login and redemption. */
  | { outcome: 'session_ended' }

export interface PresentedRefresh {
  grantId: string
  generation: number
  clientId: string
  /** Thumbprint of the key that was proved. */
  boundTo?: string | undefined
}

export type RotateOutcome =
  | { outcome: 'rotated'; grant: Grant }
  /** The token before the current one, within the grace: the same successor again, so a lost answer is harmless. */
  | { outcome: 'replayed'; grant: Grant }
  /** An older generation, or the previous one after the grace: the grant is revoked now, with a `refresh.reused` event. */
  | { outcome: 'reused' }
  /** No such grant, another client's, bound to another key, revoked, expired or unused for too long: nothing changed. */
  | { outcome: 'unknown' }

export interface GrantStore {
  /**
   * Inserts the grant if its session lives and nobody inserted it before: of fifty callers one wins. One statement, no
   * transaction; the grant ends with its session. HOT.
   */
  redeem(grant: NewGrant, now: Date): Promise<RedeemOutcome>
  /** Compare and set on the generation: one conditional UPDATE. HOT. */
  rotate(presented: PresentedRefresh, now: Date, graceSeconds: number): Promise<RotateOutcome>
  /** Revokes a grant of this client, with a `grant.revoked` event; `false` if there was nothing alive to revoke. */
  revoke(grantId: string, clientId: string, now: Date): Promise<boolean>
  /** The live grant whose refresh token is good still, for one that is presented to the provider itself. */
  find(grantId: string, now: Date): Promise<Grant | undefined>
  /** Whether the grant at this index is live: for `/userinfo`, which has the access token only. */
  findByIndex(index: number, now: Date): Promise<Grant | undefined>
  /** Live grants of a client with a higher index than this one, the lowest first. A few hundred at a time: none is the end. */
  living(
    whose: { clientId: string; after: number },
    now: Date,
  ): Promise<{ index: number; sessionId: string }[]>
  /** Indices in `[from, to)` revoked at or after `since`. */
  revokedSince(since: Date, from: number, to: number): Promise<number[]>
}
