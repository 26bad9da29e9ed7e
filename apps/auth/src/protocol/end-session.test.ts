import { createHash } from 'node:crypto'
import { IdToken } from '@grove/jwt'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  answerIn,
  Browser,
  codeIn,
  errorOf,
  errorOnPage,
  ISSUER,
  openProvider,
  type Provider,
  redeem,
  refresh,
  type Tokens,
  userinfo,
} from '../testing/index.ts'

const RETURN = 'http://site-a.localhost:4001/sso/logged-out'

const provider: Provider = await openProvider()
let browser: Browser
let tokens: Tokens
beforeEach(async () => {
  browser = new Browser(provider)
  tokens = await browser.tokens('alder')
  provider.posts.length = 0
})
afterAll(() => provider.close())

const logout = (parameters: Record<string, string>, init?: RequestInit) =>
  browser.open(`/logout?${new URLSearchParams(parameters)}`, init)
const asForm = (parameters: Record<string, string>, headers = {}) =>
  browser.open('/logout', { method: 'POST', body: new URLSearchParams(parameters), headers })
const isLoggedIn = async () =>
  answerIn(await browser.authorize('birch', { prompt: 'none' })).get('error') !== 'login_required'
const asks = (html: string) => html.includes('id="confirm-logout"')
const hint = () => ({ id_token_hint: tokens.id_token })

describe('LO-2 with a proof the session ends, and nobody is asked', () => {
  test.each(['GET', 'POST'])(
    'RL-2 LO-4 hint, address and state by %s: back there with state and nothing else',
    async (method) => {
      const request = { ...hint(), post_logout_redirect_uri: RETURN, state: 'a&b=c' }
      const response = method === 'GET' ? await logout(request) : await asForm(request)
      expect(response.status).toBe(303)
      expect(response.headers.get('location')).toBe(`${RETURN}?state=a%26b%3Dc`)
      expect(await isLoggedIn()).toBe(false)
      expect(browser.cookies.has('__Host-sso')).toBe(false)
    },
  )

  test('RL-9 without state the address is as registered', async () => {
    const response = await logout({ ...hint(), post_logout_redirect_uri: RETURN })
    expect(response.headers.get('location')).toBe(RETURN)
    expect(await isLoggedIn()).toBe(false)
  })

  test('RL-8 a hint alone: our own page', async () => {
    const response = await logout(hint())
    expect(response.status).toBe(200)
    expect(asks(await response.text())).toBe(false)
    expect(await isLoggedIn()).toBe(false)
  })

  test('RL-12 a hint may have expired, but is of this person, and of the client that is named', async () => {
    const bob = await new Browser(provider).tokens('alder', { person: 'bob' })
    provider.pass(3600)
    expect(asks(await (await logout({ id_token_hint: bob.id_token })).text())).toBe(true)
    const foreign = await logout({ ...hint(), client_id: 'birch' })
    expect([foreign.status, foreign.headers.get('location')]).toEqual([400, null])
    expect(await isLoggedIn()).toBe(true)
    expect((await logout({ ...hint(), client_id: 'alder' })).status).toBe(200)
    expect(await isLoggedIn()).toBe(false)
  })

  test.each(['GET', 'POST'])(
    'RL-13 %s from another site ends nothing without a hint or a click; with a hint it does',
    async (method) => {
      const from = { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } }
      const send = (request: Record<string, string>) =>
        method === 'GET' ? logout(request, from) : asForm(request, from.headers)
      const back: Record<string, string> = {
        client_id: 'alder',
        post_logout_redirect_uri: RETURN,
        state: 'x',
      }
      for (const request of [{}, back]) {
        const response = await send(request)
        expect([response.status, asks(await response.text()), await isLoggedIn()]).toEqual([200, true, true])
      }
      await send(hint())
      expect(await isLoggedIn()).toBe(false)
    },
  )

  test('logout_hint, the hash of the sid, is a proof as well, and no session id stands in a URL', async () => {
    const { claims } = await provider.read(IdToken, tokens.id_token, 'alder')
    const hashed = createHash('sha256')
      .update(claims.sid ?? '')
      .digest('base64url')
    const request = { client_id: 'alder', logout_hint: hashed, post_logout_redirect_uri: RETURN }
    expect((await logout(request)).headers.get('location')).toBe(RETURN)
    expect(await isLoggedIn()).toBe(false)
  })

  test('the cookie of another site POST does not come along: the hint names the session', async () => {
    const cookie = browser.cookies.get('__Host-sso') ?? ''
    browser.cookies.clear()
    await asForm(hint(), { origin: 'https://site-a.example' })
    browser.cookies.set('__Host-sso', cookie)
    expect(await isLoggedIn()).toBe(false)
  })
})

describe('LO-1 LO-2 what is refused: a page, no redirect, and the session lives', () => {
  const changed = (at: number, text: string) => tokens.id_token.split('.').with(at, text).join('.')
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  test.each([
    [
      'RL-3 an address that is not registered',
      () => ({ ...hint(), post_logout_redirect_uri: 'https://evil.example/' }),
      'invalid_redirect_uri',
    ],
    [
      'RL-11 a registered address with a query added',
      () => ({ ...hint(), post_logout_redirect_uri: `${RETURN}?x=1` }),
      'invalid_redirect_uri',
    ],
    [
      'the address of another client',
      () => ({ ...hint(), post_logout_redirect_uri: 'http://site-b.localhost:4002/sso/logged-out' }),
      'invalid_redirect_uri',
    ],
    [
      'RL-4 a hint with alg none',
      () => ({
        id_token_hint: `${none}.${tokens.id_token.split('.')[1]}.`,
        post_logout_redirect_uri: RETURN,
      }),
      'invalid_request',
    ],
    [
      'RL-5 a hint with a wrong signature',
      () => ({ id_token_hint: changed(2, 'A'.repeat(86)), post_logout_redirect_uri: RETURN }),
      'invalid_request',
    ],
    ['an access token as hint', () => ({ id_token_hint: tokens.access_token }), 'invalid_request'],
    ['a hint of another client than client_id', () => ({ ...hint(), client_id: 'birch' }), 'invalid_request'],
    ['an unknown client', () => ({ client_id: '__proto__' }), 'invalid_client'],
  ])('%s', async (_, request, code) => {
    const response = await logout(request())
    expect([response.status, response.headers.get('location')]).toEqual([400, null])
    expect(errorOnPage(await response.text())).toBe(code)
    expect(await isLoggedIn()).toBe(true)
    expect(provider.posts).toEqual([])
  })

  test('a repeated parameter', async () => {
    const response = await browser.open(`/logout?id_token_hint=${tokens.id_token}&state=1&state=2`)
    expect(response.status).toBe(400)
    expect(await isLoggedIn()).toBe(true)
  })
})

describe('LO-3 without a proof the person is asked', () => {
  test.each([
    ['no parameter', {}],
    ['only state', { state: 'x' }],
    ['an address without hint or client', { post_logout_redirect_uri: RETURN }],
    ['an address that is none', { post_logout_redirect_uri: 'nonsense' }],
    ['a client and its address', { client_id: 'alder', post_logout_redirect_uri: RETURN }],
    ['a wrong logout_hint', { client_id: 'alder', logout_hint: 'A'.repeat(43) }],
  ])('%s: the session lives until the click, by GET and by POST', async (_, request) => {
    for (const response of [
      await logout(request),
      await asForm(request, { origin: 'https://evil.example' }),
    ]) {
      expect(response.status).toBe(200)
      expect(asks(await response.text())).toBe(true)
      expect(await isLoggedIn()).toBe(true)
    }
  })

  test("LO-2 the hint of another person's session is no proof", async () => {
    const bob = await new Browser(provider).tokens('alder', { person: 'bob' })
    expect(asks(await (await logout({ id_token_hint: bob.id_token })).text())).toBe(true)
    expect(await isLoggedIn()).toBe(true)
  })

  test('the click: signed out, and back at the registered address with its state', async () => {
    const page = await (
      await logout({ client_id: 'alder', post_logout_redirect_uri: RETURN, state: 's' })
    ).text()
    const response = await browser.submit(page, { intent: 'confirm' })
    expect(response.headers.get('location')).toBe(`${RETURN}?state=s`)
    expect(await isLoggedIn()).toBe(false)
  })

  test.each([
    ['RL-6 an address without a hint', { post_logout_redirect_uri: RETURN, state: 'x' }],
    ['RL-7 no parameter', {}],
    ['RL-10 only state', { state: 'x' }],
  ])('%s: asked first, then signed out, and at our own page', async (_, request) => {
    const page = await (await logout(request)).text()
    expect([asks(page), await isLoggedIn()]).toEqual([true, true])
    const response = await browser.submit(page, { intent: 'confirm' })
    expect([response.status, response.headers.get('location')]).toEqual([200, null])
    expect(await response.text()).toContain('id="sites-told"')
    expect(await isLoggedIn()).toBe(false)
  })

  test('"stay" goes back and ends nothing', async () => {
    const page = await (await logout({ client_id: 'alder' })).text()
    const response = await browser.submit(page, { intent: 'stay' })
    expect(response.headers.get('location')).toBe('http://site-a.localhost:4001')
    expect(await isLoggedIn()).toBe(true)
  })

  test.each(['e30.e30.AA', 'expired', 'foreign', 'spent'])(
    'X-12 LO-3 a form token that is %s does nothing',
    async (kind) => {
      const page = await (await logout({})).text()
      const theirs = await provider.auth.formTokens.issue('logout', 'x', provider.auth.now())
      if (kind === 'expired') provider.pass(1_811)
      if (kind === 'spent') {
        await provider.auth.formTokens.spend(/name="form_token" value="([^"]*)"/.exec(page)?.[1] ?? '')
      }
      const token =
        kind === 'foreign' ? { form_token: theirs } : kind.startsWith('e30') ? { form_token: kind } : {}
      const response = await browser.submit(page, { intent: 'confirm', ...token })
      expect(asks(await response.text())).toBe(true)
      expect(await isLoggedIn()).toBe(true)
    },
  )

  test('F-92 the form sent by another site: 403', async () => {
    const page = await (await logout({})).text()
    const response = await browser.submit(page, { intent: 'confirm' }, { origin: 'https://evil.example' })
    expect(response.status).toBe(403)
    expect(await isLoggedIn()).toBe(true)
  })
})

test('LO-5 everything that came of the login dies with it, and each of its clients with an address is told', async () => {
  const birch = await browser.tokens('birch')
  const next = (await (await refresh(provider, 'alder', tokens.refresh_token)).json()) as Tokens
  const inFlight = codeIn(await browser.authorize('alder'))
  const cookie = browser.cookies.get('__Host-sso') ?? ''
  await logout(hint())

  const spent = { alder: [tokens, next], birch: [birch] } // the first one of Alder is inside of its grace
  for (const [clientId, theirs] of Object.entries(spent))
    for (const { refresh_token, access_token } of theirs) {
      expect(await errorOf(await refresh(provider, clientId, refresh_token))).toBe('400 invalid_grant')
      expect((await userinfo(provider, access_token)).status).toBe(401)
    }
  expect(await errorOf(await redeem(provider, 'alder', inFlight))).toBe('400 invalid_grant')
  browser.cookies.set('__Host-sso', cookie) // kept by somebody
  expect(await isLoggedIn()).toBe(false)
  expect(provider.posts.map(({ uri }) => new URL(uri).host).toSorted()).toEqual([
    'site-a.localhost:4001',
    'site-b.localhost:4002',
  ])
})

test('with nobody logged in: the logged-out page, or straight back', async () => {
  browser.cookies.clear()
  expect((await logout({})).status).toBe(200)
  const back = await logout({ client_id: 'alder', post_logout_redirect_uri: RETURN })
  expect(back.headers.get('location')).toBe(RETURN)
  expect(back.headers.get('cache-control')).toBe('no-store') // LO-7
  expect(new URL(back.headers.get('location') ?? ISSUER).search).toBe('')
})
