import { Browser as ProviderBrowser, refresh, tokensIn } from '@grove/auth/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
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
  world.asked.length = 0
})
afterEach(() => isNamed('Alice Liddell'))

const isNamed = (name: string) =>
  world.provider.auth.store.accounts.changeClaims('alice@example.com', { name }, world.provider.auth.now())
const refreshes = () => world.asked.filter((request) => request === 'POST /token').length

test('pain 12: what auth says anew is at both sites as soon as their list is, and costs each a refresh', async () => {
  await isNamed('Alice Hargreaves')
  world.provider.pass(11)
  for (const site of [SITE_A, SITE_B]) {
    expect(await alice.reads(`${site}/private`)).toBe('private: Alice Hargreaves')
    expect(alice.trail, 'no redirect').toHaveLength(1)
    expect(await alice.reads(`${site}/private`)).toBe('private: Alice Hargreaves')
  }
  expect(refreshes()).toBe(2)
})

test('pain 12: …and within one token lifetime where the list cannot be had', async () => {
  world.isProviderDown = true
  await isNamed('Alice Hargreaves')
  world.provider.pass(240)
  expect(await alice.reads(`${SITE_A}/private`)).toBe('private: Alice Liddell')
  world.isProviderDown = false
  world.provider.pass(60)
  expect(await alice.reads(`${SITE_A}/private`)).toBe('private: Alice Hargreaves')
})

test('pain 12: a token of before opens no API any more, a token of afterwards does', async () => {
  const { access_token, refresh_token } = await new ProviderBrowser(world.provider).tokens('alder')
  const status = async (token: string) =>
    (await world.fetch(`${SITE_B}/api/me`, { headers: { authorization: `Bearer ${token}` } })).status
  expect(await status(access_token)).toBe(200)
  await isNamed('Alice Hargreaves')
  world.provider.pass(11)
  expect(await status(access_token)).toBe(401)
  expect(
    await status((await tokensIn(await refresh(world.provider, 'alder', refresh_token))).access_token),
  ).toBe(200)
})

test('a sign-out everywhere after a change is a sign-out', async () => {
  await isNamed('Alice Hargreaves')
  world.provider.pass(11)
  await alice.goTo(`${SITE_A}/private`)
  const copied = alice.jar(SITE_A).get('__Host-session') ?? ''
  await alice.signsOut(SITE_B, 'everywhere')
  const thief = new Browser(world)
  thief.jar(SITE_A).set('__Host-session', copied)
  await thief.goTo(`${SITE_A}/private`)
  expect(new URL(thief.address).origin).toBe(world.provider.issuer)
})
