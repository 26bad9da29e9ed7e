import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { logoutHint } from './logout.ts'
import { createWorld, errorCode, ISSUER, maxAge, named, SITE_URL } from './testing/fixtures.ts'

vi.spyOn(console, 'error').mockImplementation(() => {})

async function signedIn(grant = {}) {
  const world = await createWorld()
  const browser = world.browser()
  await browser.signIn(world, grant)
  return { world, browser }
}

test('LO-6, pain 4, pain 11: this site: the cookie goes, the grant is revoked at the provider, a copy is dead at once', async () => {
  const { world, browser } = await signedIn()
  let revoked = ''
  world.issuer.answer('/revoke', async (request) => {
    revoked = new URLSearchParams(await request.text()).get('token') ?? ''
    return new Response(null, { status: 200 })
  })
  const copy = browser.cookieHeader
  const response = await browser.post('/sso/logout', { scope: 'site' })
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toBe(`${SITE_URL}/?signed-out=site`)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(revoked).toMatch(/^[\w-]+\.0\./)
  expect(browser.cookies.has('__Host-session')).toBe(false)
  expect(await world.site.session(copy)).toBeNull()
})

test('this site, then sign in again within the same session of the provider', async () => {
  const { world, browser } = await signedIn({ sid: 'same', idx: 1 })
  await browser.post('/sso/logout', { scope: 'site' })
  await browser.signIn(world, { sid: 'same', idx: 2 })
  expect(await world.site.session(browser.cookieHeader)).not.toBeNull()
})

test('returnTo is a path of this site, or the front page', async () => {
  const { browser } = await signedIn()
  const location = async (returnTo: string) =>
    (await browser.post('/sso/logout', { scope: 'site', returnTo })).headers.get('location')
  expect(await location('/books')).toBe(`${SITE_URL}/books`)
  expect(await location('//evil.example')).toBe(`${SITE_URL}/`)
})

test('RP-21, AZ-23, pain 4: everywhere: the grant, then the provider with a hint that holds no session id, then home with the state checked', async () => {
  const { world, browser } = await signedIn({ sid: 'the-session-id' })
  const response = await browser.post('/sso/logout', { scope: 'everywhere' })
  expect(response.status).toBe(303)
  expect(world.asked('/revoke')).toBe(1)
  const { origin, pathname, searchParams } = new URL(response.headers.get('location') ?? '')
  expect(origin + pathname).toBe(`${ISSUER}/logout`)
  expect(searchParams.get('client_id')).toBe(world.options.clientId)
  expect(searchParams.get('post_logout_redirect_uri')).toBe(`${SITE_URL}/sso/logged-out`)
  expect(searchParams.get('logout_hint')).toBe(
    createHash('sha256').update('the-session-id').digest('base64url'),
  )
  expect(response.headers.get('location')).not.toContain('the-session-id')
  expect(searchParams.has('id_token_hint')).toBe(false)

  const back = await browser.visit(`/sso/logged-out?state=${searchParams.get('state')}`)
  expect(back.headers.get('location')).toBe(`${SITE_URL}/?signed-out=everywhere`)
  expect(maxAge(named(back.headers.getSetCookie(), '__Host-checked'))).toBe(120)
  expect([...browser.cookies.keys()].sort()).toEqual(['__Host-checked', '__Host-landed'])
})

test.each(['', '?state=', '?state=wrong'])(
  'RP-21: /sso/logged-out%s is an error, not a silent success',
  async (query) => {
    const { browser } = await signedIn()
    await browser.post('/sso/logout', { scope: 'everywhere' })
    const response = await browser.visit(`/sso/logged-out${query}`)
    expect(response.status).toBe(400)
    expect(await errorCode(response)).toBe('logout_state_unknown')
  },
)

test('/sso/logged-out in a browser that signed nobody out is an error', async () => {
  const { browser } = await signedIn()
  expect((await browser.visit('/sso/logged-out?state=')).status).toBe(400)
})

test('auth down: signed out here all the same, and the page says that the others could not be told', async () => {
  const { world, browser } = await signedIn()
  const copy = browser.cookieHeader
  await new Promise((resolve) => setTimeout(resolve, 1_050)) // the good answer of a moment ago is forgotten
  world.setAway(true)
  const response = await browser.post('/sso/logout', { scope: 'everywhere' })
  expect(response.status).toBe(503)
  expect(browser.cookies.has('__Host-session')).toBe(false)
  expect(await world.site.session(copy)).toBeNull()
  const html = await response.clone().text()
  expect(html).toContain('the other sites could not be told')
  expect(html).toContain(
    '<form method="post" action="/sso/logout"><input type="hidden" name="scope" value="everywhere">',
  )
  expect(await errorCode(response)).toBe('logout_incomplete')
  world.setAway(false)
  await new Promise((resolve) => setTimeout(resolve, 1_050))
  expect((await browser.post('/sso/logout', { scope: 'everywhere' })).headers.get('location')).toMatch(
    `${ISSUER}/logout`,
  )
})

test('auth down: this site signs out as ever', async () => {
  const { world, browser } = await signedIn()
  world.setAway(true)
  const response = await browser.post('/sso/logout', { scope: 'site' })
  expect(response.headers.get('location')).toBe(`${SITE_URL}/?signed-out=site`)
  expect(browser.cookies.has('__Host-session')).toBe(false)
})

test.each([
  ['another origin', { origin: 'http://evil.localhost:4009' }, 403],
  ['a sibling', { origin: 'http://shop.localhost:4002' }, 403],
  ['another site, by Sec-Fetch-Site', { 'sec-fetch-site': 'cross-site' }, 403],
  ['the same site but another origin', { 'sec-fetch-site': 'same-site' }, 403],
  ['an address bar', { 'sec-fetch-site': 'none' }, 403],
  ['two headers that disagree', { origin: SITE_URL, 'sec-fetch-site': 'cross-site' }, 403],
  ['nobody knows where', {}, 403],
  ['an opaque origin', { origin: 'null' }, 403],
  ['an opaque origin elsewhere', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
  ['a page of ours without a referrer', { origin: 'null', 'sec-fetch-site': 'same-origin' }, 303],
  ['a page of ours', { origin: SITE_URL, 'sec-fetch-site': 'same-origin' }, 303],
  ['a page of ours in an old browser', { origin: SITE_URL }, 303],
])('LO-6, BF-5, F-92: a sign-out posted from %s', async (_, headers, status) => {
  const { world, browser } = await signedIn()
  const response = await browser.post('/sso/logout', { scope: 'site' }, headers as Record<string, string>)
  expect(response.status).toBe(status)
  expect((await world.site.session(browser.cookieHeader)) === null).toBe(status === 303)
})

test.each([
  ['no scope', 'a=b'],
  ['an unknown scope', 'scope=world'],
  ['a scope given twice', 'scope=site&scope=everywhere'],
  ['a body of 20 KB', `scope=site&x=${'x'.repeat(20_000)}`],
])('%s is refused, and the session lives', async (_, body) => {
  const { world, browser } = await signedIn()
  const headers = { origin: SITE_URL, 'content-type': 'application/x-www-form-urlencoded' }
  const response = await browser.visit('/sso/logout', { method: 'POST', body, headers })
  expect(response.status).toBe(400)
  expect(await world.site.session(browser.cookieHeader)).not.toBeNull()
})

test('the hint is the hash of the session id', () => {
  expect(logoutHint('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
})
