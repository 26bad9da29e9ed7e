import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { startTraces } from '../opentelemetry/index.ts'
import { writeTraceparent } from '../traceparent.ts'
import type { Tracer } from '../tracer.ts'

/** A span as it would be sent. */
export interface SentSpan {
  name: string
  kind: string
  traceId: string
  spanId: string
  parentId: string | undefined
  /** `traceparent`s. */
  links: string[]
  attributes: Readonly<Record<string, unknown>>
  hasFailed: boolean
}

export interface CollectedTraces {
  tracer: Tracer
  /** Ends the recording, for all of this process, and returns what was recorded, in the order in which it ended. */
  end(): Promise<SentSpan[]>
}

/** Records real traces, and keeps them in place of sending them. One at a time: what it registers is the process's. */
export function collectTraces(): CollectedTraces {
  const sent: ReadableSpan[] = []
  const traces = startTraces({
    serviceName: 'test',
    env: {},
    failed: () => {},
    exporter: {
      export(spans, done) {
        sent.push(...spans)
        done({ code: 0 })
      },
      shutdown: async () => {},
    },
  })
  return {
    tracer: traces.tracer,
    async end() {
      await traces.stop()
      for (const api of [trace, context, propagation]) api.disable()
      return sent.map(toSent)
    },
  }
}

function toSent({
  name,
  kind,
  spanContext,
  parentSpanContext,
  links,
  attributes,
  status,
}: ReadableSpan): SentSpan {
  const { traceId, spanId } = spanContext()
  return {
    name,
    kind: SpanKind[kind].toLowerCase(),
    traceId,
    spanId,
    parentId: parentSpanContext?.spanId,
    links: links.map(({ context: { traceId, spanId, traceFlags } }) =>
      writeTraceparent({ traceId, spanId, isSampled: traceFlags === 1 }),
    ),
    attributes,
    hasFailed: status.code === SpanStatusCode.ERROR,
  }
}
