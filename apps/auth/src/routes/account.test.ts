import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { messages } from '../pages/messages.ts'
import {
  Browser,
  credentials,
  errorOnPage,
  ISSUER,
  openProvider,
  type Provider,
  refresh,
  SITE_A,
  SITE_B,
  userinfo,
} from '../testing/index.ts'

const LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1'
const NEW = 'cats grin at queens 1865'

let provider: Provider
let alice: Browser
beforeEach(async () => {
  await provider?.close()
  provider = await openProvider()
  alice = await loggedIn(LINUX)
}, 30_000)
afterAll(() => provider.close())

async function loggedIn(userAgent: string, person: 'alice' | 'bob' = 'alice', password?: string) {
  const browser = new Browser(provider)
  const page = await (await browser.authorize('alder')).text()
  const fields = { ...credentials(person), ...(password && { password }) }
  await browser.submit(page, fields, { 'user-agent': userAgent })
  return browser
}
const account = async (browser = alice) => await (await browser.open('/account')).text()
const tokenIn = (html: string) => /name="form_token" value="([^"]*)"/.exec(html)?.[1] ?? ''
const sidOf = (browser: Browser) => browser.cookies.get('__Host-sso')?.split('.')[0] ?? ''

type Fields = Record<string, string>
async function post(path: string, fields: Fields, { browser = alice, headers = {} as Fields } = {}) {
  const form_token = fields.form_token ?? tokenIn(await account(browser))
  const body = new URLSearchParams({ ...fields, form_token })
  return await browser.open(path, { method: 'POST', body, headers: { origin: ISSUER, ...headers } })
}
const act = (name: string, fields: Fields = {}, more = {}) => post('/account', { act: name, ...fields }, more)
const change = (fields: Fields, more = {}) =>
  post('/account/password', { present_password: 'wonderland-1865', new_password: NEW, ...fields }, more)
const isAlive = async (token: string, clientId = 'alder') =>
  (await refresh(provider, clientId, token)).status === 200
const words = (html: string) => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')

describe('what the page says', () => {
  test('a stranger is led to the sites, and the front door leads whoever is signed in to their account', async () => {
    expect(await account(new Browser(provider))).toContain(`href="${SITE_A}/"`)
    expect((await alice.open('/')).headers.get('location')).toBe('/account')
  })

  test('7.5.2 devices × sites: each browser in plain words, and what each holds', async () => {
    const phone = await loggedIn(IPHONE)
    await alice.tokens('alder')
    await alice.tokens('birch')
    await phone.tokens('birch')
    await loggedIn(IPHONE, 'bob')
    const seen = words(await account())
    expect(seen).toMatch(/Firefox on Linux this browser .* Alder .* Birch .* Safari on iPhone .* Birch/)
    expect(seen.match(/Safari on iPhone/g)).toHaveLength(1)
    expect(words(await account(phone))).toContain('Safari on iPhone this browser')
  })

  test('what a browser says about itself is not kept', async () => {
    const html = await account(await loggedIn('Mozilla/5.0 <img src=x> Firefox/1 Linux secret-build'))
    expect(html).toContain('Firefox on Linux')
    expect(html).not.toMatch(/secret-build|<img/)
  })

  test('recent events in words, and only her own', async () => {
    const page = await (await new Browser(provider).authorize('birch')).text()
    await new Browser(provider).submit(page, { ...credentials('alice'), password: 'wrong' })
    const stranger = new Browser(provider)
    const login = await (await stranger.authorize('birch')).text()
    await stranger.submit(login, { ...credentials('alice'), password: 'wrong' })
    await loggedIn(IPHONE, 'bob')
    const seen = words(await account())
    expect(seen).toContain('Somebody entered a wrong password')
    expect(seen.match(/Signed in at Alder/g)).toHaveLength(1)
  })

  test('20 of them at most', async () => {
    for (let n = 0; n < 25; n++)
      await provider.auth.store.audit.write(
        { type: 'consent.given', accountId: 'acc_alice', clientId: `c${n}` },
        provider.auth.now(),
      )
    const [, list = ''] = /<ol class="events">(.*?)<\/ol>/s.exec(await account()) ?? []
    expect(list.match(/<li>/g)).toHaveLength(20)
    expect(list).toContain('c24')
    expect(list).not.toContain('c4<')
  })
})

describe('7.4.5 what can be ended', () => {
  test('one site on one device: that grant dies at once, its site is told, the rest lives', async () => {
    const [alder, birch] = [await alice.tokens('alder'), await alice.tokens('birch')]
    const phone = await loggedIn(IPHONE)
    const theirs = await phone.tokens('birch')
    provider.posts.length = 0
    const response = await act('leave', { session: sidOf(alice), client: 'birch' })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/account'])
    expect(provider.posts.map(({ uri }) => uri)).toEqual([`${SITE_B}/sso/backchannel-logout`])
    expect(await isAlive(birch.refresh_token, 'birch')).toBe(false)
    expect((await userinfo(provider, birch.access_token)).status).toBe(401)
    expect(await isAlive(alder.refresh_token)).toBe(true)
    expect(await isAlive(theirs.refresh_token, 'birch')).toBe(true)
    expect(words(await account())).toContain(messages().account.done['grant.revoked'])
  })

  test('a site that was left and entered again is told again, by that button and by a logout', async () => {
    for (let round = 0; round < 2; round++) {
      await alice.tokens('birch')
      await act('leave', { session: sidOf(alice), client: 'birch' })
    }
    await alice.tokens('birch')
    await act('end-device', { session: sidOf(alice) })
    expect(provider.posts.map(({ uri }) => uri)).toEqual(Array(3).fill(`${SITE_B}/sso/backchannel-logout`))
  })

  test('the status list has the bit of what was left, at its next publication', async () => {
    const { access_token } = await alice.tokens('alder')
    const list = async () => (await provider.fetch(`${ISSUER}/status/0`)).headers.get('etag')
    const before = await list()
    await act('leave', { session: sidOf(alice), client: 'alder' })
    expect(await list()).not.toBe(before)
    expect((await userinfo(provider, access_token)).status).toBe(401)
  })

  test('another device: it is signed out here and everywhere', async () => {
    const phone = await loggedIn(IPHONE)
    const theirs = await phone.tokens('birch')
    provider.posts.length = 0
    await act('end-device', { session: sidOf(phone) })
    expect(await isAlive(theirs.refresh_token, 'birch')).toBe(false)
    expect(provider.posts).toHaveLength(1)
    expect(words(await account(phone))).toContain('not signed in')
    expect(words(await account())).not.toContain('Safari on iPhone')
  })

  test('this device: the answer is that one is signed out', async () => {
    const response = await act('end-device', { session: sidOf(alice) })
    expect(response.headers.get('location')).toBe('/logout')
    expect(await (await alice.open('/logout')).text()).toContain(messages().loggedOut.heading)
  })

  test('everything: every browser of hers, and nobody else’s', async () => {
    const [phone, bob] = [await loggedIn(IPHONE), await loggedIn(LINUX, 'bob')]
    expect((await act('end-all')).headers.get('location')).toBe('/logout')
    for (const browser of [alice, phone]) expect(words(await account(browser))).toContain('not signed in')
    expect(words(await account(bob))).toContain('bob@example.com')
  })

  test('what belongs to others is out of reach, whoever knows its id', async () => {
    const bob = await loggedIn(LINUX, 'bob')
    const his = await bob.tokens('birch')
    await act('end-device', { session: sidOf(bob) })
    await act('leave', { session: sidOf(bob), client: 'birch' })
    expect(await isAlive(his.refresh_token, 'birch')).toBe(true)
    expect(words(await account(bob))).toContain('bob@example.com')
  })
})

describe('who may send its forms', () => {
  const attempts = {
    'end-all': (more: object) => act('end-all', {}, more),
    password: (more: object) => change({}, more),
  }
  describe.each(Object.entries(attempts))('%s', (_, send) => {
    test.each([
      ['the Origin of another site', { origin: 'https://evil.example' }],
      ['a sandbox', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
      ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
    ])('F-92 %s: 403, and nothing happens', async (_, headers) => {
      const response = await send({ headers })
      expect([response.status, errorOnPage(await response.text())]).toEqual([403, 'invalid_request'])
      expect(words(await account())).toContain('alice@example.com')
    })

    test('F-92 another content type is not read', async () => {
      const response = await send({ headers: { 'content-type': 'text/plain' } })
      expect(response.status).toBe(400)
      expect(words(await account())).toContain('alice@example.com')
    })

    test('who is not signed in is led to where one signs in', async () => {
      expect((await send({ browser: new Browser(provider) })).headers.get('location')).toBe('/account')
    })
  })

  test('X-12 a token that is made up, spent, of another form, or of another session: 403, and nothing happens', async () => {
    const phone = await loggedIn(IPHONE)
    const spent = tokenIn(await account())
    await act('leave', { session: 'none', client: 'none', form_token: spent })
    const login = tokenIn(await (await alice.authorize('alder', { prompt: 'login' })).text())
    const theirs = tokenIn(await account(phone))
    for (const form_token of ['e30.e30.AA', spent, login, theirs]) {
      expect((await act('end-all', { form_token })).status).toBe(403)
      expect((await change({ form_token })).status).toBe(403)
    }
    const old = tokenIn(await account())
    await alice.login('alder', { person: 'bob', prompt: 'login' })
    expect((await act('end-all', { form_token: old })).status).toBe(403)
  })

  test.each(['constructor', '__proto__', "' OR 1=1 --", '{"$ne":null}', ''])(
    'F-84 %j is no act, no session and no client',
    async (marker) => {
      const { refresh_token } = await alice.tokens('birch')
      expect((await act(marker)).status).toBe(403)
      for (const name of ['leave', 'end-device', 'withdraw'])
        expect((await act(name, { session: marker, client: marker })).headers.get('location')).toBe(
          '/account',
        )
      expect(await isAlive(refresh_token, 'birch')).toBe(true)
    },
  )
})

describe('the password', () => {
  const problem = (html: string) => words(/id="form-error"[^>]*>(.*?)<\/p>/s.exec(html)?.[1] ?? '').trim()
  const text = messages().password.errors

  test('7.4.3 RT-8 a new one ends every other session, and keeps this one under a new secret', async () => {
    const own = await alice.tokens('alder')
    const phone = await loggedIn(IPHONE)
    const theirs = await phone.tokens('birch')
    const old = alice.cookies.get('__Host-sso') ?? ''
    provider.pass(600)
    provider.posts.length = 0
    const response = await change({})
    expect(response.headers.get('location')).toBe('/account')

    expect(await isAlive(theirs.refresh_token, 'birch')).toBe(false)
    expect(provider.posts.map(({ uri }) => uri)).toEqual([`${SITE_B}/sso/backchannel-logout`])
    expect(await isAlive(own.refresh_token)).toBe(true)
    expect(sidOf(alice)).toBe(old.split('.')[0])
    const seen = words(await account())
    expect(seen).toContain(messages().account.done['password.changed'])
    const thief = new Browser(provider)
    thief.cookies.set('__Host-sso', old)
    for (const browser of [thief, phone]) expect(words(await account(browser))).toContain('not signed in')

    expect(words(await account(await loggedIn(IPHONE)))).toContain('not signed in')
    expect(words(await account(await loggedIn(IPHONE, 'alice', NEW)))).toContain('alice@example.com')
  })

  test('7.5.1 the present password counts as a fresh login: auth_time moves', async () => {
    provider.pass(600)
    await change({})
    const fresh = await alice.authorize('alder', { max_age: '300', prompt: 'none' })
    expect(fresh.headers.get('location')).toContain('code=')
  })

  test('6.2.3 without the present password nothing changes, and the try is an event', async () => {
    const response = await change({ present_password: 'wrong' })
    const html = await response.text()
    expect([response.status, problem(html)]).toEqual([422, text.wrong_password])
    expect(words(await account())).toContain('Somebody entered a wrong password')
    expect(words(await account(await loggedIn(IPHONE)))).toContain('alice@example.com')
  })

  test.each([
    ['6.2.1 seven characters', 'k7!qzv2', text.too_short],
    ['6.2.4 one of the common ones', 'password1', text.common],
    ['6.2.9 more than 1,000 bytes', 'kiwi-ö'.repeat(200), text.too_long],
    ['6.2.8 NUL', 'a good one\0indeed', text.forbidden_character],
    ['6.2.4 her own email', 'alice@example.com', text.common],
    ['6.2.4 her own name', 'liddell1', text.common],
  ])('%s: refused beside the field, and nothing changes', async (_, new_password, sentence) => {
    const response = await change({ new_password })
    expect([response.status, problem(await response.text())]).toEqual([422, sentence])
    expect(words(await account(await loggedIn(IPHONE)))).toContain('alice@example.com')
  })

  test('a field left out is said', async () => {
    for (const fields of [{ present_password: '' }, { new_password: '' }] as Fields[])
      expect(problem(await (await change(fields)).text())).toBe(text.missing)
  })

  test('6.3.1 guessing the present one from a stolen browser is slowed', { timeout: 30_000 }, async () => {
    await provider.close()
    provider = await openProvider({ hasRateLimits: true })
    alice = await loggedIn(LINUX)
    alice.cookies.delete('__Host-known')
    let last = await change({ present_password: 'wrong' })
    for (let n = 0; n < 11; n++) last = await change({ present_password: `wrong ${n}` })
    expect(last.status).toBe(429)
    expect(await last.text()).toContain('You can try again in 15 minutes.')
  })

  test('race: of ten changes at once one wins, and every session that is left knows the new one', {
    timeout: 30_000,
  }, async () => {
    const browsers = await Promise.all(Array.from({ length: 10 }, () => loggedIn(LINUX)))
    const tokens = await Promise.all(browsers.map(async (browser) => tokenIn(await account(browser))))
    const responses = await Promise.all(
      browsers.map((browser, n) =>
        change({ form_token: tokens[n] ?? '', new_password: `${NEW} ${n}` }, { browser }),
      ),
    )
    const alive = await Promise.all(
      browsers.map(async (browser) => (await account(browser)).includes('alice@')),
    )
    expect(alive.filter(Boolean)).toHaveLength(1)
    const winner = alive.indexOf(true)
    expect(responses[winner]?.headers.get('location')).toBe('/account')
    expect(words(await account(await loggedIn(LINUX, 'alice', `${NEW} ${winner}`)))).toContain('alice@')
  })
})
