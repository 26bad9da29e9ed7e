import type { Attributes } from '@opentelemetry/api'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'

type Rule = RegExp | 'number'

const METHOD = /^[A-Z]{1,10}$/
const WORD = /^[\w.]{1,64}$/
// No query, no email and no JWT fits into these.
const ROUTE = /^\/[\w/:.*[\]()-]{0,119}$/
const NAME = /^[\w ./:*[\]()-]{1,120}$/

/** The attributes that leave this process, and what their values look like. Frameworks and libraries write others, with addresses in them. */
const ALLOWED: Readonly<Record<string, Rule>> = {
  'http.request.method': METHOD,
  'http.route': ROUTE,
  'http.response.status_code': 'number',
  'server.address': /^[\w.:[\]-]{1,255}$/,
  'db.system.name': WORD,
  'db.operation.name': WORD,
  'db.collection.name': WORD,
  'db.operation.batch.size': 'number',
  'oauth.client_id': /^[\w.-]{1,64}$/,
  'oauth.grant_type': WORD,
  'grove.outcome': WORD,
  'error.type': WORD,
  'next.span_type': WORD,
}

/** What Next still writes under the names of before. */
const TODAY: Readonly<Record<string, string>> = {
  'http.method': 'http.request.method',
  'http.status_code': 'http.response.status_code',
  'next.route': 'http.route',
}

// An exporter's answer for good and for bad (`ExportResultCode` of OpenTelemetry's core).
const FAILED = 1

/**
 * The last gate before spans leave: what is not allowed is not sent, whoever recorded it. The words of errors, events, states and the
 * attributes of links go altogether.
 */
export function exportAllowed(exporter: SpanExporter, failed: (reason: string) => void): SpanExporter {
  let isFailing = false
  return {
    export(spans, done) {
      exporter.export(spans.map(onlyAllowed), (result) => {
        if (result.code === FAILED && !isFailing) failed(result.error?.message ?? 'no reason was given')
        isFailing = result.code === FAILED
        done(result)
      })
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  }
}

/** A span with the same ids and times. */
export function onlyAllowed(span: ReadableSpan): ReadableSpan {
  const attributes = allowedOf(span.attributes)
  return {
    name: nameOf(span, attributes),
    attributes,
    kind: span.kind,
    spanContext: () => withoutState(span.spanContext()),
    ...(span.parentSpanContext && { parentSpanContext: withoutState(span.parentSpanContext) }),
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    status: { code: span.status.code },
    links: span.links.map(({ context }) => ({ context: withoutState(context) })),
    events: [],
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

function allowedOf(attributes: Attributes): Attributes {
  const pairs = Object.entries(attributes).flatMap(([given, value]) => {
    const name = TODAY[given] ?? given
    const rule = Object.hasOwn(ALLOWED, name) ? ALLOWED[name] : undefined
    return rule && fits(value, rule) ? [[name, value] as const] : []
  })
  return Object.fromEntries(pairs)
}

function fits(value: unknown, rule: Rule): boolean {
  return rule === 'number' ? typeof value === 'number' : typeof value === 'string' && rule.test(value)
}

/** Next writes addresses into names, so those of its spans are made here: of the route, or else of what it was doing. */
function nameOf({ name, instrumentationScope }: ReadableSpan, attributes: Attributes): string {
  const { 'http.request.method': method, 'http.route': route, 'next.span_type': type } = attributes
  if (instrumentationScope.name !== 'next.js') return NAME.test(name) ? name : 'unnamed'
  if (type === 'BaseServer.handleRequest') return [method, route].filter(Boolean).join(' ')
  return [type ?? 'unnamed', route].filter(Boolean).join(' ')
}

function withoutState<Context extends { traceState?: unknown }>({ traceState: _, ...ids }: Context) {
  return ids
}
