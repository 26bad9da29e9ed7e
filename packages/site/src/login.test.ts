import { describe, expect, test } from 'vitest'
import { createSite } from './site.ts'
import { createWorld, errorCode, ISSUER, named, SITE_URL } from './testing/fixtures.ts'

const loginCookies = (names: Iterable<string>) =>
  [...names].filter((name) => name.startsWith('__Host-login.'))

describe('GET /sso/login', () => {
  test('sends the browser to the provider with code, PKCE, nonce and a state that knows the way back', async () => {
    const world = await createWorld()
    const response = await world.browser().visit('/sso/login?returnTo=/orders')
    expect(response.status).toBe(303)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    const { origin, pathname, searchParams } = new URL(response.headers.get('location') ?? '')
    expect(origin + pathname).toBe(`${ISSUER}/authorize`)
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: world.options.clientId,
      redirect_uri: `${SITE_URL}/sso/callback`,
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid profile email offline_access notes',
    })
    expect(searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/)
    expect(searchParams.get('nonce')).toMatch(/^[\w-]{22}$/)
    expect(Buffer.from(searchParams.get('state')?.split('.')[1] ?? '', 'base64url').toString()).toBe(
      '/orders',
    )
    expect(searchParams.has('response_mode')).toBe(false) // CK-4: form_post would need a cookie that is None
    expect(searchParams.has('prompt') || searchParams.has('max_age')).toBe(false)
  })

  test('max_age is passed on when it is a number, and only then', async () => {
    const world = await createWorld()
    const ask = async (maxAge: string) => {
      const { headers } = await world.browser().visit(`/sso/login?returnTo=/&max_age=${maxAge}`)
      return new URL(headers.get('location') ?? '').searchParams.get('max_age')
    }
    expect(await ask('300')).toBe('300')
    expect(await ask('0')).toBe('0')
    expect(await ask('-1')).toBeNull()
    expect(await ask('x')).toBeNull()
  })

  test('pain 26, IS-6: another origin to return to becomes the front page', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login?returnTo=https://evil.example/')
    const back = await browser.visit(world.approve(login.headers.get('location')))
    expect(back.headers.get('location')).toBe(`${SITE_URL}/`)
  })

  test.each([
    [204, { rsc: '1' }],
    [204, { 'next-router-prefetch': '1' }],
    [204, { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }],
    [403, { 'sec-purpose': 'prefetch;prerender' }],
    [403, { 'sec-purpose': 'prefetch', rsc: '1' }],
  ])('pain 9, BF-8: %i for %o, and nothing was started', async (status, headers) => {
    const world = await createWorld()
    const response = await world.browser().visit('/sso/login?returnTo=/', { headers })
    expect(response.status).toBe(status)
    expect(response.headers.getSetCookie()).toEqual([])
    expect(response.headers.has('location')).toBe(false)
    expect(world.asked('/.well-known/openid-configuration')).toBe(0)
  })

  test('BF-8: a navigation by GET starts a login, and no other method does', async () => {
    const world = await createWorld()
    expect((await world.browser().visit('/sso/login')).status).toBe(303)
    for (const method of ['POST', 'PUT', 'HEAD'])
      expect((await world.browser().visit('/sso/login', { method })).status, method).toBe(405)
  })

  test.each([
    ['/orders?x=1#y', `${SITE_URL}/orders?x=1#y`, '/orders?x=1#y'],
    ['no page', undefined, '/'],
    ['a page of another origin', 'https://evil.example/orders', '/'],
    ['a page whose host only begins alike', `${SITE_URL}.evil.example/`, '/'],
    [
      'a page that names us as a user',
      `${SITE_URL.replace('//', '//shop@')}/orders`.replace('localhost', 'example'),
      '/',
    ],
    ['a path that leaves this origin', `${SITE_URL}//evil.example`, '/'],
    ['a route of the kit', `${SITE_URL}/sso/logout`, '/'],
    ['no address', 'orders', '/'],
  ])('RP-22: another party starts a login here, back to %s', async (_, target, path) => {
    const world = await createWorld()
    const browser = world.browser()
    const query = new URLSearchParams({ iss: ISSUER, ...(target && { target_link_uri: target }) })
    const login = await browser.visit(`/sso/login?${query}`)
    const back = await browser.visit(world.approve(login.headers.get('location')))
    expect(back.headers.get('location')).toBe(SITE_URL + path)
  })

  test.each(['https://evil.example', `${ISSUER}/`, ''])(
    'RP-22: another party starts no login for the issuer %j',
    async (iss) => {
      const world = await createWorld()
      const response = await world.browser().visit(`/sso/login?${new URLSearchParams({ iss })}`)
      expect([response.status, await errorCode(response)]).toEqual([400, 'login_elsewhere'])
      expect([response.headers.get('location'), response.headers.getSetCookie()]).toEqual([null, []])
    },
  )

  test('pain 8, IS-5: nine open logins keep five cookies, the youngest, and the last one completes', async () => {
    const world = await createWorld()
    const browser = world.browser()
    let last = ''
    for (let tab = 1; tab <= 9; tab += 1) {
      world.clock.forward(1)
      last = (await browser.visit(`/sso/login?returnTo=/${tab}`)).headers.get('location') ?? ''
      expect(loginCookies(browser.cookies.keys()).length).toBe(Math.min(tab, 5))
    }
    expect((await browser.visit(world.approve(last))).headers.get('location')).toBe(`${SITE_URL}/9`)
  })

  test('pain 7, F-36, IS-5: five tabs finish in another order, each on its own page', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const locations: string[] = []
    for (const tab of [1, 2, 3, 4, 5]) {
      locations.push((await browser.visit(`/sso/login?returnTo=/${tab}`)).headers.get('location') ?? '')
    }
    for (const tab of [3, 5, 1, 4, 2]) {
      const back = await browser.visit(world.approve(locations[tab - 1] ?? ''))
      expect(back.headers.get('location')).toBe(`${SITE_URL}/${tab}`)
    }
    expect(loginCookies(browser.cookies.keys())).toEqual([])
  })

  test('pain 9, auth away: a plain page with a code, a way back and another try; no transaction, no redirect', async () => {
    const world = await createWorld()
    world.setAway(true)
    const response = await world.browser().visit('/sso/login?returnTo=/orders&max_age=60')
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(response.headers.getSetCookie()).toEqual([])
    const html = await response.clone().text()
    expect(html).toContain('Sign-in is not available right now')
    expect(html).toContain('href="/"')
    expect(html).toContain('href="/sso/login?returnTo=%2Forders&#38;max_age=60"')
    expect(html).not.toContain('<script')
    expect(await errorCode(response)).toBe('auth_unavailable')
  })

  test('auth back: works again without a restart', async () => {
    const world = await createWorld()
    world.setAway(true)
    expect((await world.browser().visit('/sso/login')).status).toBe(503)
    world.setAway(false)
    await new Promise((resolve) => setTimeout(resolve, 1_050)) // the answer is remembered for a second
    expect((await world.browser().visit('/sso/login')).status).toBe(303)
  })

  test('fifty people at once ask once whether auth is there', async () => {
    const world = await createWorld()
    await Promise.all(Array.from({ length: 50 }, () => world.browser().visit('/sso/login')))
    expect(world.asked('/.well-known/openid-configuration')).toBe(1)
  })

  test('auth hangs: the page comes after 1.5 seconds', async () => {
    const world = await createWorld()
    const never: typeof fetch = (_, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
    const site = createSite({ ...world.options, clientId: 'hanging', fetch: never })
    const before = Date.now()
    expect((await world.browser(site).visit('/sso/login')).status).toBe(503)
    expect(Date.now() - before).toBeLessThan(2_500)
  })

  test.each([
    ['IS-7, RP-15: another issuer', () => Response.json({ issuer: 'http://evil.localhost:4000' })],
    ['HTML', () => new Response('<h1>Welcome</h1>', { headers: { 'content-type': 'text/html' } })],
    [
      'half a document',
      () => new Response('{"issuer":', { headers: { 'content-type': 'application/json' } }),
    ],
    ['500', () => new Response(null, { status: 500 })],
  ])('discovery answers with %s: no login starts', async (_, respond) => {
    const world = await createWorld()
    world.issuer.answer('/.well-known/openid-configuration', respond)
    expect((await world.browser().visit('/sso/login')).status).toBe(503)
  })

  test('pain 18: the internal address is asked, the public one is checked and shown', async () => {
    const world = await createWorld()
    const addresses: string[] = []
    const site = createSite({
      ...world.options,
      clientId: 'internal',
      issuerInternalUrl: 'http://127.0.0.1:4999',
      fetch: (input, init) => {
        addresses.push(String(input))
        return world.issuer.fetch(String(input).replace('http://127.0.0.1:4999', ISSUER), init)
      },
    })
    const response = await world.browser(site).visit('/sso/login')
    expect(addresses).toEqual(['http://127.0.0.1:4999/.well-known/openid-configuration'])
    expect(response.headers.get('location')).toMatch(`${ISSUER}/authorize`)
  })

  test('other methods and unknown paths', async () => {
    const world = await createWorld()
    expect((await world.browser().post('/sso/login', {})).status).toBe(405)
    expect((await world.browser().visit('/sso/logout')).status).toBe(405) // pain 9: a link signs nobody out
    expect(await world.site.handle(world.browser().request('/sso/else'))).toBeUndefined()
    expect(await world.site.handle(world.browser().request('/sso/__proto__'))).toBeUndefined()
  })

  test('pain 19, pain 32, CK-2 CK-4 CK-5 CK-6 BF-3: every cookie is a host cookie of this site alone, and explicitly Lax', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login')
    const back = await browser.visit(world.approve(login.headers.get('location')))
    const all = [...login.headers.getSetCookie(), ...back.headers.getSetCookie()]
    expect(named(all, '__Host-session')).toBeDefined()
    for (const cookie of all)
      expect(cookie).toMatch(/^__Host-[^;]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
  })
})
