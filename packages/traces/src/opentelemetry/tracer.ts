import {
  context,
  type Link,
  type Span as OpenTelemetrySpan,
  type Tracer as OpenTelemetryTracer,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { readTraceparent, writeTraceparent } from '../traceparent.ts'
import type { Span, SpanStart, Tracer } from '../tracer.ts'

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const

/** Our port over OpenTelemetry's. */
export function createTracer(tracer: OpenTelemetryTracer): Tracer {
  return {
    async trace(start, work) {
      const within = contextOf(start)
      const { name, kind, attributes, links = [] } = start
      const options = { kind: KINDS[kind], attributes: { ...attributes }, links: links.flatMap(toLink) }
      const span = tracer.startSpan(name, options, within)
      try {
        return await context.with(trace.setSpan(within, span), () => work(toSpan(span)))
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR })
        if (error instanceof Error) span.setAttribute('error.type', error.name)
        throw error
      } finally {
        span.end()
      }
    },
    present() {
      const span = trace.getActiveSpan()
      return span && trace.isSpanContextValid(span.spanContext()) ? toSpan(span) : undefined
    },
    apart: (work) => context.with(ROOT_CONTEXT, work),
  }
}

function contextOf({ parent }: SpanStart) {
  if (parent === undefined) return context.active()
  const remote = parent === null ? undefined : remoteOf(parent)
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT
}

function remoteOf(traceparent: string): SpanContext | undefined {
  const found = readTraceparent(traceparent)
  if (!found) return undefined
  const { traceId, spanId, isSampled } = found
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true }
}

function toLink(traceparent: string): Link[] {
  const remote = remoteOf(traceparent)
  return remote ? [{ context: remote }] : []
}

function toSpan(span: OpenTelemetrySpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    traceId,
    traceparent: writeTraceparent({ traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 }),
    rename: (name) => span.updateName(name),
    set(attributes) {
      span.setAttributes({ ...attributes })
      if ((attributes['http.response.status_code'] ?? 0) >= 500)
        span.setStatus({ code: SpanStatusCode.ERROR })
    },
  }
}
