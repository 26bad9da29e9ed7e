import { expect, test, vi } from 'vitest'
import { createSite } from './site.ts'
import { ALICE, type Browser, createWorld, named, type World } from './testing/fixtures.ts'
import { forgetSites } from './testing/index.ts'

vi.spyOn(console, 'error').mockImplementation(() => {})

const quiet = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

async function nearTheEnd(world: World, grant = {}): Promise<Browser> {
  const browser = world.browser()
  await browser.signIn(world, grant)
  browser.cookies.delete('__Host-checked')
  world.clock.forward(280)
  return browser
}

const arrivals = (world: World, browser: Browser, count: number, site = world.site) =>
  Promise.all(
    Array.from({ length: count }, (_, at) => site.arrive(browser.request(`/page/${at}`, { headers: quiet }))),
  )

test.each([
  ['20 seconds before the end', 0],
  ['after the end', 60],
])(
  'pain 2, F-35, BF-7: fifty requests %s: one refresh, one new cookie, everybody served',
  async (_, seconds) => {
    const world = await createWorld()
    const browser = await nearTheEnd(world)
    world.clock.forward(seconds)
    const asked = world.asked('/token')
    const all = await arrivals(world, browser, 50)
    expect(world.asked('/token') - asked).toBe(1)
    expect(new Set(all.map((arrival) => arrival.kind === 'pass' && arrival.session)).size).toBe(1)
    for (const arrival of all) expect(named(arrival.cookies, '__Host-session')).toBeDefined()
    browser.take(all[0]?.cookies ?? [])
    const session = await world.site.session(browser.cookieHeader)
    expect(session?.expiresAt.getTime()).toBe(world.clock.now.getTime() + 300_000)
  },
)

test('stragglers with the old cookie get the same successor', async () => {
  const world = await createWorld()
  const browser = await nearTheEnd(world)
  const [first] = await arrivals(world, browser, 1)
  const asked = world.asked('/token')
  const [late] = await arrivals(world, browser, 1)
  expect(late).toEqual(first)
  expect(world.asked('/token')).toBe(asked)
})

test('pain 2, BF-7: two processes: one refresh each, and both cookies work', async () => {
  const world = await createWorld()
  const browser = await nearTheEnd(world)
  forgetSites()
  const other = createSite(world.options)
  const asked = world.asked('/token')
  const [here, there] = await Promise.all([arrivals(world, browser, 25), arrivals(world, browser, 25, other)])
  expect(world.asked('/token') - asked).toBe(2)
  for (const [arrival] of [here, there]) {
    const envelope = arrival?.kind === 'pass' ? arrival.session : undefined
    expect(await other.sessionFromCookie(envelope ?? undefined)).not.toBeNull()
  }
})

test('the person, the start and the way stay the same; what the provider says anew is taken', async () => {
  const world = await createWorld()
  const browser = await nearTheEnd(world)
  const before = await world.site.session(browser.cookieHeader)
  const [arrival] = await arrivals(world, browser, 1)
  browser.take(arrival?.cookies ?? [])
  const after = await world.site.session(browser.cookieHeader)
  expect(after?.user).toEqual(before?.user)
  expect(after?.startedAt).toEqual(before?.startedAt)
  expect(after?.signedInVia).toBe('Alder')
})

test.each([
  ['hangs up', () => Promise.reject(new TypeError('fetch failed'))],
  ['answers 503', () => new Response(null, { status: 503 })],
  ['answers HTML', () => new Response('<p>hello', { headers: { 'content-type': 'text/html' } })],
  ['is busy', () => Response.json({ error: 'slow_down' }, { status: 429 })],
  ['does not know our secret', () => Response.json({ error: 'invalid_client' }, { status: 401 })],
])(
  'the provider %s: the session goes on while its token lives, and a later try works',
  async (_, respond) => {
    const world = await createWorld()
    const browser = await nearTheEnd(world)
    world.breakToken(respond)
    const [arrival] = await arrivals(world, browser, 1)
    expect(arrival).toMatchObject({ kind: 'pass' })
    expect(named(arrival?.cookies ?? [], '__Host-session')).toBeUndefined()
    expect(await world.site.session(browser.cookieHeader)).not.toBeNull()
    world.breakToken(undefined)
    const [again] = await arrivals(world, browser, 1)
    expect(named(again?.cookies ?? [], '__Host-session')).toBeDefined()
  },
)

test('RP-18, ID-8: a refresh that answers with another account, and no ID token, ends the session', async () => {
  const world = await createWorld()
  const browser = await nearTheEnd(world)
  world.breakToken(async () =>
    Response.json({
      access_token: await world.issuer.accessToken(world.options, { sub: 'mallory' }),
      token_type: 'Bearer',
    }),
  )
  const [arrival] = await arrivals(world, browser, 1)
  expect(named(arrival?.cookies ?? [], '__Host-session')).toMatch('Max-Age=0')
})

test('BC-7, F-34: a logout that arrives while a refresh is under way wins', async () => {
  const world = await createWorld()
  const browser = await nearTheEnd(world, { sid: 'dying' })
  const token = await world.issuer.accessToken(world.options, { sub: ALICE.sub, sid: 'dying' })
  world.breakToken(async () => {
    const logout_token = await world.issuer.logoutToken(world.options, { sid: 'dying' })
    await world.browser().post('/sso/backchannel-logout', { logout_token })
    return Response.json({ access_token: token, token_type: 'Bearer' })
  })
  const [arrival] = await arrivals(world, browser, 1)
  expect(named(arrival?.cookies ?? [], '__Host-session')).toMatch('Max-Age=0')
  expect(await world.site.session(browser.cookieHeader)).toBeNull()
})
