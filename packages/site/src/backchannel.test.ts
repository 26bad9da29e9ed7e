import { LOGOUT_EVENT } from '@grove/jwt'
import { describe, expect, test, vi } from 'vitest'
import { ALICE, createWorld, type Grant, ISSUER, type World } from './testing/fixtures.ts'

vi.spyOn(console, 'error').mockImplementation(() => {})

async function signedIn(sid = 's1', grant: Partial<Grant> = {}) {
  const world = await createWorld()
  const browser = world.browser()
  await browser.signIn(world, { sid, ...grant })
  const isSignedIn = async () => (await world.site.session(browser.cookieHeader)) !== null
  return { world, browser, isSignedIn }
}

/** The provider has no cookies, no Origin and no Sec-Fetch headers. */
async function tell(
  world: World,
  body: string,
  type = 'application/x-www-form-urlencoded',
): Promise<Response> {
  const address = 'http://localhost:3000/sso/backchannel-logout'
  const response = await world.site.handle(
    new Request(address, { method: 'POST', body, headers: { 'content-type': type } }),
  )
  return response ?? Response.error()
}

const told = async (world: World, token: string) => await tell(world, `logout_token=${token}`)

/** Another header over the same signature. */
function withAlgorithm(token: string, alg: string): string {
  const [, claims, signature] = token.split('.')
  return `${Buffer.from(JSON.stringify({ alg, typ: 'logout+jwt' })).toString('base64url')}.${claims}.${signature}`
}

describe('POST /sso/backchannel-logout', () => {
  test('RP-19, BC-3: exactly 200, no-store, and the session is over without its cookie', async () => {
    const { world, isSignedIn } = await signedIn()
    const response = await told(world, await world.issuer.logoutToken(world.options, { sid: 's1' }))
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toBe('')
    expect(await isSignedIn()).toBe(false)
  })

  test('BC-3: a session nobody knows is 200 as well, and ends nobody', async () => {
    const { world, isSignedIn } = await signedIn()
    expect((await told(world, await world.issuer.logoutToken(world.options, { sid: 'other' }))).status).toBe(
      200,
    )
    expect(await isSignedIn()).toBe(true)
  })

  test('BC-3: with a sub alone all sessions of that account end, and a later one lives (F-38)', async () => {
    const { world, browser, isSignedIn } = await signedIn()
    world.clock.forward(5)
    const bob = await world.issuer.signedIn(world.options, { id: 'bob' })
    await told(world, await world.issuer.logoutToken(world.options, { sub: ALICE.sub }))
    expect(await isSignedIn()).toBe(false)
    expect(await world.site.session(bob)).not.toBeNull()
    world.clock.forward(1)
    await browser.signIn(world, { sid: 's2' })
    expect(await isSignedIn()).toBe(true)
  })

  test('BC-5, BF-9: the dead session is kept until its last access token has expired', async () => {
    const { world, browser } = await signedIn()
    const elsewhere = await world.issuer.signedIn(world.options, { id: 'alice' }, { sid: 's1' })
    expect(await world.site.session(elsewhere)).not.toBeNull()
    await told(world, await world.issuer.logoutToken(world.options, { sid: 's1' }))
    for (const seconds of [0, 150, 149]) {
      world.clock.forward(seconds) // its token lives for 300
      expect(await world.site.session(elsewhere)).toBeNull()
      expect(await world.site.session(browser.cookieHeader)).toBeNull()
    }
  })

  test('F-41: it stays dead when the clock is set back to when its token was alive', async () => {
    const { world, isSignedIn } = await signedIn()
    world.clock.forward(3600)
    await told(world, await world.issuer.logoutToken(world.options, { sid: 's1' }))
    world.clock.forward(-3600)
    expect(await isSignedIn()).toBe(false)
  })

  test('the status list is fetched at once', async () => {
    const { world, isSignedIn } = await signedIn()
    await isSignedIn()
    const asked = world.asked('/status/0')
    await told(world, await world.issuer.logoutToken(world.options, { sid: 'other' }))
    await vi.waitFor(() => expect(world.asked('/status/0')).toBe(asked + 1))
  })

  test('BC-2: a token counts once', async () => {
    const { world } = await signedIn()
    const token = await world.issuer.logoutToken(world.options, { sid: 's1' })
    expect((await told(world, token)).status).toBe(200)
    expect((await told(world, token)).status).toBe(400)
  })

  const good = (world: World) => world.issuer.logoutToken(world.options, { sid: 's1' })
  // Signed by the provider's own key: only the fault that is named is wrong with it.
  const faulty = (world: World, claims: Record<string, unknown>, typ = 'logout+jwt') => {
    const usual = { aud: world.options.clientId, jti: 'j', sid: 's1', events: { [LOGOUT_EVENT]: {} } }
    return world.issuer.sign(typ, { ...usual, ...claims })
  }

  test('RP-19: unknown claims do no harm, which shows that the faults below are what is refused', async () => {
    const { world } = await signedIn()
    expect((await told(world, await faulty(world, { extra: 1 }))).status).toBe(200)
  })

  test.each<[string, (world: World) => Promise<string>]>([
    ['-alg-none', async (world) => withAlgorithm(await good(world), 'none')],
    [
      '-alg-none without a signature',
      async (world) => withAlgorithm(await good(world), 'none').replace(/[^.]*$/, ''),
    ],
    ['-wrong-alg', async (world) => withAlgorithm(await good(world), 'HS256')],
    ['-no-event', (world) => faulty(world, { events: undefined })],
    ['-wrong-event', (world) => faulty(world, { events: { 'urn:other': {} } })],
    ['-with-nonce', (world) => faulty(world, { nonce: 'n' })],
    ['no jti', (world) => faulty(world, { jti: undefined })],
    ['neither sid nor sub', (world) => faulty(world, { sid: undefined })],
    ['another typ', (world) => faulty(world, {}, 'JWT')],
    [
      'a key of somebody else',
      async (world) => (await createWorld()).issuer.logoutToken(world.options, { sid: 's1' }),
    ],
    [
      '-wrong-aud',
      (world) => world.issuer.logoutToken({ ...world.options, clientId: 'other' }, { sid: 's1' }),
    ],
    ['BC-6: an ID token', (world) => world.issuer.idToken(world.options, { sub: ALICE.sub, sid: 's1' })],
    ['BC-6: an access token', (world) => world.issuer.accessToken(world.options, { sid: 's1' })],
    ['not a token', async () => 'abc'],
    ['nothing', async () => ''],
  ])('BC-2, BC-4, RP-20: %s is exactly 400 with JSON, and the session lives', async (_, make) => {
    const { world, isSignedIn } = await signedIn()
    const response = await told(world, await make(world))
    expect(response.status).toBe(400)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect([response.headers.get('location'), response.headers.get('content-type')]).toEqual([
      null,
      'application/json',
    ])
    expect(await response.json()).toMatchObject({ error: 'invalid_request' })
    expect(await isSignedIn()).toBe(true)
  })

  test.each<['required' | 'optional' | undefined, string | undefined, number]>([
    [undefined, 'logout+jwt', 200],
    [undefined, undefined, 400],
    [undefined, 'JWT', 400],
    ['required', undefined, 400],
    ['optional', 'logout+jwt', 200],
    ['optional', undefined, 200],
    ['optional', 'JWT', 200],
    ['optional', 'at+jwt', 400],
  ])(
    'K-2: where the type of logout tokens is %s, one of type %s is answered with %i',
    async (logoutTokenType, typ, status) => {
      const world = await createWorld(logoutTokenType && { logoutTokenType })
      const browser = world.browser()
      await browser.signIn(world, { sid: 's1' })
      const iat = Math.floor(world.clock.now.getTime() / 1000)
      const usual = { iss: ISSUER, aud: world.options.clientId, jti: 'j', iat, exp: iat + 120, sid: 's1' }
      const token = world.issuer.forge({ typ }, { ...usual, events: { [LOGOUT_EVENT]: {} } })
      expect((await told(world, token)).status).toBe(status)
      expect((await world.site.session(browser.cookieHeader)) === null).toBe(status === 200)
    },
  )

  test('K-2: without a type it is an ID token all the same, and no logout token', async () => {
    const world = await createWorld({ logoutTokenType: 'optional' })
    const token = await world.issuer.idToken(world.options, { sub: ALICE.sub, sid: 's1', nonce: 'n' })
    expect((await told(world, token)).status).toBe(400)
  })

  test('BC-2, RP-20: -wrong-iss', async () => {
    const { world, isSignedIn } = await signedIn()
    const token = await world.issuer.logoutToken(world.options, {
      sid: 's1',
      ...{ iss: 'http://evil.localhost:4000' },
    })
    expect((await told(world, token)).status).toBe(400)
    expect(await isSignedIn()).toBe(true)
  })

  test('BC-2: an old token is refused', async () => {
    const { world } = await signedIn()
    const token = await good(world)
    world.clock.forward(200)
    expect((await told(world, token)).status).toBe(400)
  })

  test.each([
    ['JSON', 'application/json'],
    ['text', 'text/plain'],
    ['multipart', 'multipart/form-data; boundary=x'],
  ])('BC-4: %s instead of a form is 400', async (_, type) => {
    const { world, isSignedIn } = await signedIn()
    expect((await tell(world, `logout_token=${await good(world)}`, type)).status).toBe(400)
    expect(await isSignedIn()).toBe(true)
  })

  test('BC-4: no login, no cookie and no page of ours are asked for: it is a call from elsewhere', async () => {
    const { world, isSignedIn } = await signedIn()
    const headers = { origin: 'null', 'sec-fetch-site': 'cross-site' }
    const body = new URLSearchParams({ logout_token: await good(world) })
    const address = 'http://localhost:3000/sso/backchannel-logout'
    const response = await world.site.handle(new Request(address, { method: 'POST', body, headers }))
    expect(response?.status).toBe(200)
    expect(await isSignedIn()).toBe(false)
  })

  test('two tokens, or a large body, are 400 (F-61)', async () => {
    const { world } = await signedIn()
    const token = await good(world)
    expect((await tell(world, `logout_token=${token}&logout_token=${token}`)).status).toBe(400)
    expect((await tell(world, `logout_token=${token}&x=${'x'.repeat(20_000)}`)).status).toBe(400)
  })

  test('"I cannot tell" is 503, not 400', async () => {
    const world = await createWorld()
    const token = await good(world)
    world.setAway(true)
    const response = await told(world, token)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
  })
})

test.each([
  [undefined, [200, 400]],
  [60, [200, 200]],
])(
  'F-40: with a tolerance of %s seconds a clock that is behind takes the tokens that it should',
  async (clockToleranceSeconds, statuses) => {
    const world = await createWorld(clockToleranceSeconds === undefined ? {} : { clockToleranceSeconds })
    const answers = []
    for (const secondsBehind of [9, 50]) {
      const logoutToken = await world.issuer.logoutToken(world.options, { sid: 'somebody' })
      world.clock.forward(-secondsBehind)
      const body = new URLSearchParams({ logout_token: logoutToken })
      const request = new Request('http://shop.localhost:4001/sso/backchannel-logout', {
        method: 'POST',
        body,
      })
      answers.push((await world.site.handle(request))?.status)
      world.clock.forward(secondsBehind)
    }
    expect(answers).toEqual(statuses)
  },
)

test('BC-3: a session that signs in again after a logout token is not held to be the old one', async () => {
  const { world, browser, isSignedIn } = await signedIn('s1')
  const logoutToken = await world.issuer.logoutToken(world.options, { sid: 's1' })
  const body = new URLSearchParams({ logout_token: logoutToken })
  const request = new Request('http://shop.localhost:4001/sso/backchannel-logout', { method: 'POST', body })
  expect((await world.site.handle(request))?.status).toBe(200)
  expect(await isSignedIn()).toBe(false)
  world.clock.forward(2)
  await browser.signIn(world, { sid: 's1' })
  expect(await isSignedIn()).toBe(true)
})

describe('Back-Channel Logout 1.0 §2.1: the session is the one that the ID token names', () => {
  const tokens: [string, Partial<Grant>][] = [
    ['the ID token alone', { access: { sid: undefined } }],
    ['the access token alone', { id: { sid: undefined } }],
    ['both, each another,', { access: { sid: 'of its own' } }],
  ]
  const outOf = async (world: World, sid: string) =>
    await told(world, await world.issuer.logoutToken(world.options, { sid }))

  test.each(tokens)('BC-3: a sid that %s says', async (_, grant) => {
    const { world, browser, isSignedIn } = await signedIn('s1', grant)
    expect(await world.site.session(browser.cookieHeader)).toMatchObject({ sessionId: 's1' })
    await outOf(world, 'other')
    expect(await isSignedIn()).toBe(true)
    await outOf(world, 's1')
    expect(await isSignedIn()).toBe(false)
  })

  test('BC-3: also after a refresh that brought no ID token', async () => {
    const { world, browser, isSignedIn } = await signedIn('s1', { access: { sid: undefined } })
    const accessToken = await world.issuer.accessToken(world.options, { sub: ALICE.sub, sid: undefined })
    world.breakToken(() => Response.json({ access_token: accessToken, token_type: 'Bearer' }))
    world.clock.forward(280)
    browser.cookies.delete('__Host-checked')
    browser.take((await world.site.arrive(browser.request('/'))).cookies)
    const session = await world.site.session(browser.cookieHeader)
    expect(session?.accessToken()).toBe(accessToken)
    await outOf(world, 's1')
    expect(await isSignedIn()).toBe(false)
  })

  test('BC-7: the logout wins over a login of its session that is under way', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const login = await browser.visit('/sso/login?returnTo=/')
    const answer = world.approve(login.headers.get('location'), { sid: 's1', access: { sid: undefined } })
    await outOf(world, 's1')
    await browser.visit(answer)
    expect(await world.site.session(browser.cookieHeader)).toBeNull()
  })
})
