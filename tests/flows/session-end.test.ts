import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Browser, openWorld, SITE_A, SITE_B, type World } from './world.ts'

let world: World
let alice: Browser

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  world.restartSites()
  alice = new Browser(world)
  await alice.logsInAt(SITE_A)
  await alice.goTo(`${SITE_B}/private`)
})

const isAtTheLogin = (browser: Browser) => new URL(browser.address).origin === world.provider.issuer

test('pain 4, pain 5: signing out everywhere at one site signs out of the other with its next request', async () => {
  await alice.signsOut(SITE_B, 'everywhere')
  expect(alice.address).toBe(`${SITE_B}/?signed-out=everywhere`)
  await alice.goTo(`${SITE_A}/private`)
  expect(isAtTheLogin(alice)).toBe(true)
})

test('LO-3 no question is asked on the way, and no session id stands in a URL', async () => {
  const sid = alice.jar(world.provider.issuer).get('__Host-sso')?.split('.')[0]
  await alice.signsOut(SITE_B, 'everywhere')
  expect(alice.trail).toHaveLength(4)
  expect(alice.trail.some((address) => sid && address.includes(sid))).toBe(false)
})

test('BC-9 a cookie copied before is dead at both sites, also where no push arrived', async () => {
  const copies = [SITE_A, SITE_B].map((site) => ({
    site,
    cookie: alice.jar(site).get('__Host-session') ?? '',
  }))
  const { answerPost } = world.provider
  world.provider.answerPost = async () => 'lost on the way'
  await alice.signsOut(SITE_B, 'everywhere')
  world.provider.answerPost = answerPost
  world.provider.pass(11)
  for (const { site, cookie } of copies) {
    const thief = new Browser(world)
    thief.jar(site).set('__Host-session', cookie)
    thief.jar(site).set('__Host-checked', '1')
    await thief.goTo(`${site}/private`)
    expect(isAtTheLogin(thief), site).toBe(true)
  }
})

test('signing out of one site leaves the other alone, and the next click does not undo it', async () => {
  await alice.signsOut(SITE_B, 'site')
  expect(await alice.reads(`${SITE_B}/`)).toBe('Birch: nobody')
  expect(await alice.reads(`${SITE_A}/private`)).toBe('private: Alice Liddell')
})

test('the token ends, and the session goes on with a new one: one refresh, however many ask', async () => {
  world.provider.pass(295)
  alice.lapses(SITE_A)
  world.asked.length = 0
  const cookie = alice.jar(SITE_A).get('__Host-session')
  const pages = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const tab = new Browser(world)
      tab.jar(SITE_A).set('__Host-session', cookie ?? '')
      return await tab.reads(`${SITE_A}/private`)
    }),
  )
  expect(new Set(pages)).toEqual(new Set(['private: Alice Liddell']))
  expect(world.asked.filter((ask) => ask === 'POST /token')).toHaveLength(1)
})

test('pain 2: twenty tabs of one browser come back after the token ended: one refresh, and nobody is signed out', async () => {
  world.provider.pass(310)
  world.asked.length = 0
  const tabs = await Promise.all(
    Array.from({ length: 20 }, (_, tab) => alice.request(`${SITE_A}/private?tab=${tab}`)),
  )
  expect(tabs.map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect(world.asked.filter((ask) => ask === 'POST /token')).toHaveLength(1)
  // Whichever answer the browser took last.
  world.provider.pass(295)
  world.restartSites()
  expect(await alice.reads(`${SITE_A}/private`)).toBe('private: Alice Liddell')
  expect(alice.trail).toHaveLength(1)
})

test.each([
  ['before the token ended', 280, 'private: Alice Liddell'],
  ['after it', 310, undefined],
])(
  'pain 3: the answer of a refresh is lost, %s: it is asked again, and the session goes on',
  async (_, seconds, page) => {
    world.provider.pass(seconds)
    alice.lapses(SITE_A)
    world.losesAnswerTo = 'POST /token'
    const first = await alice.request(`${SITE_A}/private`)
    if (page) expect(await first.text(), 'the old token is good still').toBe(page)
    expect(world.losesAnswerTo).toBeUndefined()
    expect(alice.jar(SITE_A).has('__Host-session')).toBe(true)

    world.provider.pass(5)
    alice.lapses(SITE_A)
    expect(await alice.reads(`${SITE_A}/private`)).toBe('private: Alice Liddell')
    expect(alice.trail, 'no redirect').toHaveLength(1)
    world.provider.pass(295)
    expect(await alice.reads(`${SITE_A}/private`)).toBe('private: Alice Liddell')
    expect(alice.trail).toHaveLength(1)
  },
)

test('pain 2: two processes refresh at once and get the same successor', async () => {
  world.provider.pass(295)
  const old = alice.jar(SITE_A).get('__Host-session') ?? ''
  const seen: string[] = []
  for (const process of ['first', 'second']) {
    const tab = new Browser(world)
    tab.jar(SITE_A).set('__Host-session', old)
    seen.push(`${process}: ${await tab.reads(`${SITE_A}/private`)}`)
    world.restartSites()
    world.provider.pass(2)
  }
  expect(seen).toEqual(['first: private: Alice Liddell', 'second: private: Alice Liddell'])
})

test('pain 3: a spent refresh token that comes back late costs one silent redirect, never a sign-out', async () => {
  world.provider.pass(295)
  const old = alice.jar(SITE_A).get('__Host-session') ?? ''
  alice.lapses(SITE_A)
  await alice.goTo(`${SITE_A}/private`)
  world.provider.pass(31)
  alice.jar(SITE_A).set('__Host-session', old) // the answer with the new cookie was lost
  alice.lapses(SITE_A)
  world.restartSites()
  expect(await alice.reads(`${SITE_A}/private`)).toBe('private: Alice Liddell')
  expect(alice.trail.map((address) => new URL(address).pathname)).toEqual([
    '/private',
    '/authorize',
    '/sso/callback',
    '/private',
  ])
})

test('a new login of the same person lives although an older one was signed out everywhere', async () => {
  await alice.signsOut(SITE_B, 'everywhere')
  await alice.logsInAt(SITE_A, '/private')
  expect(await alice.reads(`${SITE_A}/private`)).toBe('private: Alice Liddell')
})
