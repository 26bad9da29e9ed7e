import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROUTES } from './app.ts'
import type { FormAct } from './domain/form-tokens.ts'
import type { Route } from './routes/route.ts'
import {
  authorizationRequest,
  Browser,
  credentials,
  errorOnPage,
  ISSUER,
  openProvider,
  type Provider,
  secretOf,
} from './testing/index.ts'

let provider: Provider
let alice: Browser
beforeAll(async () => {
  provider = await openProvider()
  alice = new Browser(provider)
  await alice.login('alder')
  await alice.open('/account') // so that it has its form cookie
})
afterAll(() => provider.close())

type Fields = Record<string, string>
const REQUEST = () => Object.fromEntries(authorizationRequest(provider, 'alder'))
const CREDENTIALS = { email: 'alice@example.com', password: 'wrong', intent: 'sign-in' }
const REGISTRATION = { email: 'somebody', password: 'walrus and carpenter 1871', name: 'Carol' }

/** What a good request has besides the parameter that is tried. */
const USUAL: Record<string, Fields> = {
  'GET /logout': { client_id: 'alder' },
  'POST /logout': { client_id: 'alder' },
  'POST /login': CREDENTIALS,
  'POST /register': REGISTRATION,
  'POST /consent': { intent: 'allow' },
  'POST /account': { act: 'leave', session: 'none', client: 'alder' },
  'POST /account/password': { present_password: 'wrong', new_password: 'cats grin at queens 1865' },
  'POST /token': { grant_type: 'refresh_token', refresh_token: 'none' },
  'POST /introspect': { token: 'none' },
  'POST /revoke': { token: 'none' },
  'POST /userinfo': { access_token: 'none' },
}
const FORMS: Record<string, FormAct> = {
  '/login': 'login',
  '/register': 'register',
  '/account': 'account',
  '/account/password': 'account',
}

const namesIn = (names = '') => names.split(' ').flatMap((name) => name.replace('!', '') || [])
/** Every parameter of every address, in the query or in the form. A form's own query is that of `/authorize`. */
const PLACES = ROUTES.flatMap((route) => {
  const inForm = namesIn(route.form).filter((name) => name !== 'form_token')
  const names = route.form ? inForm : namesIn(route.query)
  return names.map((name): [string, Route, string] => [`${route.method} ${route.path} ${name}`, route, name])
})

async function ask({ method, path, query, form }: Route, name: string, value: string): Promise<Response> {
  const usual = USUAL[`${method} ${path}`] ?? REQUEST()
  const asked = new URLSearchParams({ ...usual, [name]: value })
  if (!form) return await alice.open(`${path}?${asked}`)
  const act = FORMS[path]
  const [sessionId = ''] = alice.cookies.get('__Host-sso')?.split('.') ?? []
  const about = act === 'account' ? sessionId : undefined
  const secret = alice.cookies.get('__Host-form') ?? ''
  if (act)
    asked.set('form_token', await provider.auth.formTokens.issue(act, secret, provider.auth.now(), about))
  const basic = `Basic ${btoa(`alder:${encodeURIComponent(secretOf('alder'))}`)}`
  const ofClient = /^\/(token|par|introspect|revoke)$/.test(path) && !/^client_(secret|assertion)/.test(name)
  const interrupted = authorizationRequest(provider, path === '/consent' ? 'maple' : 'alder')
  return await alice.open(query ? `${path}?${interrupted}` : path, {
    method: 'POST',
    body: asked,
    headers: ofClient ? { authorization: basic } : { origin: ISSUER },
  })
}

/** What was answered, without what is another in every answer. */
async function verdict(response: Response) {
  const text = await response.text()
  const isJson = response.headers.get('content-type') === 'application/json'
  const location = response.headers.get('location')
  const to = location && new URL(location, ISSUER)
  return {
    status: response.status,
    error: isJson ? JSON.parse(text).error : errorOnPage(text),
    leadsTo: to && [to.host, to.searchParams.get('error')],
    headers: [...response.headers.keys()].toSorted(),
    html: isJson ? '' : text,
  }
}

const SAME: Fields = {
  SQL: `' OR '1'='1'; DROP TABLE "Account"; --`,
  NoSQL: '[$ne]=1',
  'the prototype': '__proto__',
  'a template': '{{7*7}}<%= 7*7 %>#{7*7}',
}

const usuals = new Map<string, object>()

async function usualAt(place: string, route: Route, name: string): Promise<object> {
  const known = usuals.get(place)
  if (known) return known
  const { html: _, ...usual } = await verdict(await ask(route, name, 'any other text'))
  usuals.set(place, usual)
  return usual
}

test('every parameter of every address is tried', () => {
  expect(PLACES.length).toBeGreaterThan(100)
  for (const place of [
    'GET /authorize client_id',
    'POST /login email',
    'POST /token code',
    'POST /par claims',
  ])
    expect(PLACES.map(([said]) => said)).toContain(place)
})

describe.each(Object.entries(SAME))('F-84 %s', (_, marker) => {
  test('in any parameter is answered as any other text is', { timeout: 60_000 }, async () => {
    for (const [place, route, name] of PLACES) {
      const { html: _, ...tried } = await verdict(await ask(route, name, marker))
      expect([place, tried]).toEqual([place, await usualAt(place, route, name)])
      expect(tried.status).toBeLessThan(500)
    }
    expect((await new Browser(provider).login('alder')).status).toBe(303) // everything is where it was
    expect((await alice.open('/account')).status).toBe(200)
  })
})

test('F-82 CR and LF in any parameter make no header, and end none', { timeout: 60_000 }, async () => {
  for (const marker of [
    '\r\nset-cookie: crlf=injection\r\n\r\n<html>',
    '\nx-crlf: injection',
    '\rx-crlf: injection',
    '嘊嘍x-crlf: injection',
  ])
    for (const [place, route, name] of PLACES) {
      const response = await ask(route, name, marker)
      expect([place, response.status < 500]).toEqual([place, true])
      expect([place, response.headers.has('x-crlf'), alice.cookies.has('crlf')]).toEqual([
        place,
        false,
        false,
      ])
      for (const [header, value] of response.headers)
        expect([place, header, /[\r\n]/.test(value)]).toEqual([place, header, false])
    }
})

test('F-83 markup in any parameter is shown as text, or not at all', { timeout: 60_000 }, async () => {
  let shown = 0
  for (const marker of [
    '"><img src=x onerror=alert(1)>',
    "'><script>alert(1)</script>",
    '<svg onload=alert(1)>',
  ])
    for (const [place, route, name] of PLACES) {
      const { html } = await verdict(await ask(route, name, marker))
      expect([place, /<img src=x|<script>alert|<svg onload/i.test(html)]).toEqual([place, false])
      expect([place, /<[a-z][^>]*\son[a-z]+=/i.test(html.replaceAll(/"[^"]*"/g, '""'))]).toEqual([
        place,
        false,
      ])
      if (html.includes('alert(1)')) shown += 1
    }
  expect(shown).toBeGreaterThan(5)
})

test('F-83 F-84 what was tried ended nothing of hers', async () => {
  expect((await alice.authorize('alder', { prompt: 'none' })).headers.get('location')).toContain('code=')
  const { email, password } = credentials('alice')
  expect((await alice.login('alder', { prompt: 'login' })).status).toBe(303)
  expect([email, password]).toEqual(['alice@example.com', 'wonderland-1865'])
})
