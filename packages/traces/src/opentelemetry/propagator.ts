import { randomBytes } from 'node:crypto'
import { type TextMapPropagator, TraceFlags, trace } from '@opentelemetry/api'
import { readTraceparent, writeTraceparent } from '../traceparent.ts'

/**
 * How a framework takes up `traceparent` from the headers of a request (W3C Trace Context §3.2). Browsers and crawlers cannot join
 * traces: it counts where a program brings a token (`Authorization`), and where this very process wrote it. Next hands a request from
 * its proxy to its page in that way.
 */
export function createPropagator(): TextMapPropagator {
  const ourselves = `grove=${randomBytes(12).toString('hex')}`
  return {
    fields: () => ['traceparent', 'tracestate'],
    inject(context, carrier, setter) {
      const span = trace.getSpanContext(context)
      if (!span) return
      const { traceId, spanId, traceFlags } = span
      const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0
      setter.set(carrier, 'traceparent', writeTraceparent({ traceId, spanId, isSampled }))
      setter.set(carrier, 'tracestate', ourselves)
    },
    extract(context, carrier, getter) {
      const header = (name: string) => {
        const value = getter.get(carrier, name)
        return typeof value === 'string' ? value : undefined
      }
      if (header('tracestate') !== ourselves && !header('authorization')) return context
      const found = readTraceparent(header('traceparent'))
      if (!found) return context
      const { traceId, spanId, isSampled } = found
      const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE
      return trace.setSpanContext(context, { traceId, spanId, traceFlags, isRemote: true })
    },
  }
}
