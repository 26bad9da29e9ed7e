/** What may stand in the audit log: a closed list, and never a secret. Facts with a row are written in that row's transaction. */
export type AuditEvent =
  | { type: 'login.succeeded'; accountId: string; sessionId: string; clientId: string | null }
  | {
      type: 'login.failed'
      reason: 'unknown_account' | 'wrong_password'
      clientId: string | null
      accountId?: string
    }
  | { type: 'session.ended'; accountId: string; sessionId: string }
  | {
      type: 'code.reused' | 'refresh.reused' | 'grant.revoked' | 'grant.reissued'
      grantId: string
      clientId: string
      accountId: string
    }
  | { type: 'logout.delivered'; sessionId: string; clientId: string; accountId: string }
  | { type: 'logout.failed'; sessionId: string; clientId: string; accountId: string; reason: string }
  /** `registration.repeated`: somebody wanted to register an email that has an account. `password.set`: by an operator. */
  | {
      type: 'account.registered' | 'registration.repeated' | 'claims.changed' | 'password.set'
      accountId: string
    }
  | { type: 'password.changed'; accountId: string; sessionId: string }
  | { type: 'consent.given' | 'consent.withdrawn'; accountId: string; clientId: string }
  | { type: 'key.created' | 'key.promoted' | 'key.retired' | 'key.dropped' | 'key.withdrawn'; keyId: string }
  /** `reason`: when its backup was made. */
  | { type: 'database.restored'; reason: string }

/** What happened to an account, as its person may read it. */
export interface AccountEvent {
  type: AuditEvent['type']
  at: Date
  clientId: string | null
}

export interface AuditLog {
  /** The newest first. */
  ofAccount(accountId: string, limit: number): Promise<AccountEvent[]>
  write(event: AuditEvent, at: Date): Promise<void>
}
