import type { AccountStore } from './accounts.ts'
import type { AuditLog } from './audit.ts'
import type { ConsentStore } from './consents.ts'
import type { GrantStore } from './grants.ts'
import type { LogoutStore } from './logouts.ts'
import type { RateLimitStore } from './rate-limits.ts'
import type { SessionStore } from './sessions.ts'
import type { SigningKeyStore } from './signing-keys.ts'
import type { UsedTokens } from './used-tokens.ts'

/**
 * The database was not to be had for too long: locked by another process, all connections taken, its disk full, or away. A later try may
 * succeed.
 * Nothing was changed, except perhaps where a connection was lost between the statement and its answer.
 */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError'

  constructor(cause: unknown) {
    super('The database is busy, full or away', { cause })
  }
}

/** Everything the rules need to remember, port by port. One implementation, composed in `main.ts`. */
export interface Store {
  accounts: AccountStore
  consents: ConsentStore
  sessions: SessionStore
  grants: GrantStore
  logouts: LogoutStore
  keys: SigningKeyStore
  rateLimits: RateLimitStore
  audit: AuditLog
  /** Spent `jti`s of one-use tokens. */
  usedTokens: UsedTokens
  /** Removes what has expired, in batches; returns how many rows went. */
  sweep(now: Date): Promise<number>
  /** Answers if the database does; for `/readyz`. */
  ping(): Promise<void>
  close(): Promise<void>
}
