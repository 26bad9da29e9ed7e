import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { StoreBusyError } from './domain/store.ts'
import {
  askAs,
  authorizationRequest,
  Browser,
  credentials,
  errorOf,
  errorOnPage,
  ISSUER,
  openProvider,
  type Provider,
  refresh,
  type Tokens,
  userinfo,
} from './testing/index.ts'

let provider: Provider
beforeAll(async () => {
  provider = await openProvider()
})
afterAll(() => provider.close())
afterEach(() => vi.restoreAllMocks())

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const post = (path: string, body: BodyInit, headers: Record<string, string> = form) =>
  provider.fetch(ISSUER + path, { method: 'POST', body, headers, ...{ duplex: 'half' } })

/** A body of unknown length, such as `Transfer-Encoding: chunked` gives. */
function inPieces(bytes: number): { stream: ReadableStream; taken: () => number } {
  let taken = 0
  const stream = new ReadableStream({
    pull(controller) {
      taken += 1024
      if (taken > bytes) controller.close()
      else controller.enqueue(new TextEncoder().encode('x'.repeat(1024)))
    },
  })
  return { stream, taken: () => taken }
}

describe('F-61 bodies', () => {
  test.each([
    ...['/token', '/revoke', '/login', '/logout', '/authorize', '/userinfo'],
    ...['/consent', '/register', '/account', '/account/password'],
  ])('%s: too large is 413, chunked too, and not read to its end', async (path) => {
    const whole = await post(path, `a=${'x'.repeat(17_000)}`, { ...form, 'content-length': '17002' })
    expect(whole.status).toBe(413)
    const { stream, taken } = inPieces(10_000_000)
    expect((await post(path, stream)).status).toBe(413)
    expect(taken()).toBeLessThan(64_000)
  })

  test('F-63 a thousand parameters at the token endpoint: invalid_request', async () => {
    const body = Array.from({ length: 1_000 }, (_, n) => `p${n}=1`).join('&')
    expect(await errorOf(await post('/token', body))).toBe('400 invalid_request')
  })

  test.each(['/login', '/logout', '/authorize', '/consent', '/register', '/account', '/account/password'])(
    'F-87 %s: another content type is a page with 400',
    async (path) => {
      const response = await post(`${path}?client_id=alder`, '{}', { 'content-type': 'application/json' })
      expect(response.status).toBe(400)
      expect(errorOnPage(await response.text())).toMatch(/^invalid_/)
    },
  )
})

describe('pages', () => {
  const browser = () => new Browser(provider)
  const loggedIn = async () => {
    const alice = browser()
    await alice.login('alder')
    return alice
  }
  test.each([
    ['home', () => browser().open('/')],
    ['login', () => browser().authorize('alder')],
    ['error', () => browser().open('/authorize')],
    ['not found', () => browser().open('/nothing')],
    ['logout question', async () => (await loggedIn()).open('/logout')],
    ['logged out', () => browser().open('/logout')],
    ['register', () => browser().open(`/register?${authorizationRequest(provider, 'alder')}`)],
    ['consent', async () => (await loggedIn()).authorize('maple')],
    ['account', async () => (await loggedIn()).open('/account')],
  ])(
    'K-9 AZ-11 AZ-12 AZ-13 %s: not framed, not stored, nothing from elsewhere, no script',
    async (_, open) => {
      const response = await open()
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('x-frame-options')).toBe('DENY')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      const policy = response.headers.get('content-security-policy') ?? ''
      for (const rule of [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
      ]) {
        expect(policy.split('; ')).toContain(rule)
      }
      expect(policy).not.toMatch(/unsafe|script-src/)
      const html = await response.text()
      expect(html).not.toMatch(/<script|\son\w+=|style="/i)
      for (const [, address] of html.matchAll(/<(?:link|img)[^>]*(?:href|src)="([^"]*)"/g)) {
        expect(address).toMatch(/^(\/|data:)/)
      }
    },
  )

  test('pain 20 AZ-13 the login form may end at the client that asks, and nowhere else', async () => {
    const policy = (await browser().authorize('alder')).headers.get('content-security-policy')
    expect(policy).toContain("form-action 'self' http://site-a.localhost:4001;")
    const foreign = (await browser().open('/authorize?redirect_uri=https://evil.example/')).headers
    expect(foreign.get('content-security-policy')).toContain("form-action 'self';")
    const question = await (await loggedIn()).open('/logout?post_logout_redirect_uri=https://evil.example/')
    expect(question.headers.get('content-security-policy')).toContain("form-action 'self';")
  })
})

describe('errors', () => {
  test('TK-14 an unexpected one: 500 without its reason, which stands in the log', async () => {
    vi.spyOn(provider.auth.store.sessions, 'find').mockRejectedValue(
      new Error('a private reason at /secret/path'),
    )
    vi.spyOn(provider.auth.store.grants, 'redeem').mockRejectedValue(new Error('a private reason'))
    const alice = new Browser(provider)
    alice.cookies.set('__Host-sso', 'id.secret')
    const page = await alice.open('/')
    const html = await page.text()
    expect([page.status, errorOnPage(html)]).toEqual([500, 'server_error'])
    vi.spyOn(provider.auth.codes, 'open').mockRejectedValue(new Error('a private reason'))
    const json = await askAs(provider, 'alder', '/token', { grant_type: 'authorization_code', code: 'x' })
    const body = await json.text()
    expect([json.status, JSON.parse(body).error]).toEqual([500, 'server_error'])
    expect(html + body).not.toMatch(/private reason|\/secret\/path|\.ts:\d+/)
    const errors = provider.log.map((line) => JSON.parse(line)).filter(({ level }) => level === 50)
    expect(errors.map(({ err }) => err.message)).toEqual([
      'a private reason at /secret/path',
      'a private reason',
    ])
  })

  test('F-22 F-24 a busy database: 503 with Retry-After, for people and for clients, and the log says why', async () => {
    vi.spyOn(provider.auth.store.sessions, 'find').mockRejectedValue(new StoreBusyError(new Error('busy')))
    vi.spyOn(provider.auth.codes, 'open').mockRejectedValue(new StoreBusyError(new Error('busy')))
    const alice = new Browser(provider)
    alice.cookies.set('__Host-sso', 'id.secret')
    const page = await alice.open('/')
    const json = await askAs(provider, 'alder', '/token', { grant_type: 'authorization_code', code: 'x' })
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '2'])
    expect([json.status, json.headers.get('retry-after')]).toEqual([503, '2'])
    expect((await json.json()).error).toBe('temporarily_unavailable')
    const errors = provider.log.map((line) => JSON.parse(line)).filter(({ level }) => level === 50)
    expect(errors.slice(-2).map(({ err }) => err.message)).toEqual(
      Array(2).fill('The database is busy, full or away: busy'),
    )
  })

  test('D-2 an unknown address: 404, a page for people, JSON below an endpoint', async () => {
    const page = await provider.fetch(`${ISSUER}/nothing`)
    expect([page.status, errorOnPage(await page.text())]).toEqual([404, 'not_found'])
    expect(await errorOf(await provider.fetch(`${ISSUER}/.well-known/nothing`))).toBe('404 not_found')
  })

  test('/readyz takes the database and the keys, /healthz nothing', async () => {
    const statuses = async () => {
      const paths = ['/healthz', '/readyz']
      return await Promise.all(paths.map(async (path) => (await provider.fetch(ISSUER + path)).status))
    }
    expect(await statuses()).toEqual([200, 200])
    vi.spyOn(provider.auth.store, 'ping').mockRejectedValueOnce(new Error('gone'))
    expect(await statuses()).toEqual([200, 503])
    vi.spyOn(provider.auth.keyring, 'current').mockImplementationOnce(() => {
      throw new Error('none')
    })
    expect(await statuses()).toEqual([200, 503])
  })
})

test('F-60 a flood of passwords: beyond the queue 503 with Retry-After, while everything else answers', {
  timeout: 60_000,
}, async () => {
  const alice = new Browser(provider)
  const page = await (await alice.authorize('alder')).text()
  let tokens = await new Browser(provider).tokens('alder', { person: 'bob' })
  let isFlooded = true
  const flood = Promise.all(
    Array.from({ length: 200 }, () => alice.submit(page, { ...credentials('alice'), password: 'wrong' })),
  ).finally(() => {
    isFlooded = false
  })
  let probes = 0
  while (isFlooded && probes < 20) {
    for (const path of ['/jwks', '/.well-known/openid-configuration'])
      expect((await provider.fetch(ISSUER + path)).status).toBe(200)
    expect((await userinfo(provider, tokens.access_token)).status).toBe(200)
    const refreshed = await refresh(provider, 'alder', tokens.refresh_token)
    expect(refreshed.status).toBe(200)
    tokens = (await refreshed.json()) as Tokens // it is 200
    probes += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(probes).toBe(20) // the flood was still under way: hashing is off the main thread
  const answers = await flood
  const refused = answers.filter(({ status }) => status === 503)
  expect(refused.length).toBeGreaterThan(100)
  expect(refused[0]?.headers.get('retry-after')).toBe('2')
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(200 - refused.length)
  expect((await alice.submit(page, credentials('alice'))).status).toBe(303)
})
