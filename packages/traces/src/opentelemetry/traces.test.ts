import { createHash } from 'node:crypto'
import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'
import { InMemorySpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readTraceparent } from '../traceparent.ts'
import { startTraces, type Traces } from './index.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const PARENT = `00-${TRACE}-${SPAN}-01`

let sent: ReadableSpan[]
let failures: string[]
let traces: Traces

/** Keeps what is sent, as it would be on the wire. */
function keeping(): SpanExporter {
  const memory = new InMemorySpanExporter()
  return {
    export(spans, done) {
      sent.push(...spans)
      memory.export(spans, done)
    },
    shutdown: () => memory.shutdown(),
  }
}

function start(env: Record<string, string> = {}, exporter: SpanExporter = keeping()): void {
  traces = startTraces({ serviceName: 'test', env, exporter, failed: (reason) => failures.push(reason) })
}

beforeEach(() => {
  sent = []
  failures = []
})
afterEach(async () => {
  await traces.stop()
  for (const api of [trace, context, propagation]) api.disable()
})

const idOf = (n: number) => createHash('sha256').update(String(n)).digest('hex').slice(0, 32)
const named = (name: string) => sent.find((span) => span.name === name)

describe('a tree of spans', () => {
  test('what is done within a span is part of it, also after it was waited for', async () => {
    start()
    const { tracer } = traces
    await tracer.trace({ name: 'outer', kind: 'server', parent: PARENT }, async (outer) => {
      expect(outer.traceId).toBe(TRACE)
      await new Promise((resolve) => setImmediate(resolve))
      expect(tracer.present()?.traceparent).toBe(outer.traceparent)
      await tracer.trace({ name: 'inner', kind: 'client' }, async () => {})
      await tracer.trace(
        { name: 'aside', kind: 'client', parent: null, links: [PARENT, 'none'] },
        async () => {},
      )
      expect(tracer.apart(() => tracer.present())).toBeUndefined()
    })
    expect(tracer.present()).toBeUndefined()
    await traces.stop()
    const outer = named('outer')
    expect(outer?.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: SPAN })
    expect(named('inner')?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId)
    const aside = named('aside')
    expect(aside?.parentSpanContext).toBeUndefined()
    expect(aside?.spanContext().traceId).not.toBe(TRACE)
    expect(aside?.links.map(({ context: { traceId, spanId } }) => [traceId, spanId])).toEqual([[TRACE, SPAN]])
  })

  test('an error and a status of 500 mark a span as failed; the words of the error stay here', async () => {
    start()
    const fail = () => Promise.reject(new TypeError('the password is wonderland'))
    await expect(traces.tracer.trace({ name: 'a', kind: 'internal' }, fail)).rejects.toThrow('wonderland')
    await traces.tracer.trace({ name: 'b', kind: 'server' }, async (span) => {
      span.rename('GET /b')
      span.set({ 'http.response.status_code': 500 })
    })
    await traces.stop()
    expect(named('a')).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.type': 'TypeError' },
      events: [],
    })
    expect(named('GET /b')?.status).toEqual({ code: 2 })
    expect(
      JSON.stringify(sent.map(({ name, attributes, status }) => [name, attributes, status])),
    ).not.toMatch(/wonderland/)
  })
})

describe('what leaves the process', () => {
  const SECRET = 'code=eyJhbGciOiJkaXIi'

  /** As Next does it, under its name and with its attributes. */
  function nextSays(name: string, attributes: Record<string, string | number>): void {
    const span = trace.getTracer('next.js').startSpan(name, { attributes, links: [] })
    span.updateName(name)
    span.recordException(new Error(SECRET))
    span.addEvent(SECRET, { 'http.url': SECRET })
    span.setStatus({ code: 2, message: SECRET })
    span.end()
  }

  test('of the spans of Next the route and the status, and never an address', async () => {
    start()
    const type = { 'next.span_type': 'BaseServer.handleRequest', 'next.span_name': `GET /?${SECRET}` }
    const http = { 'http.method': 'GET', 'http.target': `/?${SECRET}`, 'http.status_code': 200 }
    await traces.tracer.trace({ name: 'page', kind: 'server' }, async () => {
      nextSays(`GET /orders/7?${SECRET}`, { ...type, ...http, 'next.route': '/orders/[id]' })
      nextSays(`render route (app) /?${SECRET}`, {
        'next.span_type': 'AppRender.getBodyResult',
        'next.route': `/?${SECRET}`,
      })
    })
    await traces.stop()
    expect(sent.map(({ name }) => name)).toEqual(['GET /orders/[id]', 'AppRender.getBodyResult', 'page'])
    expect(sent[0]?.attributes).toEqual({
      'next.span_type': 'BaseServer.handleRequest',
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/orders/[id]',
    })
    expect(JSON.stringify(sent, (key, value) => (key === 'resource' ? undefined : value))).not.toContain(
      'eyJ',
    )
  })

  test('of anybody else’s spans no attribute that is not on the list, and none of another form than it should have', async () => {
    start()
    const attributes = {
      'http.url': `https://a.example/?${SECRET}`,
      'enduser.id': 'alice@example.com',
      'oauth.client_id': 'alice@example.com',
      'http.route': '/a b',
      'http.response.status_code': '200 alice',
      'db.operation.name': 'SELECT',
      constructor: 'x',
    }
    const span = trace.getTracer('somebody').startSpan(`GET /?${SECRET}`, { attributes })
    span.end()
    await traces.stop()
    expect(sent.map(({ name, attributes: left }) => [name, left])).toEqual([
      ['unnamed', { 'db.operation.name': 'SELECT' }],
    ])
  })
})

describe('which spans are recorded', () => {
  const record = async (parent: string | null, attributes = {}) => {
    await traces.tracer.trace({ name: 'a', kind: 'server', parent, attributes }, async () => {})
  }

  test('whoever asks cannot make this process record what it would not record itself', async () => {
    start({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' })
    await record(PARENT)
    await record(null)
    await traces.stop()
    expect(sent).toEqual([])
  })

  test('what is not recorded where it began is not recorded here, and says so to whoever goes on', async () => {
    start()
    await traces.tracer.trace(
      { name: 'a', kind: 'server', parent: PARENT.replace(/01$/, '00') },
      async (span) => {
        expect(readTraceparent(span.traceparent)).toMatchObject({ traceId: TRACE, isSampled: false })
      },
    )
    await traces.stop()
    expect(sent).toEqual([])
  })

  test('half of all traces is half of all ids, and every process decides alike', async () => {
    const recorded: string[][] = []
    for (let process = 0; process < 2; process++) {
      start({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' })
      for (let n = 0; n < 200; n++) await record(`00-${idOf(n)}-${SPAN}-01`)
      await traces.stop()
      recorded.push(sent.map((span) => span.spanContext().traceId))
      sent = []
      for (const api of [trace, context, propagation]) api.disable()
    }
    expect(recorded[0]?.length).toBeGreaterThan(70)
    expect(recorded[0]?.length).toBeLessThan(130)
    expect(recorded[1]).toEqual(recorded[0])
  })

  test('of Next neither the kit’s addresses nor what fetches, nor what it does for no request', async () => {
    start()
    const next = trace.getTracer('next.js')
    next.startSpan('GET', { attributes: { 'http.target': '/sso/callback?code=x' } }).end()
    next.startSpan('fetch', { attributes: { 'next.span_type': 'AppRender.fetch' } }).end()
    next.startSpan('load', { attributes: { 'next.span_type': 'LoadComponents.loadRouteModule' } }).end()
    next.startSpan('GET', { attributes: { 'http.target': '/ssomething' } }).end()
    await traces.stop()
    expect(sent).toHaveLength(1)
  })
})

describe('the headers of a request', () => {
  const taken = (headers: Record<string, string>) =>
    trace.getSpanContext(propagation.extract(ROOT_CONTEXT, headers, defaultTextMapGetter))?.traceId

  test('a browser joins no trace; a program with a token does, and what this process wrote counts', async () => {
    start()
    expect(taken({ traceparent: PARENT })).toBeUndefined()
    expect(taken({ traceparent: PARENT, tracestate: 'grove=guessed' })).toBeUndefined()
    expect(taken({ traceparent: PARENT, authorization: 'Bearer a.b.c' })).toBe(TRACE)
    expect(taken({ traceparent: 'nonsense', authorization: 'Bearer a.b.c' })).toBeUndefined()
    await traces.tracer.trace({ name: 'a', kind: 'server' }, async (span) => {
      const carrier: Record<string, string> = {}
      propagation.inject(context.active(), carrier, defaultTextMapSetter)
      expect(taken(carrier)).toBe(span.traceId)
    })
  })
})

describe('a receiver that does not take them', () => {
  test('is told of once, and again only after it worked', async () => {
    let answers: 0 | 1 = 1
    start(
      { OTEL_BSP_SCHEDULE_DELAY: '1' },
      {
        export: (_, done) => done({ code: answers, error: new Error('away') }),
        shutdown: async () => {},
      },
    )
    const again = async (code: 0 | 1) => {
      answers = code
      await traces.tracer.trace({ name: 'a', kind: 'server' }, async () => {})
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    for (const code of [1, 1, 0, 1] as const) await again(code)
    expect(failures).toEqual(['away', 'away'])
  })

  test('that never answers holds up no span and no stop, and what waits for it is bounded', async () => {
    const asked: number[] = []
    start(
      { OTEL_BSP_SCHEDULE_DELAY: '1' },
      {
        export: (spans) => {
          asked.push(spans.length)
        },
        shutdown: () => new Promise(() => {}),
      },
    )
    for (let n = 0; n < 6_000; n++) {
      await traces.tracer.trace({ name: 'a', kind: 'server' }, async () => {})
      if (n === 10) await new Promise((resolve) => setTimeout(resolve, 30))
    }
    // Its own limit is half a minute.
    const late = new Promise((resolve) => setTimeout(resolve, 15_000, 'late').unref())
    expect(await Promise.race([traces.stop().then(() => 'stopped'), late])).toBe('stopped')
    const [first = 0, ...rest] = asked
    expect(first).toBeGreaterThan(0)
    expect(rest.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2_048)
  })
})
