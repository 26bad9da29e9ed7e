import { createHash } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { createSite } from './site.ts'
import { stateOf } from './state.ts'
import {
  ALICE,
  createWorld,
  errorCode,
  ISSUER,
  maxAge,
  named,
  SITE_URL,
  type World,
} from './testing/fixtures.ts'
import { forgetSites } from './testing/index.ts'

vi.spyOn(console, 'error').mockImplementation(() => {})

async function startSilently(world: World, browser = world.browser(), path = '/deep?x=1') {
  const arrival = await world.site.arrive(browser.request(path))
  if (arrival.kind !== 'redirect') throw new Error('expected a silent try')
  browser.take(arrival.cookies)
  return { browser, location: arrival.location }
}

describe('GET /sso/callback', () => {
  test('CK-5 IS-8: makes a session that the very next request sees, and returns to the deep link, a clean address, with nothing left over', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const response = await browser.signIn(world, { sid: 's1' }, '/orders?x=1')
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe(`${SITE_URL}/orders?x=1`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect([...browser.cookies.keys()].sort()).toEqual(['__Host-checked', '__Host-landed', '__Host-session'])
    expect(maxAge(named(response.headers.getSetCookie(), '__Host-landed'))).toBe(10)
    expect(maxAge(named(response.headers.getSetCookie(), '__Host-checked'))).toBe(270)

    const session = await world.site.session(browser.cookieHeader)
    expect(session).toMatchObject({
      user: {
        id: ALICE.sub,
        name: 'Alice Liddell',
        email: 'alice@example.com',
        emailVerified: true,
        locale: 'en-GB',
      },
      sessionId: 's1',
      signedInVia: 'Alder',
      clientId: world.options.clientId,
      startedAt: world.clock.now,
      signedInAt: new Date(world.clock.now.getTime() - 12_000),
      expiresAt: new Date(world.clock.now.getTime() + 300_000),
    })
    expect(session?.token.header).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
    expect(JSON.stringify(session)).not.toContain(session?.accessToken().split('.')[2]) // BF-1: no token in what a page may pass on
  })

  test('RP-1, RP-14, BF-2: the whole code flow of a client with a secret: PKCE, the secret in the header, and no token in any address', async () => {
    const clientId = `shop & co: 100%+ä ${crypto.randomUUID()}`
    const clientSecret = 'a secret: with 100% of what has to be encoded, + and ä'
    const asked: Request[] = []
    const world = await createWorld({ clientId, clientSecret })
    forgetSites()
    const site = createSite({
      ...world.options,
      fetch: async (input, init) => {
        asked.push(new Request(input, init))
        return await world.issuer.fetch(input, init)
      },
    })
    const browser = world.browser(site)
    const login = await browser.visit('/sso/login')
    const location = new URL(login.headers.get('location') ?? '')
    await browser.visit(world.approve(location.href))
    expect(browser.cookies.has('__Host-session')).toBe(true)

    const token = asked.find(({ url }) => url === `${ISSUER}/token`)
    const form = new URLSearchParams(await token?.text())
    expect(location.searchParams.get('response_type')).toBe('code')
    expect(form.get('grant_type')).toBe('authorization_code')
    expect(
      createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url'),
    ).toBe(location.searchParams.get('code_challenge'))
    // RFC 6749 §2.3.1: form-urlencoded first, so that a colon in the name ends nothing.
    const [scheme, credentials = ''] = token?.headers.get('authorization')?.split(' ') ?? []
    const parts = Buffer.from(credentials, 'base64').toString().split(':')
    const decoded = parts.map((part) => new URLSearchParams(`x=${part}`).get('x'))
    expect([scheme, ...decoded]).toEqual(['Basic', clientId, clientSecret])
    expect(form.has('client_secret')).toBe(false)
    for (const { url } of asked) expect(url).not.toContain('?')
    expect(asked.map(({ url }) => url.replace(ISSUER, '')).sort()).toEqual([
      '/.well-known/openid-configuration',
      '/jwks',
      '/token',
    ])
  })

  test('pain 10, pain 24, IS-4: the callback again with a live session goes on, by a stranger it starts again once', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login?returnTo=/orders')
    const callback = world.approve(login.headers.get('location'))
    await browser.visit(callback)
    expect((await browser.visit(callback)).headers.get('location')).toBe(`${SITE_URL}/orders`)
    expect(world.asked('/token')).toBe(1)

    const stranger = world.browser()
    const again = await stranger.visit(callback)
    expect(again.headers.get('location')).toMatch('/authorize?')
    expect(world.asked('/token')).toBe(1) // CK-8: a code that is not this browser's is never redeemed
    stranger.cookies.clear() // and its cookies are blocked, too
    const end = await stranger.visit(world.approve(again.headers.get('location')))
    expect(end.status).toBe(400)
    expect(await errorCode(end)).toBe('login_state_unknown')
  })

  test('IS-1 IS-4: a transaction is used once, also when its cookie is copied', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login')
    const copy = world.browser()
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    const callback = world.approve(login.headers.get('location'))
    await browser.visit(callback)
    const replay = await copy.visit(callback)
    expect(named(replay.headers.getSetCookie(), '__Host-session')).toBeUndefined()
    expect(world.asked('/token')).toBe(1)
  })

  test('whoever begins and ends logins without an account, however many, keeps nobody out; what he fills stays bounded', async () => {
    const world = await createWorld()
    const { spentLogins } = stateOf(world.options.clientId, ISSUER, () =>
      expect.unreachable('no second state'),
    )
    for (let each = 0; each < 10_000; each += 1) spentLogins.add(`l${each}`)
    const browser = world.browser()
    const login = await browser.visit('/sso/login?returnTo=/orders')
    const copy = browser.cookieHeader
    const callback = world.approve(login.headers.get('location'))
    expect((await browser.visit(callback)).headers.get('location')).toBe(`${SITE_URL}/orders`)
    expect(spentLogins.size).toBe(10_000)
    expect(spentLogins.has('l0'), 'the oldest').toBe(false)
    await world.browser().visit(callback, { headers: { cookie: copy } })
    expect(world.asked('/token'), 'the youngest is remembered').toBe(1)
  })

  test('a login that was forgotten is refused by the provider, which takes a code once', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login')
    const copy = browser.cookieHeader
    const callback = world.approve(login.headers.get('location'))
    await browser.visit(callback)
    stateOf(world.options.clientId, ISSUER, () => expect.unreachable('no second state')).spentLogins.clear()
    world.breakToken(() => Response.json({ error: 'invalid_grant' }, { status: 400 }))
    const replay = await world.browser().visit(callback, { headers: { cookie: copy } })
    expect(world.asked('/token')).toBe(2)
    expect(named(replay.headers.getSetCookie(), '__Host-session')).toBeUndefined()
  })

  test('IS-1: a transaction is good for ten minutes', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login')
    world.clock.forward(601)
    const late = await browser.visit(world.approve(login.headers.get('location')))
    expect(late.headers.get('location')).toMatch('/authorize?')
    expect(world.asked('/token')).toBe(0)
  })

  test('IS-1: the way back in the state cannot be exchanged', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login?returnTo=/orders')
    const callback = new URL(world.approve(login.headers.get('location')), SITE_URL)
    const [random] = callback.searchParams.get('state')?.split('.') ?? []
    callback.searchParams.set('state', `${random}.${Buffer.from('/delete').toString('base64url')}`)
    await browser.visit(callback.pathname + callback.search)
    expect(world.asked('/token')).toBe(0)
    expect(browser.cookies.has('__Host-session')).toBe(false)
  })

  test.each([
    ['no state', '/sso/callback?code=x'],
    ['a state of another shape', '/sso/callback?code=x&state=abc'],
    ['nothing at all', '/sso/callback'],
  ])('%s: an error page, never a loop', async (_, path) => {
    const world = await createWorld()
    const response = await world.browser().visit(path)
    expect(response.status).toBe(400)
    expect(await errorCode(response)).toBe('login_state_missing')
  })

  test.each([
    [
      'IS-2, K-3: another issuer',
      'login_issuer',
      (url: URL) => url.searchParams.set('iss', 'http://evil.localhost:4000'),
    ],
    [
      'IS-2, K-3: no issuer although it is announced',
      'login_issuer',
      (url: URL) => url.searchParams.delete('iss'),
    ],
    [
      'IS-2: an error of another issuer',
      'login_issuer',
      ({ searchParams }: URL) => {
        searchParams.delete('code')
        searchParams.set('error', 'access_denied')
        searchParams.set('iss', 'http://evil.localhost:4000')
      },
    ],
    [
      'a parameter given twice',
      'login_invalid',
      (url: URL) => url.searchParams.append('iss', url.searchParams.get('iss') ?? ''),
    ],
    ['no code', 'login_invalid', (url: URL) => url.searchParams.delete('code')],
  ])('%s: no token request, no session', async (_, code, change) => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login')
    const callback = new URL(world.approve(login.headers.get('location')), SITE_URL)
    change(callback)
    const response = await browser.visit(callback.pathname + callback.search)
    expect(await errorCode(response)).toBe(code)
    expect(world.asked('/token')).toBe(0)
    expect(browser.cookies.has('__Host-session')).toBe(false)
  })

  test.each([undefined, 'http://evil.localhost:4000'])(
    'K-3: a provider that does not announce iss may leave it out, and may not name another: %s',
    async (iss) => {
      const world = await createWorld()
      const discovery = '/.well-known/openid-configuration'
      const usual = await (await world.issuer.fetch(ISSUER + discovery)).json()
      const changed = { ...usual, authorization_response_iss_parameter_supported: undefined }
      world.issuer.answer(discovery, () => Response.json(changed))
      const browser = world.browser()
      const login = await browser.visit('/sso/login')
      const callback = new URL(world.approve(login.headers.get('location')), SITE_URL)
      callback.searchParams.delete('iss')
      if (iss) callback.searchParams.set('iss', iss)
      await browser.visit(callback.pathname + callback.search)
      expect(browser.cookies.has('__Host-session')).toBe(iss === undefined)
    },
  )

  test.each([
    [
      'AT-13: an access token for another site',
      'login_invalid',
      { access: { aud: ['http://other.localhost:4002'] } },
    ],
    [
      'AT-13: an access token of another issuer',
      'login_issuer',
      { access: { iss: 'http://evil.localhost:4000' } },
    ],
    ['two accounts in one answer', 'login_invalid', { access: { sub: 'mallory' } }],
  ])('%s: refused with a page', async (_, code, grant) => {
    const world = await createWorld()
    const browser = world.browser()
    const response = await browser.signIn(world, grant)
    expect(response.status).toBe(400)
    expect(await errorCode(response)).toBe(code)
    expect(browser.cookies.has('__Host-session')).toBe(false)
  })

  test.each([
    ['a login older than max_age', 4000, 'login_too_old'],
    ['after max_age, one that does not say when it was,', undefined, 'login_invalid'],
  ])('SU-2, ID-5: %s is refused, once, and not asked for again', async (_, age, code) => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login?returnTo=/orders&max_age=300')
    const auth_time = age && Math.floor(world.clock.now.getTime() / 1000) - age
    const response = await browser.visit(
      world.approve(login.headers.get('location'), { id: { auth_time }, access: { auth_time } }),
    )
    expect(await errorCode(response)).toBe(code)
    expect(browser.cookies.has('__Host-session')).toBe(false)
  })

  test('BC-7: a logout that arrives while the login is under way wins', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login')
    const callback = world.approve(login.headers.get('location'), { sid: 'dying' })
    await browser.post('/sso/backchannel-logout', {
      logout_token: await world.issuer.logoutToken(world.options, { sid: 'dying' }),
    })
    const again = await browser.visit(callback)
    expect(again.headers.get('location')).toMatch('/authorize?') // once
    const end = await browser.visit(world.approve(again.headers.get('location'), { sid: 'dying' }))
    expect(await errorCode(end)).toBe('session_ended')
    expect(browser.cookies.has('__Host-session')).toBe(false)
  })

  test('a code that is spent starts again once, then says so', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login?returnTo=/orders')
    world.breakToken(() => Response.json({ error: 'invalid_grant' }, { status: 400 }))
    const again = await browser.visit(world.approve(login.headers.get('location')))
    expect(again.headers.get('location')).toMatch('/authorize?')
    const end = await browser.visit(world.approve(again.headers.get('location')))
    expect(await errorCode(end)).toBe('login_code_spent')
  })

  test('auth goes away between the two steps: 503 with another try', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login')
    world.setAway(true)
    const response = await browser.visit(world.approve(login.headers.get('location')))
    expect(response.status).toBe(503)
    expect(await errorCode(response)).toBe('auth_unavailable')
  })

  test.each([
    ['access_denied', undefined],
    ['invalid_scope', 'login_refused: invalid_scope'],
    ['"><script>', 'login_refused: unknown'],
  ])('error=%s', async (error, code) => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login?returnTo=/orders')
    const response = await browser.visit(world.refuse(login.headers.get('location'), error))
    if (code) expect(await errorCode(response)).toBe(code)
    else expect(response.headers.get('location')).toBe(`${SITE_URL}/`)
    expect([...browser.cookies.keys()]).toEqual([])
  })

  describe('of a silent try', () => {
    test('success lands on the deep link, signed in', async () => {
      const world = await createWorld()
      const { browser, location } = await startSilently(world)
      expect(new URL(location).searchParams.get('prompt')).toBe('none')
      const back = await browser.visit(world.approve(location))
      expect(back.headers.get('location')).toBe(`${SITE_URL}/deep?x=1`)
      expect(await world.site.session(browser.cookieHeader)).not.toBeNull()
    })

    test.each([
      ['login_required', 120],
      ['consent_required', 120],
      ['access_denied', 120],
      ['server_error', 10],
    ])(
      'error=%s: back on the deep link without a word, not asked again for %i seconds',
      async (error, seconds) => {
        const world = await createWorld()
        const { browser, location } = await startSilently(world)
        const back = await browser.visit(world.refuse(location, error))
        expect(back.headers.get('location')).toBe(`${SITE_URL}/deep?x=1`)
        expect(maxAge(named(back.headers.getSetCookie(), '__Host-checked'))).toBe(seconds)
      },
    )

    test('auth goes away in the middle: back on the deep link, and asked again soon', async () => {
      const world = await createWorld()
      const { browser, location } = await startSilently(world)
      const answer = world.approve(location)
      world.setAway(true)
      const back = await browser.visit(answer)
      expect(back.headers.get('location')).toBe(`${SITE_URL}/deep?x=1`)
      expect(maxAge(named(back.headers.getSetCookie(), '__Host-checked'))).toBe(10)
    })

    test('cookies blocked: the deep link with sso=none, and there it ends (no loop)', async () => {
      const world = await createWorld()
      const { location } = await startSilently(world)
      const blocked = world.browser()
      const back = await blocked.visit(world.approve(location))
      expect(back.headers.get('location')).toBe(`${SITE_URL}/deep?x=1&sso=none`)
      expect((await world.site.arrive(blocked.request('/deep?x=1&sso=none'))).kind).toBe('pass')
    })

    test('auth goes away in the middle: the page goes on', async () => {
      const world = await createWorld()
      const { browser, location } = await startSilently(world)
      world.setAway(true)
      expect((await browser.visit(world.approve(location))).headers.get('location')).toBe(
        `${SITE_URL}/deep?x=1`,
      )
    })
  })

  test.each([
    ['a refusal', '/sso/callback?code=x&state=abc'],
    ['nothing to do with us', '/sso/callback'],
  ])(
    'IS-8: the page after %s has nothing of others in it, and is neither kept nor told to anybody',
    async (_, path) => {
      const world = await createWorld()
      const { headers } = await world.browser().visit(path)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/]+=*'; form-action 'self' \S+; base-uri 'none'; frame-ancestors 'none'$/,
      )
    },
  )

  test('F-40: a clock five minutes ahead gives a page that says why, never a loop', async () => {
    const world = await createWorld()
    const ahead = () => new Date(world.clock.now.getTime() + 305_000)
    const site = createSite({ ...world.options, clientId: world.options.clientId, now: ahead })
    const response = await world.browser(site).signIn(world)
    const [theirs, ours] = [world.clock.now.getTime() + 300_000, ahead().getTime()]
    const html = await response.clone().text()
    for (const clock of [theirs, ours]) expect(html).toContain(new Date(clock).toISOString())
    expect(await errorCode(response)).toBe('login_clock')
  })
})
