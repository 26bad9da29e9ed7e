import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ROUTES } from './app.ts'
import type { Described, DescribedOperation } from './routes/openapi.ts'
import { PARAMETERS } from './routes/parameters.ts'
import { SCHEMAS, type SchemaName } from './routes/schemas.ts'
import {
  askAs,
  authorizationRequest,
  Browser,
  errorOf,
  ISSUER,
  openProvider,
  type Provider,
  refresh,
  userinfo,
} from './testing/index.ts'

let provider: Provider
let document: Described
let metadata: Record<string, unknown>
beforeAll(async () => {
  provider = await openProvider({ metrics: 'open' })
  document = await (await ask('GET', '/openapi.json')).json()
  metadata = await (await ask('GET', '/.well-known/openid-configuration')).json()
})
afterAll(() => provider.close())

const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  provider.fetch(ISSUER + path, { method, headers })

/** Every operation of the document with an address that can be asked. */
const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      address: path.replace('{list}', '0').replace('{file}', 'grove.css'),
      operation,
    })),
  )

describe('the route table, the metadata and the OpenAPI document cannot disagree', () => {
  test('every route is in the document, and nothing else is', () => {
    const routes = ROUTES.map(
      ({ method, path }) => `${method} ${path.replace(':list', '{list}').replace('*', '{file}')}`,
    )
    expect(
      operations()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(routes.toSorted())
    expect(new Set(routes).size).toBe(ROUTES.length)
  })

  test('every operation of the document is answered, bare and with an empty form, with a status that it names', async () => {
    const unsaid = []
    for (const { id, method, address, operation } of operations()) {
      const asked = [await ask(method, address)]
      if (method === 'POST')
        asked.push(
          await provider.fetch(ISSUER + address, { method, body: new URLSearchParams({ none: '' }) }),
        )
      for (const { status } of asked)
        if (!Object.hasOwn(operation.responses, status)) unsaid.push(`${id}: ${status}`)
    }
    expect(unsaid).toEqual([])
  })

  test('every announced endpoint is a route with the methods of its specification', () => {
    const announced = Object.entries(metadata).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name))
    const methods = announced.map(([name, address]) => {
      const { pathname, origin } = new URL(String(address))
      expect(origin).toBe(ISSUER)
      return [name, Object.keys(document.paths[pathname] ?? {}).join()]
    })
    expect(Object.fromEntries(methods)).toEqual({
      authorization_endpoint: 'get,post',
      token_endpoint: 'post',
      userinfo_endpoint: 'get,post',
      jwks_uri: 'get',
      end_session_endpoint: 'get,post',
      revocation_endpoint: 'post',
      introspection_endpoint: 'post',
      pushed_authorization_request_endpoint: 'post',
    })
  })

  test('every parameter that the source reads is in the document, and has words', () => {
    const sources = ['protocol', 'routes'].flatMap((folder) =>
      readdirSync(join(import.meta.dirname, folder))
        .filter((file) => /(?<!test)\.ts$/.test(file))
        .map((file) => readFileSync(join(import.meta.dirname, folder, file), 'utf8')),
    )
    const read = sources.flatMap((source) =>
      [...source.matchAll(/(?:params|form|request\.params)\.get\('(\w+)'\)/g)].map(([, name = '']) => name),
    )
    const inDocument = new Set(operations().flatMap(({ operation }) => namesOf(operation)))
    expect(read.length).toBeGreaterThan(40)
    // `request` is refused by name, so no operation takes it.
    expect([...new Set(read)].filter((name) => !inDocument.has(name))).toEqual(['request'])
    expect([...inDocument].filter((name) => !PARAMETERS[name])).toEqual([])
  })

  test('what really comes back is what the document says, member by member', async () => {
    const fits = async (schema: SchemaName, response: Response) => {
      const body = await response.json()
      expect(z.fromJSONSchema(SCHEMAS[schema] as never).safeParse(body).error).toBeUndefined() // a plain JSON schema
      return body
    }
    const tokens = await new Browser(provider).tokens('cedar')
    await fits('Tokens', await refresh(provider, 'cedar', tokens.refresh_token))
    await fits('Tokens', await askAs(provider, 'larch', '/token', { grant_type: 'client_credentials' }))
    await fits('Userinfo', await userinfo(provider, tokens.access_token))
    const seen = await fits(
      'Introspection',
      await askAs(provider, 'cedar', '/introspect', { token: tokens.access_token }),
    )
    expect(seen.active).toBe(true)
    const request = Object.fromEntries(authorizationRequest(provider, 'cedar'))
    await fits('PushedRequest', await askAs(provider, 'cedar', '/par', request))
    await fits('Nothing', await askAs(provider, 'cedar', '/revoke', { token: tokens.access_token }))
    await fits('Error', await askAs(provider, 'cedar', '/token', {}))
    await fits('KeySet', await ask('GET', '/jwks'))
    await fits('Health', await ask('GET', '/readyz'))
  })

  test('it is OpenAPI 3.1: each reference leads somewhere, each id is its own, each path parameter is declared', () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    const text = JSON.stringify(document)
    const schemas = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = '']) => name)
    expect(schemas.filter((name) => !Object.hasOwn(SCHEMAS, name))).toEqual([])
    const ids = operations().map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const components = document.components as { securitySchemes: object }
    for (const { id, operation } of operations()) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      expect(inPath.map(({ name, required }) => [name, required])).toEqual(
        [...id.matchAll(/{(\w+)}/g)].map(([, name]) => [name, true]),
      )
      for (const scheme of (operation.security ?? []).flatMap((wanted) => Object.keys(wanted)))
        expect(components.securitySchemes).toHaveProperty(scheme)
    }
  })
})

const namesOf = ({ parameters = [], requestBody }: DescribedOperation): string[] => [
  ...parameters.map(({ name }) => name),
  ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => Object.keys(schema.properties)),
]

test('FA-40 TK-7 F-87 a known address with another method: 405, and Allow says which', async () => {
  expect((await ask('GET', '/par')).headers.get('allow')).toBe('POST')
  expect(await errorOf(await ask('GET', '/par'))).toBe('405 invalid_request')
  expect((await ask('PUT', '/userinfo')).headers.get('allow')).toBe('GET, HEAD, POST')
  for (const method of ['DELETE', 'PUT', 'PATCH']) {
    const page = await ask(method, '/authorize')
    expect([page.status, page.headers.get('content-type')]).toEqual([405, 'text/html; charset=utf-8'])
  }
  expect((await ask('PUT', '/nothing')).status).toBe(404)
})

test('/docs shows every operation, and loads nothing from elsewhere', async () => {
  const response = await ask('GET', '/docs')
  const html = await response.text()
  for (const { operation, method } of operations()) {
    expect(html).toContain(`${method}</code>`)
    expect(html).toContain(operation.summary)
  }
  expect(html.match(/<details/g)).toHaveLength(ROUTES.length)
  expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/)
  expect(response.headers.get('content-security-policy')).not.toMatch(/script-src|https?:/)
})

describe('pages of other origins', () => {
  const elm = 'https://elm.example' // a public client
  const cors = (response: Response) => response.headers.get('access-control-allow-origin')
  const preflight = (path: string, origin: string) =>
    ask('OPTIONS', path, { origin, 'access-control-request-method': 'POST' })

  test.each(['/token', '/userinfo', '/revoke', '/par'])(
    'TK-13 %s: of registered public clients alone, without cookies',
    async (path) => {
      const asked = await preflight(path, elm)
      expect([asked.status, cors(asked)]).toEqual([204, elm])
      expect(asked.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('dpop')
      const answered = await ask('POST', path, { origin: elm })
      expect(cors(answered)).toBe(elm)
      expect(answered.headers.get('vary')).toBe('Origin')
      for (const origin of ['https://cedar.example', 'https://evil.example', 'null', `${elm}.evil.example`]) {
        expect(cors(await preflight(path, origin))).toBeNull()
        expect(cors(await ask('POST', path, { origin }))).toBeNull()
      }
      for (const response of [asked, answered])
        expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    },
  )

  test('PO-10 the nonce and the challenge can be read there', async () => {
    const response = await ask('GET', '/userinfo', { origin: elm })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
    const exposed = response.headers.get('access-control-expose-headers')?.toLowerCase().split(',')
    expect(exposed).toEqual(expect.arrayContaining(['dpop-nonce', 'www-authenticate']))
  })

  test('AZ-9 nothing that a person looks at, nor introspection, says anything about origins', async () => {
    for (const path of ['/authorize', '/login', '/logout', '/', '/introspect', '/metrics', '/docs']) {
      for (const method of ['GET', 'POST', 'OPTIONS'])
        expect(cors(await ask(method, path, { origin: elm }))).toBeNull()
    }
  })

  test('CF-11 what anybody may know anybody may read', async () => {
    for (const path of ['/jwks', '/status/0', '/.well-known/openid-configuration', '/openapi.json'])
      expect(cors(await ask('GET', path, { origin: 'https://evil.example' }))).toBe('*')
  })
})

test('CK-9 HSTS of a year for the names below too, on every answer, and only where it was asked for', async () => {
  expect((await ask('GET', '/')).headers.get('strict-transport-security')).toBeNull()
  const other = await openProvider({ hasStrictTransport: true })
  for (const path of ['/', '/jwks', '/nothing', '/authorize', '/userinfo']) {
    const { headers } = await other.fetch(ISSUER + path)
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
  }
  await other.close()
})

test('CK-10 CK-2 CK-6 AZ-11 whatever is asked: nosniff, no page in a frame, and every cookie is a __Host- one with an explicit SameSite', async () => {
  for (const { method, address } of operations()) {
    const response = await ask(method, address)
    const type = response.headers.get('content-type')
    if (type) expect([address, response.headers.get('x-content-type-options')]).toEqual([address, 'nosniff'])
    if (type?.startsWith('text/html')) {
      expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(response.headers.get('x-frame-options')).toBe('DENY')
    }
  }
  const browser = new Browser(provider)
  const cookies = [...(await browser.authorize('alder')).headers.getSetCookie()]
  cookies.push(...(await browser.login('alder')).headers.getSetCookie())
  expect(cookies.map((line) => line.split('=')[0]).toSorted()).toEqual([
    '__Host-form',
    '__Host-known',
    '__Host-sso',
  ])
  for (const line of cookies) {
    expect(line).toMatch(/^__Host-[a-z]+=/)
    expect(line).not.toContain('Domain')
    expect((line.split(';')[0] ?? '').length).toBeLessThan(1_024)
    for (const attribute of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax'])
      expect(line).toContain(`; ${attribute}`)
  }
})

describe('/metrics', () => {
  test('is closed unless there is a token, and then open to whoever brings it', async () => {
    const token = 'a token for the metrics of this test'
    for (const [metrics, authorization, status] of [
      ['closed', `Bearer ${token}`, 404],
      [{ token }, '', 401],
      [{ token }, 'Bearer wrong', 401],
      [{ token }, `Bearer ${token}`, 200],
    ] as const) {
      const other = await openProvider({ metrics })
      const response = await other.fetch(`${ISSUER}/metrics`, { headers: { authorization } })
      expect(response.status).toBe(status)
      await other.close()
    }
  })

  test('F-71 counts requests, logins that failed and others, tokens and refreshes, and no label takes its value from outside', async () => {
    const other = await openProvider({ metrics: 'open' })
    const { refresh_token } = await new Browser(other).tokens('alder')
    await refresh(other, 'alder', refresh_token)
    for (const person of ['alice', 'nobody']) {
      const visitor = new Browser(other)
      const page = await (await visitor.authorize('alder')).text()
      const fields = { email: `${person}@example.com`, password: 'wrong', intent: 'sign-in' }
      expect((await visitor.submit(page, fields)).status).toBe(422)
    }
    await other.fetch(`${ISSUER}/authorize?client_id=no-such-client`)
    for (let n = 0; n < 50; n++) await other.fetch(`${ISSUER}/nothing-${n}?x${n}=1`)
    await other.fetch(`${ISSUER}/status/0`)
    const text = await (await other.fetch(`${ISSUER}/metrics`)).text()
    for (const line of [
      'grove_requests_total{route="none",status="404"} 50',
      'grove_requests_total{route="/status/:list",status="200"} 1',
      'grove_requests_total{route="/token",status="200"} 2',
      'grove_request_duration_seconds_count{route="/token"} 2',
      'grove_events_total{type="login.succeeded"} 1',
      'grove_events_total{type="login.failed"} 2', // the alarm that the operator is told to raise
      'grove_tokens_issued_total{grant_type="authorization_code"} 1',
      'grove_tokens_issued_total{grant_type="refresh_token"} 1',
      'grove_refreshes_total{outcome="rotated"} 1',
    ])
      expect(text.split('\n')).toContain(line)
    expect(text).not.toMatch(/nothing-|no-such-client|alder/)
    await other.close()
  })

  test('says what is due and how old the keys are; a database that does not answer is a reading, and no failure', async () => {
    const other = await openProvider({ metrics: 'open' })
    const read = async () => (await (await other.fetch(`${ISSUER}/metrics`)).text()).split('\n')
    expect(await read()).toEqual(expect.arrayContaining(['grove_database_up 1', 'grove_logouts_due 0']))
    const age = async () => {
      const lines = (await read()).filter((line) => line.startsWith('grove_signing_key_age_seconds{'))
      expect(lines.map((line) => /"(\w+)"/.exec(line)?.[1]).toSorted()).toEqual(['ES256', 'Ed25519', 'RS256'])
      return Number(lines[0]?.split(' ')[1])
    }
    const before = await age()
    other.pass(90)
    expect((await age()) - before).toBeGreaterThanOrEqual(90)
    const { countDue } = other.auth.store.logouts
    other.auth.store.logouts.countDue = () => Promise.reject(new Error('away'))
    const without = await read()
    expect(without).toContain('grove_database_up 0')
    expect(without.filter((line) => /^grove_(logouts_due|database_answer)/.test(line))).toEqual([])
    other.auth.store.logouts.countDue = countDue
    other.auth.telemetry.failed('request 1234567890', new Error('one'))
    other.auth.telemetry.failed('job: sweep', new Error('another'))
    expect((await read()).filter((line) => line.startsWith('grove_failures_total'))).toEqual([
      'grove_failures_total{what="request"} 1',
      'grove_failures_total{what="job: sweep"} 1',
    ])
    await other.close()
  })
})
