/** The standard claims of a person (OpenID Connect Core 1.0 §5.1), as the provider keeps them. `sub` is the account's id. */
export interface StandardClaims {
  name?: string
  given_name?: string
  family_name?: string
  middle_name?: string
  nickname?: string
  preferred_username?: string
  profile?: string
  picture?: string
  website?: string
  gender?: string
  birthdate?: string
  zoneinfo?: string
  locale?: string
  phone_number?: string
  phone_number_verified?: boolean
  email_verified?: boolean
  address?: Record<string, string>
  updated_at?: number
  /** What the person may do at the company's sites. Not of OpenID: the name is that of RFC 9068 §2.2.3.1. */
  roles?: string[]
}

export interface Account {
  id: string
  /** Lower case; the only name a person logs in with. */
  email: string
  claims: StandardClaims
}

export interface AccountWithPassword extends Account {
  /** Argon2id in PHC form. */
  passwordHash: string
}

export interface AccountStore {
  /** A disabled account is not found. */
  findByEmail(email: string): Promise<AccountWithPassword | undefined>
  /** Which of these ids are taken, so that a seed hashes only passwords it will store. */
  existing(accountIds: string[]): Promise<Set<string>>
  /** Adds accounts; one whose id or email is taken stays as it is. Returns how many were added. */
  addMissing(accounts: AccountWithPassword[]): Promise<number>
  /**
   * Adds an account unless its email is taken: of fifty callers one adds it. Either way one event is written, so that the work and
   * its time are the same.
   */
  register(account: AccountWithPassword, now: Date): Promise<void>
  /**
   * Changes the password if it still is the one that was proved, keeps one session under a new secret, and ends all others as a
   * logout does: one transaction, with a `password.changed` event. `false`: the password was changed meanwhile, or the session is over.
   */
  changePassword(change: PasswordChange, tell: ReadonlySet<string>, now: Date): Promise<boolean>
  /**
   * Gives the account a password that an operator chose, and ends all of its sessions as a logout does: one transaction, with a
   * `password.set` event. Returns how many sessions that were; `undefined`: there is no such account.
   */
  setPassword(
    email: string,
    passwordHash: string,
    tell: ReadonlySet<string>,
    now: Date,
  ): Promise<number | undefined>
  /**
   * Changes claims, takes away those that are `null`, and moves each live grant to another place in the status list, where its next
   * tokens stand: those of before are void at once, and say what is not so any more. One transaction, with a `claims.changed` event
   * and a `grant.reissued` for each. Returns how many grants that were; `undefined`: there is no such account.
   */
  changeClaims(
    email: string,
    change: Readonly<Record<string, unknown>>,
    now: Date,
  ): Promise<number | undefined>
}

export interface PasswordChange {
  accountId: string
  /** Hashes. */
  from: string
  to: string
  keep: { sessionId: string; secretHash: string }
}

/** Emails are compared without case and surrounding space. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase()
}
