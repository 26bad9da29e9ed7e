import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Browser, openWorld, SITE_A, SITE_B, type World } from './world.ts'

let world: World
let alice: Browser

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  world.isProviderDown = false
  world.restartSites()
  alice = new Browser(world)
  await alice.logsInAt(SITE_A)
  await alice.goTo(`${SITE_B}/private`)
  world.isProviderDown = true
  await aSecond()
})

test('F-100 whoever is signed in goes on at both sites until the token ends', async () => {
  world.provider.pass(120)
  expect(await alice.reads(`${SITE_A}/private`)).toBe('private: Alice Liddell')
  expect(await alice.reads(`${SITE_B}/private`)).toBe('private: Alice Liddell')
})

test('F-100 the login link gives a plain page and sends nobody to a server that is not there', async () => {
  const stranger = new Browser(world)
  const response = await stranger.goTo(`${SITE_A}/sso/login?returnTo=/private`)
  expect(response.status).toBe(503)
  expect(await response.text()).toContain('id="error-code"')
  expect(stranger.trail).toHaveLength(1)
})

test('F-100 an arrival is shown the public page, and nothing loops', async () => {
  const stranger = new Browser(world)
  expect(await stranger.reads(`${SITE_A}/`)).toBe('Alder: nobody')
  expect(stranger.trail).toHaveLength(1)
})

test('F-102 the provider comes back, and the next try works', async () => {
  const stranger = new Browser(world)
  await stranger.goTo(`${SITE_A}/sso/login?returnTo=/private`)
  world.isProviderDown = false
  await aSecond()
  const response = await stranger.logsInAt(SITE_A, '/private', 'bob')
  expect(await response.text()).toBe('private: Bob Builder')
})

test('a token near its end is kept while nobody can renew it', async () => {
  world.provider.pass(285)
  alice.lapses(SITE_A)
  expect(await alice.reads(`${SITE_A}/private`)).toBe('private: Alice Liddell')
})

/** The kit remembers for a second of real time whether the provider is there. */
const aSecond = () => new Promise((resolve) => setTimeout(resolve, 1_100))
