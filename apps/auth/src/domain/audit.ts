/** What may stand in the audit log: a closed list, and never a secret. Facts with a row are written in that row's transaction. */
export type AuditEvent =
  | { type: 'login.succeeded'; accountId: string; sessionId: string; clientId: string | null }
  | { type: 'login.failed'; reason: 'unknown_account' | 'wrong_password'; clientId: string | null }
  | { type: 'session.ended'; accountId: string; sessionId: string }
  | { type: 'code.reused'; grantId: string; clientId: string }
  | { type: 'refresh.reused'; grantId: string; clientId: string }
  | { type: 'grant.revoked'; grantId: string; clientId: string }
  | { type: 'logout.delivered'; sessionId: string; clientId: string }
  | { type: 'logout.failed'; sessionId: string; clientId: string; reason: string }
  | { type: 'key.created' | 'key.promoted' | 'key.retired' | 'key.dropped'; keyId: string }

export interface AuditLog {
  write(event: AuditEvent, at: Date): Promise<void>
}
