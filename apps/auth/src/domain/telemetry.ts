import type { AuditEvent } from './audit.ts'
import type { GrantType } from './clients.ts'
import type { RotateOutcome } from './grants.ts'
import type { LimitName } from './rate-limits.ts'

/** A request that was answered. Nothing of it is free text from outside: names are known ones, and there is no value. */
export interface AnsweredRequest {
  requestId: string
  method: string
  /** As in the route table, such as `/status/:list`; `none` where there is none. */
  route: string
  status: number
  ms: number
  /** Only a registered one. */
  clientId: string | undefined
  /** Names of parameters that this server knows. */
  parameters: readonly string[]
}

/** What an operator sees of this server: a port, told of what happened, that never asks anything. */
export interface Telemetry {
  answered(request: AnsweredRequest): void
  /** A fact of the audit log, once it is written. */
  happened(event: AuditEvent): void
  issued(grantType: GrantType): void
  refreshed(outcome: RotateOutcome['outcome']): void
  limited(rule: LimitName): void
  /** Something went wrong that nobody was told the reason of: `request` and its id, `job` and its name, or another thing that is done here. */
  failed(what: string, error: unknown): void
  /** All that was counted, and what was read at this moment, in the text format of Prometheus. */
  metrics(read: Readings): Promise<string>
}

/** What nobody counts, since it can be asked. */
export interface Readings {
  /** How long the database took to answer one question; `undefined`: it did not. */
  databaseSeconds: number | undefined
  /** Logouts that clients are owed, and were not told of so far. */
  logoutsDue: number | undefined
  /** For how long the present key of each algorithm has been signing. */
  keyAgeSeconds: ReadonlyMap<string, number>
}
