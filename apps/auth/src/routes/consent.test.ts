import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  answerIn,
  askAs,
  Browser,
  codeIn,
  errorOf,
  errorOnPage,
  ISSUER,
  openProvider,
  type Provider,
  redeem,
  refresh,
  userinfo,
} from '../testing/index.ts'

const provider: Provider = await openProvider()
let alice: Browser
beforeEach(async () => {
  alice = new Browser(provider)
  await alice.login('alder')
  await provider.auth.store.consents.withdraw('acc_alice', 'maple', new Set(), provider.auth.now())
})
afterAll(() => provider.close())

const ask = async (more = {}) => {
  const response = await alice.authorize('maple', { scope: 'openid email', ...more })
  return { status: response.status, html: await response.text(), answer: answerIn(response) }
}
const allow = (html: string, headers = {}) => alice.submit(html, { intent: 'allow' }, headers)
const isConsentPage = (html: string) => html.includes('id="consent-form"')
const remembered = async () =>
  (await provider.auth.store.consents.find('acc_alice', 'maple'))?.scope.split(' ').toSorted()

describe('who is asked', () => {
  test('AZ-21 a client that is not our own: a page that names it and what it asks for, and no code', async () => {
    const { status, html } = await ask({ resource: 'http://site-b.localhost:4002' })
    expect([status, isConsentPage(html)]).toEqual([200, true])
    for (const told of [
      'Maple',
      'maple.example',
      'your email address',
      'site-b.localhost:4002',
      'in 12 hours',
    ])
      expect(html).toContain(told)
    expect(html).not.toContain('site-a.localhost')
    expect(html).toContain('href="https://maple.example/policy"')
  })

  test('a client of our own never: not with prompt=consent either', async () => {
    expect(codeIn(await alice.authorize('birch', { prompt: 'consent' }))).not.toBe('no code')
  })

  test('AZ-14 with prompt=none nobody is asked: consent_required', async () => {
    expect((await ask({ prompt: 'none' })).answer.get('error')).toBe('consent_required')
  })

  test('yes is remembered, also in another browser', async () => {
    const response = await allow((await ask()).html)
    expect(response.status).toBe(303)
    expect(answerIn(response).get('state')).toBe('a state')
    expect((await redeem(provider, 'maple', codeIn(response))).status).toBe(200)

    alice = new Browser(provider)
    const again = await alice.login('maple', { scope: 'openid email' })
    expect(codeIn(again)).not.toBe('no code')
    expect(codeIn(await alice.authorize('maple', { scope: 'openid', prompt: 'none' }))).not.toBe('no code')
  })

  test('a scope that grows is asked about again, and the answer adds to what was allowed', async () => {
    await allow((await ask()).html)
    const { html } = await ask({ scope: 'openid phone' })
    expect(isConsentPage(html)).toBe(true)
    await allow(html)
    expect(await remembered()).toEqual(['email', 'openid', 'phone'])
    expect((await ask({ scope: 'openid phone email' })).answer.has('code')).toBe(true)
  })

  test('a claim that is asked for by name needs the consent of its scope', async () => {
    await allow((await ask({ scope: 'openid' })).html)
    const claims = JSON.stringify({ userinfo: { phone_number: null } })
    const { html } = await ask({ scope: 'openid', claims })
    expect(html).toContain('See your phone number')
    expect((await ask({ scope: 'openid', claims, prompt: 'none' })).answer.get('error')).toBe(
      'consent_required',
    )
  })

  test('prompt=consent asks always, and yes is enough', async () => {
    await allow((await ask()).html)
    const { html } = await ask({ prompt: 'consent' })
    expect(isConsentPage(html)).toBe(true)
    expect(codeIn(await allow(html))).not.toBe('no code')
  })

  test('after a fresh login that was asked for, yes does not ask for another one', async () => {
    const login = await alice.authorize('maple', { prompt: 'login consent', scope: 'openid' })
    const fields = { email: 'alice@example.com', password: 'wonderland-1865', intent: 'sign-in' }
    const consent = await (await alice.submit(await login.text(), fields)).text()
    expect(isConsentPage(consent)).toBe(true)
    expect(codeIn(await allow(consent))).not.toBe('no code')
  })

  test('AZ-15 the answer stands for the fresh login before it once: sent again, it leads to the login page', async () => {
    const login = await alice.authorize('maple', { prompt: 'login', scope: 'openid' })
    const fields = { email: 'alice@example.com', password: 'wonderland-1865', intent: 'sign-in' }
    const consent = await (await alice.submit(await login.text(), fields)).text()
    expect(codeIn(await allow(consent))).not.toBe('no code')
    const again = await allow(consent)
    expect([again.status, (await again.text()).includes('id="login-form"')]).toEqual([200, true])
  })

  test('no is access_denied at the client, with state and iss, and nothing is remembered', async () => {
    const { html } = await ask()
    const { error, state, iss } = Object.fromEntries(answerIn(await alice.submit(html, { intent: 'deny' })))
    expect({ error, state, iss }).toEqual({ error: 'access_denied', state: 'a state', iss: ISSUER })
    expect(await remembered()).toBeUndefined()
  })
})

describe('AZ-21 who may answer', () => {
  test.each([
    ['the Origin of another site', { origin: 'https://evil.example' }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
  ])('F-92 %s: 403, whatever the form says', async (_, headers) => {
    const response = await allow((await ask()).html, headers)
    expect([response.status, errorOnPage(await response.text())]).toEqual([403, 'invalid_request'])
    expect(await remembered()).toBeUndefined()
  })

  test('X-12 a made-up, a spent, another page’s, and an expired token: asked again, and nothing is allowed', async () => {
    const { html } = await ask()
    const bob = new Browser(provider)
    await bob.login('alder', { person: 'bob' })
    const his = await (await bob.authorize('maple', { scope: 'openid email' })).text()
    const wider = await ask({ scope: 'openid email phone' })
    const tokenIn = (page: string) => /name="form_token" value="([^"]*)"/.exec(page)?.[1]
    const account = await (await alice.open('/account')).text()
    for (const form_token of [undefined, 'e30.e30.AA', ...[his, wider.html, account].map(tokenIn)]) {
      const response = await alice.submit(html, { intent: 'allow', form_token })
      expect(response.status).toBe(403)
      expect(isConsentPage(await response.text())).toBe(true)
    }
    provider.pass(1_861)
    expect((await allow(html)).status).toBe(403)
    expect(await remembered()).toBeUndefined()

    const fresh = (await ask()).html
    const [one, other] = await Promise.all([allow(fresh), allow(fresh)])
    expect([one, other].filter(({ status }) => status === 303).length).toBeGreaterThan(0)
  })

  test('AZ-21 the page of one login is worth nothing to the next person at the same browser', async () => {
    const { html } = await ask()
    await alice.login('alder', { person: 'bob', prompt: 'login' })
    expect((await allow(html)).status).toBe(403)
    expect(await provider.auth.store.consents.find('acc_bob', 'maple')).toBeUndefined()
  })

  test('who was logged out meanwhile logs in first', async () => {
    const { html } = await ask()
    alice.cookies.delete('__Host-sso')
    expect(await (await allow(html)).text()).toContain('id="login-form"')
    expect(await remembered()).toBeUndefined()
  })

  test('AZ-13 the form may end at the client that asks, and nowhere else', async () => {
    const response = await alice.authorize('maple')
    expect(response.headers.get('content-security-policy')).toContain(
      "form-action 'self' https://maple.example;",
    )
  })

  test('a pushed request is asked about as well, and spent once', async () => {
    const pushed = await askAs(provider, 'maple', '/par', {
      ...Object.fromEntries(
        new URLSearchParams({
          redirect_uri: 'https://maple.example/sso/callback',
          response_type: 'code',
          scope: 'openid email',
          code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
          code_challenge_method: 'S256',
        }),
      ),
    })
    const { request_uri } = await pushed.json()
    const query = new URLSearchParams({ client_id: 'maple', request_uri })
    const html = await (await alice.open(`/authorize?${query}`)).text()
    expect(isConsentPage(html)).toBe(true)
    expect(codeIn(await allow(html))).not.toBe('no code')
  })
})

describe('RT-8 taking it back', () => {
  const withdraw = async () => {
    const account = await (await alice.open('/account')).text()
    const form_token = /name="form_token" value="([^"]*)"/.exec(account)?.[1] ?? ''
    const body = new URLSearchParams({ form_token, act: 'withdraw', client: 'maple' })
    return await alice.open('/account', { method: 'POST', body, headers: { origin: ISSUER } })
  }

  test('every grant of that client dies at once, here and in other browsers, and it is told', async () => {
    const scope = 'openid email offline_access'
    const here = await redeem(provider, 'maple', codeIn(await allow((await ask({ scope })).html)))
    const { access_token, refresh_token } = await here.json()
    const elsewhere = new Browser(provider)
    const theirs = await elsewhere.tokens('maple', { scope })
    const own = await alice.tokens('alder')
    expect(await (await alice.open('/account')).text()).toContain('Withdraw what you allowed Maple')
    provider.posts.length = 0

    expect((await withdraw()).headers.get('location')).toBe('/account')
    for (const token of [refresh_token, theirs.refresh_token])
      expect(await errorOf(await refresh(provider, 'maple', token))).toBe('400 invalid_grant')
    expect((await userinfo(provider, access_token)).status).toBe(401)
    expect(provider.posts.map(({ uri }) => uri)).toEqual([
      'https://maple.example/backchannel-logout',
      'https://maple.example/backchannel-logout',
    ])
    expect((await refresh(provider, 'alder', own.refresh_token)).status).toBe(200)
    expect(isConsentPage((await ask({ scope })).html)).toBe(true)
    expect(await (await alice.open('/account')).text()).not.toContain('Withdraw what you allowed Maple')
  })

  test('a code that was on its way gives nothing any more', async () => {
    const code = codeIn(await allow((await ask()).html))
    await withdraw()
    expect(await errorOf(await redeem(provider, 'maple', code))).toBe('400 invalid_grant')
  })
})
