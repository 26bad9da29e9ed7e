import type { Account } from './accounts.ts'

/** A browser's login at the provider. Its id is the `sid` of tokens; the cookie is `id.secret`, and only the secret's hash is stored. */
export interface Session {
  id: string
  secretHash: string
  account: Account
  /** When the person last proved who they are (`auth_time`). */
  authenticatedAt: Date
  /** The client whose login page the password was typed on. */
  loginClientId: string | null
  expiresAt: Date
}

/** A browser that is logged in, and the clients that hold a grant of that login: one row of the account page. */
export interface Device {
  sessionId: string
  /** In plain words, if the browser said what it is. */
  device: string | null
  authenticatedAt: Date
  loginClientId: string | null
  expiresAt: Date
  clientIds: string[]
}

/** What a login that was just proved puts into its session. */
export interface ProvedLogin {
  secretHash: string
  authenticatedAt: Date
  loginClientId: string | null
  /** What the password was proved against. It is not stored: the login counts only while the account still has it. */
  passwordHash: string
}

export interface NewSession extends ProvedLogin {
  id: string
  accountId: string
  device?: string | null
  expiresAt: Date
}

export interface SessionStore {
  /**
   * Stores the session and its `login.succeeded` event in one transaction. `false`: the password was changed since it was proved, or
   * the account disabled.
   */
  start(session: NewSession): Promise<boolean>
  /** Only a live one: not ended, not expired, its account not disabled. One statement; gathered when hot. */
  find(sessionId: string, now: Date): Promise<Session | undefined>
  /**
   * A fresh login in the same browser by the same account: new secret, new `authenticatedAt`, same `sid`, so that the other
   * sites stay logged in. `false`: the session is no longer live, or the password was changed since it was proved.
   */
  renew(sessionId: string, login: ProvedLogin, now: Date): Promise<boolean>
  /**
   * Ends the session, revokes its grants, writes one pending logout delivery for each client of `tell` that holds a grant of
   * it, and the `session.ended` event: one transaction. Ending it twice is harmless and writes nothing.
   * Returns the deliveries it wrote.
   */
  end(sessionId: string, tell: ReadonlySet<string>, now: Date): Promise<PendingLogout[]>
  /**
   * Ids of live sessions after this one, in an order of their own; of one account, or of all. A few hundred at a time: none is
   * the end.
   */
  living(whose: { accountId?: string | undefined; after: string }, now: Date): Promise<string[]>
  /** The live sessions of an account with their live grants, the newest login first. */
  ofAccount(accountId: string, now: Date): Promise<Device[]>
  /**
   * Signs one session out of one client: its live grants there are revoked, with their events, and the client is owed a logout if it
   * is in `tell`. One transaction. `false`: there was nothing alive.
   */
  leave(sessionId: string, clientId: string, tell: ReadonlySet<string>, now: Date): Promise<boolean>
}

/** A back-channel logout that is owed to a client (OpenID Connect Back-Channel Logout 1.0). */
export interface PendingLogout {
  id: number
  sessionId: string
  accountId: string
  clientId: string
  attempts: number
}
