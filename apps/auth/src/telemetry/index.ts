import type { Tracer } from '@grove/traces'
import type { AnsweredRequest, Telemetry } from '../domain/telemetry.ts'
import { createLog, type Level } from './log.ts'
import { createMetrics } from './metrics.ts'

export interface TelemetryOptions {
  level: Level
  /** Memory, CPU and event loop of this process too. */
  hasProcessMetrics?: boolean
  /** Takes the lines in place of standard output and standard error. */
  write?: (line: string) => void
  /** Lines name the trace that they belong to, and the spans of requests say how they ended. */
  tracer?: Tracer | undefined
}

// Balancers and Prometheus ask for these every few seconds: that all is well is no news.
const PROBED: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

/** Logs and counts what happens. */
export function createTelemetry({
  level,
  hasProcessMetrics = false,
  write,
  tracer,
}: TelemetryOptions): Telemetry {
  const log = createLog(level, write, tracer && (() => traceOf(tracer)))
  const metrics = createMetrics(hasProcessMetrics)
  return {
    answered(request) {
      metrics.answered(request)
      if (tracer) describe(tracer, request)
      const { status, ...rest } = request
      const level = PROBED.has(request.route) && status === 200 ? 'debug' : 'info'
      log[level]({ ...rest, status, ms: Math.round(request.ms * 10) / 10 }, 'request')
    },
    happened(event) {
      metrics.happened(event)
      // Reuse of what works once means a thief, a withdrawn key a leak.
      if (/\.(reused|failed)$|^key\.withdrawn$/.test(event.type)) log.warn(event, 'event')
      else log.info(event, 'event')
    },
    issued(grantType) {
      metrics.issued(grantType)
      tracer?.present()?.set({ 'oauth.grant_type': grantType })
    },
    refreshed(outcome) {
      metrics.refreshed(outcome)
      tracer?.present()?.set({ 'grove.outcome': outcome })
    },
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

/** As the conventions for log lines have it (OpenTelemetry, "Trace Context in non-OTLP Log Formats"). */
function traceOf(tracer: Tracer): { trace_id?: string } {
  const span = tracer.present()
  return span ? { trace_id: span.traceId } : {}
}

/** The span of a request that is answered in it. */
function describe(tracer: Tracer, { method, route, status, clientId }: AnsweredRequest): void {
  const span = tracer.present()
  const isKnown = route !== 'none'
  if (isKnown) span?.rename(`${method} ${route}`)
  span?.set({
    'http.response.status_code': status,
    ...(isKnown && { 'http.route': route }),
    ...(clientId !== undefined && { 'oauth.client_id': clientId }),
  })
}
