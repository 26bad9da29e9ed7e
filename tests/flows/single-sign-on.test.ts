import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Browser, openWorld, SITE_A, SITE_B, type World } from './world.ts'

let world: World
let alice: Browser

beforeAll(async () => {
  world = await openWorld()
})
beforeEach(() => {
  alice = new Browser(world)
})
afterAll(() => world.close())

test('pain 1: one login, and the other site knows the person without a click', async () => {
  await alice.logsInAt(SITE_A)
  expect(await alice.reads(`${SITE_B}/`)).toBe('Birch: Alice Liddell')
})

test('an arrival with a live session takes four requests: page, authorize, callback, page', async () => {
  await alice.logsInAt(SITE_A)
  await alice.goTo(`${SITE_B}/private`)
  expect(alice.trail.map((address) => new URL(address).pathname)).toEqual([
    '/private',
    '/authorize',
    '/sso/callback',
    '/private',
  ])
})

test('the second site can say where the password was typed', async () => {
  await alice.logsInAt(SITE_A)
  expect(await alice.reads(`${SITE_B}/why`)).toBe('signed in via Alder')
})

test('the login comes back to the page that asked for it', async () => {
  const page = await alice.goTo(`${SITE_B}/private?of=1865`)
  const response = await alice.submitsLogin(await page.text())
  expect(alice.address).toBe(`${SITE_B}/private?of=1865`)
  expect(await response.text()).toBe('private: Alice Liddell')
})

test('somebody who is nobody is asked once, and stays where he wanted to be', async () => {
  expect(await alice.reads(`${SITE_B}/`)).toBe('Birch: nobody')
  expect(alice.address).toBe(`${SITE_B}/`)
  await alice.goTo(`${SITE_B}/`)
  expect(alice.trail).toHaveLength(1)
})

test('with cookies blocked nothing loops', async () => {
  await alice.logsInAt(SITE_A)
  const forgetful = new Browser(world)
  forgetful.jar = () => new Map()
  expect(await forgetful.reads(`${SITE_B}/`)).toBe('Birch: nobody')
  expect(forgetful.trail.length).toBeLessThanOrEqual(4)
})

test('pain 7: two tabs that log in at once both arrive, each on its own page', async () => {
  const first = await alice.goTo(`${SITE_A}/sso/login?returnTo=/private`)
  const firstPage = await first.text()
  const second = await alice.goTo(`${SITE_A}/sso/login?returnTo=/why`)
  const secondPage = await second.text()
  await alice.submitsLogin(firstPage)
  expect(alice.address).toBe(`${SITE_A}/private`)
  await alice.submitsLogin(secondPage)
  expect(alice.address).toBe(`${SITE_A}/why`)
})

test('pain 7, pain 8: twenty tabs wait at the login, five cookies are kept, and each tab lands on its own page', async () => {
  const tabs: { path: string; page: string }[] = []
  for (let tab = 0; tab < 20; tab += 1) {
    const path = `/private?tab=${tab}`
    const page = await alice.goTo(`${SITE_A}/sso/login?returnTo=${encodeURIComponent(path)}`)
    tabs.push({ path, page: await page.text() })
  }
  const open = () => [...alice.jar(SITE_A).keys()].filter((name) => name.startsWith('__Host-login.'))
  expect(open()).toHaveLength(5)
  for (const { path, page } of tabs) {
    const response = await alice.submitsLogin(page)
    expect(alice.address).toBe(`${SITE_A}${path}`)
    expect(await response.text()).toBe('private: Alice Liddell')
  }
  expect(open().length).toBeLessThanOrEqual(5)
})

test('pain 10: a callback that was used already goes on to the page', async () => {
  await alice.logsInAt(SITE_A, '/private')
  const used = alice.trail.find((address) => address.includes('/sso/callback')) ?? ''
  expect(await alice.reads(used)).toBe('private: Alice Liddell')
})

test('CK-6 CK-8 F-90 login CSRF: the callback of one browser is worth nothing in another', async () => {
  const mallory = new Browser(world)
  const page = await mallory.goTo(`${SITE_A}/sso/login`)
  const html = await page.text()
  const action = (/<form [^>]*action="([^"]*)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&')
  const token = /name="form_token" value="([^"]*)"/.exec(html)?.[1] ?? ''
  const body = new URLSearchParams({
    email: 'bob@example.com',
    password: 'yes-we-can-1999',
    form_token: token,
    intent: 'sign-in',
  })
  const answer = await mallory.request(new URL(action, mallory.address).href, { method: 'POST', body })
  await alice.goTo(answer.headers.get('location') ?? '')
  expect(alice.jar(SITE_A).has('__Host-session')).toBe(false)
})

test('SU-2 an important page asks again when the last login is old, and the other site stays signed in', async () => {
  await alice.logsInAt(SITE_A)
  await alice.goTo(`${SITE_B}/private`)
  expect(await alice.reads(`${SITE_A}/important`)).toBe('important')
  world.provider.pass(301)
  const page = await alice.goTo(`${SITE_A}/important`)
  const response = await alice.submitsLogin(await page.text())
  expect(await response.text()).toBe('important')
  alice.lapses(SITE_B)
  expect(await alice.reads(`${SITE_B}/private`)).toBe('private: Alice Liddell')
})

test('one token opens the API of both sites', async () => {
  await alice.logsInAt(SITE_A)
  const token = await accessTokenOf(world)
  for (const site of [SITE_A, SITE_B]) {
    const response = await world.fetch(`${site}/api/me`, { headers: { authorization: `Bearer ${token}` } })
    expect(await response.json()).toEqual({ sub: 'acc_alice' })
  }
})

/** A token like those that lie sealed in Alice's cookie. */
async function accessTokenOf({ provider }: World): Promise<string> {
  const { Browser: ProviderBrowser } = await import('@grove/auth/testing')
  return (await new ProviderBrowser(provider).tokens('alder')).access_token
}
