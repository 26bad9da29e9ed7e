import { describe, expect, test, vi } from 'vitest'
import { createWorld, type Grant, maxAge, named, SITE_URL } from './testing/fixtures.ts'

vi.spyOn(console, 'error').mockImplementation(() => {})

describe('nobody is signed in', () => {
  test('pain 6: a page opened by a person asks once, silently; the marker goes with the redirect', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const arrival = await world.site.arrive(browser.request('/books?page=2'))
    if (arrival.kind !== 'redirect') throw new Error('expected a redirect')
    const { searchParams } = new URL(arrival.location)
    expect(searchParams.get('prompt')).toBe('none')
    expect(Buffer.from(searchParams.get('state')?.split('.')[1] ?? '', 'base64url').toString()).toBe(
      '/books?page=2',
    )
    expect(maxAge(named(arrival.cookies, '__Host-checked'))).toBe(120)
    browser.take(arrival.cookies)
    expect(await world.site.arrive(browser.request('/books'))).toEqual({ kind: 'pass', cookies: [] })
  })

  test('a new visit asks again, since the person may have signed in elsewhere meanwhile; a click inside the site does not', async () => {
    const world = await createWorld()
    const browser = world.browser()
    browser.take((await world.site.arrive(browser.request('/'))).cookies)
    const from = async (site: string) =>
      (await world.site.arrive(browser.request('/', { headers: { 'sec-fetch-site': site } }))).kind
    world.clock.forward(4)
    expect(await from('none'), 'the way back from the first try').toBe('pass')
    world.clock.forward(2)
    expect(await from('same-origin')).toBe('pass')
    const reloaded = browser.request('/', {
      headers: { 'sec-fetch-site': 'same-origin', 'cache-control': 'max-age=0' },
    })
    expect((await world.site.arrive(reloaded)).kind).toBe('redirect')
    for (const site of ['none', 'cross-site', 'same-site']) expect(await from(site), site).toBe('redirect')
  })

  test.each([
    ['fetch', '/', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['a frame', '/', { 'sec-fetch-dest': 'iframe' }],
    ['an image', '/', { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' }],
    ['a prefetch', '/', { 'sec-purpose': 'prefetch' }],
    ['a prerender', '/', { 'sec-purpose': 'prefetch;prerender' }],
    ['a route of the kit', '/sso/login', {}],
    ['a browser whose cookies are blocked', '/?sso=none', {}],
  ])('%s passes, and nothing is asked', async (_, path, headers) => {
    const world = await createWorld()
    expect(await world.site.arrive(world.browser().request(path, { headers }))).toEqual({
      kind: 'pass',
      cookies: [],
    })
    expect(world.asked('/.well-known/openid-configuration')).toBe(0)
  })

  test('a program without Sec-Fetch headers passes', async () => {
    const { site } = await createWorld()
    expect((await site.arrive(new Request('http://localhost:3000/'))).kind).toBe('pass')
  })

  test('a form that is posted passes', async () => {
    const world = await createWorld()
    const request = world.browser().request('/', { method: 'POST', body: 'a=b' })
    expect((await world.site.arrive(request)).kind).toBe('pass')
  })

  test('auth away: the page goes on without anybody, and asks again in ten seconds', async () => {
    const world = await createWorld()
    world.setAway(true)
    const arrival = await world.site.arrive(world.browser().request('/'))
    expect(arrival.kind).toBe('pass')
    expect(arrival.cookies).toHaveLength(1)
    expect(maxAge(named(arrival.cookies, '__Host-checked'))).toBe(10)
    const browser = world.browser()
    browser.take(arrival.cookies)
    world.setAway(false)
    await new Promise((resolve) => setTimeout(resolve, 1_100)) // whether it is there is remembered for a second of real time
    const outside = browser.request('/', { headers: { 'sec-fetch-site': 'none' } })
    expect((await world.site.arrive(outside)).kind, 'it is back, and so is the visitor').toBe('redirect')
  })
})

describe('somebody is signed in', () => {
  test('a live session passes and gets its marker back', async () => {
    const world = await createWorld()
    const browser = world.browser()
    await browser.signIn(world)
    browser.cookies.delete('__Host-checked')
    world.clock.forward(100)
    const arrival = await world.site.arrive(browser.request('/'))
    expect(arrival.kind).toBe('pass')
    expect(maxAge(named(arrival.cookies, '__Host-checked'))).toBe(170)
    expect(arrival.cookies).toHaveLength(1)
    expect(world.asked('/token')).toBe(1)
  })

  test('with less than thirty seconds left it is refreshed, and this very request sees the new one', async () => {
    const world = await createWorld()
    const browser = world.browser()
    await browser.signIn(world)
    world.clock.forward(271)
    const arrival = await world.site.arrive(browser.request('/'))
    expect(arrival.kind === 'pass' && arrival.session).toMatch(/^ey/)
    expect(named(arrival.cookies, '__Host-session')).toContain(arrival.kind === 'pass' && arrival.session)
    expect(maxAge(named(arrival.cookies, '__Host-checked'))).toBe(270)
  })

  test('a lost Set-Cookie is one silent redirect, never a sign-out (C5)', async () => {
    const world = await createWorld()
    const browser = world.browser()
    await browser.signIn(world)
    browser.cookies.delete('__Host-checked')
    world.clock.forward(400)
    world.breakToken(() => Response.json({ error: 'invalid_grant' }, { status: 400 }))
    const arrival = await world.site.arrive(browser.request('/orders'))
    if (arrival.kind !== 'redirect') throw new Error('expected a silent try')
    expect(maxAge(named(arrival.cookies, '__Host-session'))).toBe(0)
    browser.take(arrival.cookies)
    world.breakToken(undefined)
    const back = await browser.visit(world.approve(arrival.location))
    expect(back.headers.get('location')).toMatch(/\/orders$/)
    expect(await world.site.session(browser.cookieHeader)).not.toBeNull()
  })

  test('BF-9: refused for a fetch: the cookie goes, and this very request has none', async () => {
    const world = await createWorld()
    const browser = world.browser()
    await browser.signIn(world)
    world.clock.forward(280)
    world.breakToken(() => Response.json({ error: 'invalid_grant' }, { status: 400 }))
    const headers = { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }
    const arrival = await world.site.arrive(browser.request('/api/me', { headers }))
    expect(arrival).toMatchObject({ kind: 'pass', session: null })
    expect(maxAge(named(arrival.cookies, '__Host-session'))).toBe(0)
  })

  test.each([
    ['while the token lives', 280, true],
    ['after it ended', 400, false],
  ])('auth away %s: no loop, the cookie is kept for when auth is back', async (_, seconds, isSignedIn) => {
    const world = await createWorld()
    const browser = world.browser()
    await browser.signIn(world)
    browser.cookies.delete('__Host-checked')
    world.clock.forward(seconds)
    world.setAway(true)
    const arrival = await world.site.arrive(browser.request('/'))
    expect(arrival).toMatchObject({ kind: 'pass' })
    expect(arrival.cookies).toHaveLength(1)
    expect(maxAge(named(arrival.cookies, '__Host-checked'))).toBe(10)
    expect((await world.site.session(browser.cookieHeader)) !== null).toBe(isSignedIn)
    world.setAway(false)
    const again = await world.site.arrive(browser.request('/'))
    expect(again.kind === 'pass' && again.session).toBeTruthy()
  })

  test.each([
    ['revoked', async () => 'by its bit'],
    ['changed by somebody', async () => 'tampered'],
  ])('a session that was %s is cleared, and the provider asked once', async (_, how) => {
    const world = await createWorld()
    const browser = world.browser()
    await browser.signIn(world, { idx: 9 })
    browser.cookies.delete('__Host-checked')
    if ((await how()) === 'tampered') browser.cookies.set('__Host-session', 'x.x.x.x.x')
    else {
      world.issuer.revoke(9)
      world.clock.forward(11)
    }
    const arrival = await world.site.arrive(browser.request('/'))
    expect(arrival.kind).toBe('redirect')
    expect(maxAge(named(arrival.cookies, '__Host-session'))).toBe(0)
  })
})

describe('pain 12: a bit that is set although the grant is not over', () => {
  async function voided(grant: Partial<Grant> = { movesTo: 4 }) {
    const world = await createWorld()
    const browser = world.browser()
    const id: Record<string, unknown> = {}
    await browser.signIn(world, { idx: 3, id, ...grant })
    id.name = 'Alice Hargreaves'
    world.issuer.revoke(3)
    world.clock.forward(11)
    browser.cookies.delete('__Host-checked')
    return { world, browser }
  }

  test('costs one refresh: the session goes on, and this very request sees what is new', async () => {
    const { world, browser } = await voided()
    expect(await world.site.session(browser.cookieHeader)).toBeNull()
    const arrival = await world.site.arrive(browser.request('/'))
    if (arrival.kind !== 'pass') throw new Error(arrival.kind)
    browser.take(arrival.cookies)
    expect(arrival.session).toBe(browser.cookies.get('__Host-session'))
    expect((await world.site.session(browser.cookieHeader))?.user.name).toBe('Alice Hargreaves')
    expect(world.asked('/token')).toBe(2)
  })

  test('is no session for a page by itself: it sends to /sso/login, which comes straight back', async () => {
    const { world, browser } = await voided()
    const response = await browser.visit('/sso/login?returnTo=/orders')
    expect(response.headers.get('location')).toBe(`${SITE_URL}/orders`)
    expect((await world.site.session(browser.cookieHeader))?.user.name).toBe('Alice Hargreaves')
    expect(browser.cookies.get('__Host-checked')).toBe('in')
  })

  test('does not spare anybody a fresh login that is asked for', async () => {
    const { browser } = await voided()
    const response = await browser.visit('/sso/login?returnTo=/orders&max_age=300')
    expect(response.headers.get('location')).toContain('/authorize?')
  })

  test('means the end where the provider says no: asked once, cleared, and asked silently', async () => {
    const { world, browser } = await voided({})
    const cookies = new Map(browser.cookies)
    const arrival = await world.site.arrive(browser.request('/'))
    expect(arrival.kind).toBe('redirect')
    expect(maxAge(named(arrival.cookies, '__Host-session'))).toBe(0)
    const asked = world.asked('/token')
    for (const [name, value] of cookies) browser.cookies.set(name, value)
    await world.site.arrive(browser.request('/'))
    await browser.visit('/sso/login?returnTo=/orders')
    expect(world.asked('/token')).toBe(asked)
  })

  test('never goes round in a circle: new tokens that are void too lead to the provider', async () => {
    const { world, browser } = await voided()
    world.issuer.revoke(4)
    world.clock.forward(11)
    const response = await browser.visit('/sso/login?returnTo=/orders')
    expect(response.headers.get('location')).toContain('/authorize?')
  })

  test('is not asked about when a logout was pushed: that is the end', async () => {
    const { world, browser } = await voided({ sid: 's1', movesTo: 4 })
    await world.browser().post('/sso/backchannel-logout', {
      logout_token: await world.issuer.logoutToken(world.options, { sid: 's1' }),
    })
    const asked = world.asked('/token')
    expect((await world.site.arrive(browser.request('/'))).kind).toBe('redirect')
    expect(world.asked('/token')).toBe(asked)
  })

  test('auth away: the cookie stays, for nobody can tell; the page has no session', async () => {
    const { world, browser } = await voided()
    expect(await world.site.session(browser.cookieHeader)).toBeNull()
    world.setAway(true)
    const arrival = await world.site.arrive(browser.request('/'))
    expect(arrival).toMatchObject({ kind: 'pass' })
    expect(named(arrival.cookies, '__Host-session')).toBeUndefined()
    expect(await world.site.session(browser.cookieHeader)).toBeNull()
    world.setAway(false)
    const again = await world.site.arrive(browser.request('/'))
    expect(again.kind === 'pass' && again.session).toBeTruthy()
  })

  test('fifty requests at once cost one refresh', async () => {
    const { world, browser } = await voided()
    const asked = world.asked('/token')
    await Promise.all(Array.from({ length: 50 }, () => world.site.arrive(browser.request('/'))))
    expect(world.asked('/token')).toBe(asked + 1)
  })
})

describe('after a sign-out', () => {
  test.each([
    ['site', 86_400],
    ['everywhere', 86_400],
  ])('of %s the next click does not undo it', async (scope, seconds) => {
    const world = await createWorld()
    const browser = world.browser()
    await browser.signIn(world)
    const response = await browser.post('/sso/logout', { scope })
    expect(maxAge(named(response.headers.getSetCookie(), '__Host-checked'))).toBe(seconds)
    const outside = { headers: { 'sec-fetch-site': 'cross-site' } }
    world.clock.forward(3600)
    expect((await world.site.arrive(browser.request('/'))).kind).toBe('pass')
    expect((await world.site.arrive(browser.request('/', outside))).kind).toBe('pass')
  })
})
