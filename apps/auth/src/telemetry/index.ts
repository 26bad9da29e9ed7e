import type { Telemetry } from '../domain/telemetry.ts'
import { createLog, type Level } from './log.ts'
import { createMetrics } from './metrics.ts'

export interface TelemetryOptions {
  level: Level
  /** Memory, CPU and event loop of this process too. */
  hasProcessMetrics?: boolean
  /** Takes the lines in place of standard output and standard error. */
  write?: (line: string) => void
}

/** Logs and counts what happens. */
export function createTelemetry({ level, hasProcessMetrics = false, write }: TelemetryOptions): Telemetry {
  const log = createLog(level, write)
  const metrics = createMetrics(hasProcessMetrics)
  return {
    answered(request) {
      metrics.answered(request)
      const { status, ...rest } = request
      log.info({ ...rest, status, ms: Math.round(request.ms * 10) / 10 }, 'request')
    },
    happened(event) {
      metrics.happened(event)
      // Reuse of what works once means a thief, a withdrawn key a leak.
      if (/\.(reused|failed)$|^key\.withdrawn$/.test(event.type)) log.warn(event, 'event')
      else log.info(event, 'event')
    },
    issued: metrics.issued,
    refreshed: metrics.refreshed,
    limited(rule) {
      metrics.limited(rule)
      log.warn({ rule }, 'limited')
    },
    failed(what, error) {
      metrics.failed(what)
      log.error({ what, err: error }, 'failed')
    },
    metrics: metrics.metrics,
  }
}
