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
  /** Something went wrong that nobody was told the reason of. */
  failed(what: string, error: unknown): void
  /** All that was counted, in the text format of Prometheus. */
  metrics(): Promise<string>
}
