import { type CollectedTraces, collectTraces, type SentSpan } from '@grove/traces/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fetchBounded } from './fetch-bounded.ts'
import { report } from './report.ts'
import { siteSettings } from './settings.ts'
import { createWorld, SITE_URL, type World } from './testing/fixtures.ts'
import { traceWith } from './traces.ts'

const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

let traces: CollectedTraces
beforeEach(() => {
  traces = collectTraces()
  traceWith(traces.tracer)
})
afterEach(() => {
  traceWith(undefined)
  vi.restoreAllMocks()
})

const named = (sent: SentSpan[], name: string) => sent.find((span) => span.name === name)

/** A world whose provider keeps the `traceparent` that it was told at each path. */
async function tracedWorld() {
  const told = new Map<string, string | null>()
  const world: World = await createWorld({
    fetch: async (input, init) => {
      const request = new Request(input, init)
      told.set(new URL(request.url).pathname, request.headers.get('traceparent'))
      return await world.issuer.fetch(request)
    },
  })
  return { world, told }
}

describe('a login is one trace', () => {
  test('the site begins it, the authorize address carries its ids, the callback goes on with it, and so do the calls to the provider', async () => {
    const { world, told } = await tracedWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login?returnTo=/orders')
    const traceparent = new URL(login.headers.get('location') ?? '').searchParams.get('traceparent')
    expect((await browser.visit(world.approve(login.headers.get('location')))).status).toBe(303)
    const sent = await traces.end()

    const began = named(sent, 'GET /sso/login')
    const ended = named(sent, 'GET /sso/callback')
    const token = named(sent, 'POST /token')
    expect(traceparent).toBe(`00-${began?.traceId}-${began?.spanId}-01`)
    expect(began).toMatchObject({ kind: 'server', parentId: undefined })
    expect(ended).toMatchObject({ kind: 'server', traceId: began?.traceId, parentId: began?.spanId })
    expect(ended?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.route': '/sso/callback',
      'http.response.status_code': 303,
    })
    expect(token).toMatchObject({ kind: 'client', traceId: began?.traceId, parentId: ended?.spanId })
    expect(told.get('/token')).toBe(`00-${token?.traceId}-${token?.spanId}-01`)
    expect(told.get('/jwks')).toContain(began?.traceId)
    expect(JSON.stringify(sent)).not.toMatch(/code=|state=|eyJ|orders/)
  })

  test('another browser’s callback, and one without its cookie, is a trace of its own', async () => {
    const { world } = await tracedWorld()
    const login = await world.browser().visit('/sso/login')
    await world.browser().visit(world.approve(login.headers.get('location')))
    const sent = await traces.end()
    expect(named(sent, 'GET /sso/callback')?.traceId).not.toBe(named(sent, 'GET /sso/login')?.traceId)
  })

  test('a browser cannot join a trace by a header', async () => {
    const { world } = await tracedWorld()
    await world.site.handle(new Request(`${SITE_URL}/sso/login`, { headers: { traceparent: CALLER } }))
    const [span] = (await traces.end()).filter(({ kind }) => kind === 'server')
    expect(span?.parentId).toBeUndefined()
    expect(CALLER).not.toContain(span?.traceId)
  })
})

test('the provider’s back-channel logout goes on here', async () => {
  const { world } = await tracedWorld()
  const body = new URLSearchParams({
    logout_token: await world.issuer.logoutToken(world.options, { sid: 'x' }),
  })
  const request = new Request(`${SITE_URL}/sso/backchannel-logout`, {
    method: 'POST',
    body,
    headers: { traceparent: CALLER },
  })
  expect((await world.site.handle(request))?.status).toBe(200)
  const sent = await traces.end()
  expect(named(sent, 'POST /sso/backchannel-logout')).toMatchObject({ parentId: '00f067aa0ba902b7' })
})

test('what is begun in a request and outlives it belongs to no trace', async () => {
  const { world } = await tracedWorld()
  const browser = world.browser()
  await browser.signIn(world)
  const timers: (string | undefined)[] = []
  vi.spyOn(globalThis, 'setInterval').mockImplementation(() => {
    timers.push(traces.tracer.present()?.traceId)
    return setTimeout(() => {}, 0)
  })
  await traces.tracer.trace({ name: 'page', kind: 'server' }, async () => {
    expect(await world.site.session(browser.cookieHeader)).not.toBeNull()
  })
  expect(timers).toEqual([undefined])
  await traces.end()
})

test('signing out everywhere takes the trace along to the provider', async () => {
  const { world } = await tracedWorld()
  const browser = world.browser()
  await browser.signIn(world)
  const answer = await browser.post('/sso/logout', { scope: 'everywhere' })
  const logout = named(await traces.end(), 'POST /sso/logout')
  const { searchParams } = new URL(answer.headers.get('location') ?? '')
  expect(searchParams.get('traceparent')).toBe(`00-${logout?.traceId}-${logout?.spanId}-01`)
})

test('pain 13: with a trace in each login all cookies are under 3 KiB', async () => {
  const { world } = await tracedWorld()
  const browser = world.browser()
  const access = {
    client_id: 'alder',
    aud: [SITE_URL, 'http://site-b.localhost:4002'],
    acr: 'urn:grove:password',
  }
  await browser.signIn(world, { access, idx: 1_000_000 })
  for (let tab = 0; tab < 7; tab += 1) {
    world.clock.forward(1)
    await browser.visit(
      `/sso/login?${new URLSearchParams({ returnTo: `/${'x'.repeat(900)}`, max_age: '300' })}`,
    )
  }
  expect([...browser.cookies.keys()].filter((name) => name.startsWith('__Host-login.'))).toHaveLength(4)
  expect(browser.cookieHeader.length).toBeLessThan(3_072)
  await traces.end()
})

test('a call to another server tells it the trace, and only within one; the span names no path', async () => {
  const told: (string | null)[] = []
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    told.push(new Headers(init.headers).get('traceparent'))
    return new Response('x')
  })
  await fetchBounded('https://birch.example/api/notes/7')
  await traces.tracer.trace({ name: 'page', kind: 'server' }, async () => {
    await fetchBounded('https://birch.example/api/notes/7', { headers: { authorization: 'Bearer a.b.c' } })
  })
  vi.unstubAllGlobals()
  const [call, page] = await traces.end()
  expect(told).toEqual([null, `00-${call?.traceId}-${call?.spanId}-01`])
  expect(call).toMatchObject({ name: 'GET', parentId: page?.spanId })
  expect(call?.attributes['server.address']).toBe('birch.example')
})

test('a line of the log names its trace, and without a trace it is as it was', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  await traces.tracer.trace({ name: 'page', kind: 'server' }, async ({ traceId }) => {
    report('refresh', new Error('no'))
    expect(error).toHaveBeenLastCalledWith(`[@grove/site] refresh: no trace_id=${traceId}`)
  })
  report('refresh', new Error('no'))
  expect(error).toHaveBeenLastCalledWith('[@grove/site] refresh: no')
  await traces.end()
})

test('without traces an address for them is not there, nor room for them in the cookie', async () => {
  traceWith(undefined)
  const { world, told } = await tracedWorld()
  const browser = world.browser()
  const login = await browser.visit('/sso/login')
  expect(login.headers.get('location')).not.toContain('traceparent')
  await browser.visit(world.approve(login.headers.get('location')))
  expect(told.get('/token')).toBeNull()
  expect(await traces.end()).toEqual([])
})

test('the environment says whether traces are wanted, and a wrong address stops the start', () => {
  const development = { siteUrl: SITE_URL, issuer: 'http://auth.localhost:4000', clientId: 'shop' }
  const secrets = { CLIENT_SECRET: 'x'.repeat(43), SESSION_SECRET: 'y'.repeat(43) }
  expect(siteSettings(secrets, development)).not.toHaveProperty('hasTraces')
  const on = { ...secrets, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }
  expect(siteSettings(on, development).hasTraces).toBe(true)
  const wrong = { ...secrets, OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }
  expect(() => siteSettings(wrong, development)).toThrow(/^OTEL_EXPORTER_OTLP_ENDPOINT must be/)
})
