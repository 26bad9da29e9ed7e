import type { PendingLogout } from './sessions.ts'

export type DeliveryOutcome =
  | { outcome: 'delivered' }
  /** `retryAt: null` gives up; the client then learns it from the status list or its next refresh. */
  | { outcome: 'failed'; reason: string; retryAt: Date | null }

export interface LogoutStore {
  /**
   * Claims deliveries that are due: each is handed to one caller only, and is due again at `claimedUntil` if that caller dies.
   */
  claimDue(now: Date, claimedUntil: Date, limit: number): Promise<PendingLogout[]>
  /** Counts one attempt and records how it ended; writes `logout.delivered` or `logout.failed` to the audit log with it. */
  record(deliveryId: number, outcome: DeliveryOutcome, now: Date): Promise<void>
  /** How many are neither delivered nor given up. */
  countDue(): Promise<number>
  /** What became of the deliveries of one session, for the page that shows it. */
  ofSession(sessionId: string): Promise<{ clientId: string; delivered: boolean }[]>
}
