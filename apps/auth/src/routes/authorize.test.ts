import { IdToken, LogoutToken } from '@grove/jwt'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { messages } from '../pages/messages.ts'
import {
  answerIn,
  askAs,
  authorizationRequest,
  Browser,
  codeIn,
  credentials,
  errorOf,
  errorOnPage,
  ISSUER,
  openProvider,
  type Provider,
  redeem,
  refresh,
} from '../testing/index.ts'

const provider: Provider = await openProvider()
let browser: Browser
let page: string
beforeEach(async () => {
  browser = new Browser(provider)
  page = await (await browser.authorize('alder')).text()
})
afterAll(() => provider.close())

const problem = (html: string) => /id="form-error"[^>]*>(.*?)<\/p>/s.exec(html)?.[1]?.replace(/<[^>]*>/g, '')

describe('the login page', () => {
  test('AZ-10 a right password: 303 to the client, with a code', async () => {
    const response = await browser.submit(page, credentials('alice'))
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toMatch(/^http:\/\/site-a\.localhost:4001\/sso\/callback\?code=/)
    expect(answerIn(response).get('state')).toBe('a state')
  })

  test('AZ-23 with somebody logged in, no address of any page or redirect says who, or which session', async () => {
    const { access_token, refresh_token } = await browser.tokens('alder')
    const [sid = '', secret = ''] = browser.cookies.get('__Host-sso')?.split('.') ?? []
    expect([sid.length, secret.length]).toEqual([22, 43])
    const addresses: string[] = []
    const visit = async (path: string, init?: RequestInit) => {
      const response = await browser.open(path, init)
      addresses.push(response.headers.get('location') ?? '')
      const html = await response.text()
      for (const [, address = ''] of html.matchAll(/(?:href|src|action)="([^"]*)"/g)) addresses.push(address)
    }
    const request = authorizationRequest(provider, 'alder')
    const maple = authorizationRequest(provider, 'maple', { scope: 'openid email' })
    for (const path of ['/', '/account', '/logout', '/logout?client_id=alder', `/register?${request}`])
      await visit(path)
    for (const path of [`/authorize?${request}`, `/authorize?${request}&prompt=login`, `/authorize?${maple}`])
      await visit(path)
    await visit('/authorize', { method: 'POST', body: request })
    expect(addresses.filter(Boolean).length).toBeGreaterThan(30)
    for (const told of [sid, secret, access_token, refresh_token, 'acc_alice', 'alice@', 'alice%40', 'Alice'])
      expect(addresses.filter((address) => address.includes(told))).toEqual([])
  })

  test('CK-3 the session cookie is bound to this host, out of reach of scripts, and ends with the session', async () => {
    const response = await browser.submit(page, credentials('alice'))
    const [cookie = '', known = '', ...others] = response.headers.getSetCookie()
    expect(others).toEqual([])
    expect(known).toMatch(
      /^__Host-known=[\w-]{22}\.[\w-]{43}; Max-Age=15552000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(cookie).toMatch(/^__Host-sso=[\w-]{22}\.[\w-]{43}; /)
    for (const attribute of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax', 'Expires=']) {
      expect(cookie).toContain(`; ${attribute}`)
    }
    expect(cookie).not.toContain('Domain')
  })

  test('6.3.8 a wrong password and an unknown account look the same', async () => {
    const bodies = []
    for (const email of ['alice@example.com', 'nobody@example.com']) {
      const response = await browser.submit(page, { ...credentials('alice', ''), email, password: 'wrong' })
      expect(response.status).toBe(422)
      expect(response.headers.getSetCookie()).toEqual([])
      const html = await response.text()
      bodies.push(html.replaceAll(email, '').replace(/name="form_token" value="[^"]*"/, ''))
    }
    expect(bodies[0]).toBe(bodies[1])
  })

  test('7.4.3 a password that was right until a moment ago is a wrong one', async () => {
    const { store, formTokens, now } = provider.auth
    const elsewhere = new Browser(provider)
    await elsewhere.login('alder', { person: 'bob' })
    const bob = await store.accounts.findByEmail('bob@example.com')
    const [sessionId = ''] = elsewhere.cookies.get('__Host-sso')?.split('.') ?? []
    const change = {
      accountId: 'acc_bob',
      from: bob?.passwordHash ?? '',
      keep: { sessionId, secretHash: 'x' },
    }
    const { spend } = formTokens
    // After the proof, before the session.
    formTokens.spend = async (token) => {
      formTokens.spend = spend
      expect(await store.accounts.changePassword({ ...change, to: 'another' }, new Set(), now())).toBe(true)
      return await spend(token)
    }
    const response = await browser.submit(page, credentials('bob'))
    const html = await response.text()
    expect([response.status, problem(html)]).toEqual([422, messages().login.errors.credentials])
    expect(browser.cookies.has('__Host-sso')).toBe(false)
    const [last] = await store.audit.ofAccount('acc_bob', 1)
    expect(last).toMatchObject({ type: 'login.failed', clientId: 'alder' })
    await store.accounts.changePassword({ ...change, from: 'another', to: change.from }, new Set(), now())
    expect((await browser.submit(html, credentials('bob'))).status).toBe(303)
  })

  test('AZ-25 F-73 a login_hint is not looked up: known or not, the page is the same but for the field', async () => {
    const pages = []
    const findByEmail = vi.spyOn(provider.auth.store.accounts, 'findByEmail')
    for (const login_hint of ['alice@example.com', 'nobody@example.com']) {
      const stranger = new Browser(provider)
      const { status, headers, ...response } = await stranger
        .authorize('alder', { login_hint })
        .then(async (answer) => ({
          status: answer.status,
          headers: answer.headers,
          html: await answer.text(),
        }))
      expect(response.html).toContain(`value="${login_hint}"`)
      const html = response.html
        .replaceAll(login_hint, '')
        .replaceAll(encodeURIComponent(login_hint), '')
        .replace(/name="form_token" value="[^"]*"/, '')
      pages.push({ status, html, names: [...headers.keys()], cookies: [...stranger.cookies.keys()] })
    }
    expect(pages[0]).toEqual(pages[1])
    expect(findByEmail).not.toHaveBeenCalled()
    findByEmail.mockRestore()
  })

  test('a wrong password costs nothing: the same form can be sent again', async () => {
    await browser.submit(page, { ...credentials('alice'), password: 'wrong' })
    expect((await browser.submit(page, credentials('alice'))).status).toBe(303)
  })

  test('the email is compared without case and surrounding space', async () => {
    const fields = { ...credentials('alice'), email: ' ALICE@Example.com ' }
    expect((await browser.submit(page, fields)).status).toBe(303)
  })

  test.each([{ email: '' }, { password: '' }])('a field left out (%o) is said, with 422', async (empty) => {
    const response = await browser.submit(page, { ...credentials('alice'), ...empty })
    expect(response.status).toBe(422)
    expect(problem(await response.text())).toBeTruthy()
  })

  test.each(["' OR 1=1 --", '{"$ne":null}', '__proto__', '{{7*7}}', '%', '\0'])(
    'F-84 %j as email or password is as wrong as any other',
    async (marker) => {
      for (const field of ['email', 'password']) {
        const response = await browser.submit(page, { ...credentials('alice'), [field]: marker })
        expect(response.status).toBe(422)
        expect(problem(await response.text())).toBe(messages().login.errors.credentials)
      }
    },
  )

  test('F-83 what a request says is shown as text', async () => {
    const marker = '"><img src=x onerror=alert(1)>'
    const html = await (await browser.authorize('alder', { login_hint: marker, state: marker })).text()
    expect(html).toContain('&quot;>&lt;img')
    expect(html).not.toContain('<img')
  })

  test('FA-3 cancel: access_denied with state and iss, and nobody is logged in', async () => {
    const response = await browser.submit(page, { intent: 'cancel' })
    expect(response.status).toBe(303)
    const { error, state, iss } = Object.fromEntries(answerIn(response))
    expect({ error, state, iss }).toEqual({ error: 'access_denied', state: 'a state', iss: ISSUER })
    expect(browser.cookies.has('__Host-sso')).toBe(false)
  })

  test('opened by GET, the address of the form leads back to the login page', async () => {
    const request = authorizationRequest(provider, 'alder')
    const response = await browser.open(`/login?${request}`)
    expect(response.headers.get('location')).toBe(`/authorize?${request}`)
  })
})

describe('CK-3 who may send the form', () => {
  test.each([
    ['a made-up token', async () => ({ form_token: 'e30.e30.AA' })],
    ['no token', async () => ({ form_token: undefined })],
    [
      "AZ-22 X-13 another browser's token",
      async () => {
        const theirs = await (await new Browser(provider).authorize('alder')).text()
        return { form_token: /name="form_token" value="([^"]*)"/.exec(theirs)?.[1] }
      },
    ],
    [
      'the token of the logout form',
      async () => {
        const token = await provider.auth.formTokens.issue(
          'logout',
          browser.cookies.get('__Host-form') ?? '',
          provider.auth.now(),
        )
        return { form_token: token }
      },
    ],
  ])('%s: 403, and nobody is logged in', async (_, fields) => {
    const response = await browser.submit(page, { ...credentials('alice'), ...(await fields()) })
    expect(response.status).toBe(403)
    expect(browser.cookies.has('__Host-sso')).toBe(false)
    // The page that comes back works.
    expect((await browser.submit(await response.text(), credentials('alice'))).status).toBe(303)
  })

  test('a token that has expired: 403', async () => {
    provider.pass(1_811)
    expect((await browser.submit(page, credentials('alice'))).status).toBe(403)
  })

  test('a browser that lost its form cookie: 403, and one new cookie', async () => {
    browser.cookies.delete('__Host-form')
    const response = await browser.submit(page, credentials('alice'))
    expect(response.status).toBe(403)
    expect(response.headers.getSetCookie()).toHaveLength(1)
    expect((await browser.submit(await response.text(), credentials('alice'))).status).toBe(303)
  })

  test.each([
    ['the Origin of another site', { origin: 'https://evil.example' }],
    ['a forged Host too (F-86)', { origin: 'https://evil.example', host: 'evil.example' }],
    ['a sandbox', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
  ])('F-92 %s: 403, whatever the form says', async (_, headers) => {
    const response = await browser.submit(page, credentials('alice'), headers)
    expect(response.status).toBe(403)
    expect(errorOnPage(await response.text())).toBe('invalid_request')
    expect(browser.cookies.has('__Host-sso')).toBe(false)
  })

  test('AZ-12 our own page sends Origin null, since it says no-referrer: Sec-Fetch-Site vouches for it', async () => {
    const headers = { origin: 'null', 'sec-fetch-site': 'same-origin' }
    expect((await browser.submit(page, credentials('alice'), headers)).status).toBe(303)
  })

  test('Origin null from a browser that says nothing else: the form token decides', async () => {
    const headers = { origin: 'null' }
    const forged = { ...credentials('alice'), form_token: 'forged' }
    expect((await browser.submit(page, forged, headers)).status).toBe(403)
    expect((await browser.submit(page, credentials('alice'), headers)).status).toBe(303)
  })

  test('F-37 the form spent twice: one login, and a friendly page', async () => {
    const [first, second] = await Promise.all([
      browser.submit(page, credentials('alice')),
      browser.submit(page, credentials('alice')),
    ])
    expect([first.status, second.status].toSorted()).toEqual([303, 403])
    const code = codeIn(first.status === 303 ? first : second)
    expect((await redeem(provider, 'alder', code)).status).toBe(200)
  })

  test('F-37 a double click at a fresh login ends nothing', async () => {
    const tokens = await browser.tokens('alder')
    const again = await (await browser.authorize('alder', { prompt: 'login' })).text()
    await Promise.all([1, 2].map(() => browser.submit(again, credentials('alice'))))
    expect((await refresh(provider, 'alder', tokens.refresh_token)).status).toBe(200)
  })
})

describe('AZ-22 a login that somebody began in another browser', () => {
  const isLoggedIn = async (person: Browser) =>
    answerIn(await person.authorize('alder', { prompt: 'none' })).get('error') !== 'login_required'
  const actionOf = (html: string) =>
    /<form [^>]*action="([^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''

  test('its address holds the request and nothing of that browser: whoever opens it begins anew', async () => {
    const mallory = browser
    const address = new URL(actionOf(page), ISSUER)
    expect([...address.searchParams.keys()]).toEqual([...authorizationRequest(provider, 'alder').keys()])

    const alice = new Browser(provider)
    const led = await alice.open(
      (await alice.open(address.pathname + address.search)).headers.get('location') ?? '',
    )
    expect(answerIn(await alice.submit(await led.text(), credentials('alice'))).get('code')).toBeTruthy()
    expect(await isLoggedIn(mallory)).toBe(false)
    expect((await mallory.submit(page, { intent: 'sign-in' })).status).toBe(422)
    expect(await isLoggedIn(mallory)).toBe(false)
  })

  test('of a pushed request one browser gets the code, and it is the one where somebody logged in', async () => {
    const request = Object.fromEntries(authorizationRequest(provider, 'cedar'))
    const { request_uri } = await (await askAs(provider, 'cedar', '/par', request)).json()
    const query = new URLSearchParams({ client_id: 'cedar', request_uri })
    const mallory = browser
    const begun = await (await mallory.open(`/authorize?${query}`)).text()

    const alice = new Browser(provider)
    const led = await alice.open((await alice.open(actionOf(begun))).headers.get('location') ?? '')
    expect(answerIn(await alice.submit(await led.text(), credentials('alice'))).get('code')).toBeTruthy()
    expect(await isLoggedIn(mallory)).toBe(false)
    const late = await mallory.submit(begun, credentials('bob'))
    expect([late.status, errorOnPage(await late.text())]).toEqual([400, 'invalid_request_uri'])
  })
})

describe('a login where there is one already', () => {
  test('7.2.4 pain 25: the same person: a new secret, the same sid, and the old cookie is worth nothing', async () => {
    await browser.submit(page, credentials('alice'))
    const old = browser.cookies.get('__Host-sso') ?? ''
    const response = await browser.login('birch', { prompt: 'login' })
    expect(response.status).toBe(303)
    const fresh = browser.cookies.get('__Host-sso') ?? ''
    expect(fresh.split('.')[0]).toBe(old.split('.')[0])
    expect(fresh).not.toBe(old)

    const thief = new Browser(provider)
    thief.cookies.set('__Host-sso', old)
    expect(answerIn(await thief.authorize('alder', { prompt: 'none' })).get('error')).toBe('login_required')
  })

  test('7.2.4 ID-11 another person: another sid, and the first session ends everywhere', async () => {
    const hers = await browser.tokens('alder')
    const { claims } = await provider.read(IdToken, hers.id_token, 'alder')
    provider.posts.length = 0
    await browser.login('alder', { person: 'bob', prompt: 'login' })

    expect(browser.cookies.get('__Host-sso')?.split('.')[0]).not.toBe(claims.sid)
    expect(await errorOf(await refresh(provider, 'alder', hers.refresh_token))).toBe('400 invalid_grant')
    expect(provider.posts.map(({ uri }) => uri)).toEqual([
      'http://site-a.localhost:4001/sso/backchannel-logout',
    ])
    const told = await provider.read(LogoutToken, provider.posts[0]?.logoutToken ?? '', 'alder')
    expect(told.claims.sid).toBe(claims.sid)
  })
})
