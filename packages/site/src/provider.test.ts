import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { trustOptions } from './options.ts'
import { createProvider } from './provider.ts'
import { createSite } from './site.ts'
import { createWorld, errorCode, ISSUER, named, type World } from './testing/fixtures.ts'
import { forgetSites } from './testing/index.ts'

const DISCOVERY = '/.well-known/openid-configuration'
const ELSEWHERE = 'http://elsewhere.localhost:4009'
const OTHER_ENDPOINTS = {
  authorization_endpoint: `${ELSEWHERE}/other/authorize`,
  token_endpoint: `${ELSEWHERE}/other/token`,
  revocation_endpoint: `${ELSEWHERE}/other/revoke`,
  end_session_endpoint: `${ELSEWHERE}/other/logout`,
  jwks_uri: `${ELSEWHERE}/other/jwks`,
}

// What discovery answered is good for a second by the machine's clock.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())

/** Discovery says this from now on, in addition to the usual, and whoever remembers an answer asks again. */
async function discoveryChanges(world: World, changes: Record<string, unknown>): Promise<void> {
  const usual = await (await world.issuer.fetch(ISSUER + DISCOVERY)).json()
  world.issuer.answer(DISCOVERY, () => Response.json({ ...usual, ...changes }))
  pass(world, 2)
}

function pass(world: World, seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
  world.clock.forward(seconds)
}

const askedElsewhere = (world: World) =>
  Object.values(OTHER_ENDPOINTS).filter((address) => world.asked(new URL(address).pathname) > 0)

describe('F-57: discovery changes while the site runs', () => {
  test('other endpoints are not followed: all goes where it went, keys and sign-out included', async () => {
    const world = await createWorld()
    const browser = world.browser()
    await browser.signIn(world)
    await discoveryChanges(world, OTHER_ENDPOINTS)
    const asked = world.asked(DISCOVERY)

    const login = await world.browser().visit('/sso/login')
    expect(login.headers.get('location')).toMatch(`${ISSUER}/authorize?`)
    expect(world.asked(DISCOVERY)).toBe(asked + 1) // it was read, and made no difference
    expect(
      named((await world.browser().signIn(world)).headers.getSetCookie(), '__Host-session'),
    ).toBeDefined()

    browser.cookies.delete('__Host-checked')
    pass(world, 280)
    const { cookies } = await world.site.arrive(browser.request('/page'))
    expect(named(cookies, '__Host-session')).toBeDefined()

    pass(world, 601) // the keys are too old to be used
    const keysAsked = world.asked('/jwks')
    const token = await world.issuer.accessToken(world.options)
    const request = new Request('http://localhost:3000/api', {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(await world.site.bearer(request)).toHaveProperty('session')
    expect(world.asked('/jwks')).toBeGreaterThan(keysAsked)

    const logout = await browser.post('/sso/logout', { scope: 'everywhere' })
    expect(logout.headers.get('location')).toMatch(`${ISSUER}/logout?`)
    expect(askedElsewhere(world)).toEqual([])
  })

  test.each([ELSEWHERE, `${ISSUER}/`])(
    'another issuer, %s, is refused: no login starts, the signed-in go on, and all is well once it is right again',
    async (other) => {
      const world = await createWorld()
      const browser = world.browser()
      await browser.signIn(world)
      await discoveryChanges(world, { issuer: other, ...OTHER_ENDPOINTS })
      const login = await world.browser().visit('/sso/login')
      expect([login.status, login.headers.get('location'), await errorCode(login)]).toEqual([
        503,
        null,
        'issuer_mismatch',
      ])
      browser.cookies.delete('__Host-checked')
      pass(world, 280)
      const { cookies } = await world.site.arrive(browser.request('/page'))
      expect(named(cookies, '__Host-session')).toMatch(/Max-Age=[1-9]/) // refreshed

      forgetSites() // a process that starts anew, and asks before it knows
      const anew = createSite(world.options)
      const { cookies: later } = await anew.arrive(browser.request('/page'))
      expect(later.filter((line) => /^__Host-session=.*Max-Age=0/.test(line))).toEqual([]) // who is signed in stays so

      await discoveryChanges(world, { issuer: ISSUER })
      expect((await world.browser().visit('/sso/login')).headers.get('location')).toMatch(
        `${ISSUER}/authorize?`,
      )
      expect(askedElsewhere(world)).toEqual([])
    },
  )

  test('RP-16: a site that is started afterwards reads them', async () => {
    const world = await createWorld()
    await world.browser().visit('/sso/login')
    await discoveryChanges(world, { authorization_endpoint: `${ISSUER}/sign-in` })
    forgetSites()
    const restarted = createSite(world.options)
    const login = await world.browser(restarted).visit('/sso/login')
    expect(login.headers.get('location')).toMatch(`${ISSUER}/sign-in?`)
  })
})

test('RP-16: every endpoint and the keys are those that discovery names', async () => {
  const world = await createWorld()
  const paths = ['/token', '/jwks', '/revoke'] as const
  for (const path of paths)
    world.issuer.answer(`/elsewhere${path}`, (request) =>
      world.issuer.fetch(new Request(ISSUER + path, request)),
    )
  await discoveryChanges(world, {
    authorization_endpoint: `${ISSUER}/elsewhere/authorize`,
    token_endpoint: `${ISSUER}/elsewhere/token`,
    revocation_endpoint: `${ISSUER}/elsewhere/revoke`,
    end_session_endpoint: `${ISSUER}/elsewhere/logout`,
    jwks_uri: `${ISSUER}/elsewhere/jwks`,
  })
  const browser = world.browser()
  const login = await browser.visit('/sso/login')
  expect(login.headers.get('location')).toMatch(`${ISSUER}/elsewhere/authorize?`)
  await browser.visit(world.approve(login.headers.get('location')))
  expect(browser.cookies.has('__Host-session')).toBe(true)
  const logout = await browser.post('/sso/logout', { scope: 'everywhere' })
  expect(logout.headers.get('location')).toMatch(`${ISSUER}/elsewhere/logout?`)
  for (const path of paths)
    expect([world.asked(`/elsewhere${path}`), world.asked(path)], path).toEqual([1, 0])
})

test('whether the provider is there is asked once a second, however many ask', async () => {
  const world = await createWorld()
  const provider = createProvider(trustOptions(world.options))
  const isThere = () => Promise.all(Array.from({ length: 20 }, () => provider.isThere()))
  expect(await isThere()).toEqual(Array(20).fill(true))
  expect(world.asked(DISCOVERY)).toBe(1)

  world.setAway(true)
  pass(world, 0.9)
  expect(await isThere(), 'as it was').toEqual(Array(20).fill(true))
  pass(world, 0.2)
  expect(await isThere()).toEqual(Array(20).fill(false))
  expect(world.asked(DISCOVERY)).toBe(2)
})

test('F-57: nothing that is asked of the provider may be redirected elsewhere', async () => {
  const world = await createWorld()
  const modes = new Map<string, RequestRedirect | undefined>()
  forgetSites()
  const site = createSite({
    ...world.options,
    fetch: async (input, init) => {
      modes.set(new URL(String(input)).pathname, init?.redirect)
      return await world.issuer.fetch(input, init)
    },
  })
  const signedIn = await world.browser(site).signIn(world)
  expect(named(signedIn.headers.getSetCookie(), '__Host-session')).toBeDefined()
  const token = await world.issuer.accessToken(world.options)
  await site.bearer(
    new Request('http://localhost:3000/api', { headers: { authorization: `Bearer ${token}` } }),
  )
  expect([...modes.keys()]).toEqual(expect.arrayContaining([DISCOVERY, '/token', '/jwks', '/status/0']))
  for (const [path, mode] of modes) expect(mode, path).toMatch(/^(manual|error)$/)
})

test('an answer that was refused is not kept: the next one is read', async () => {
  const world = await createWorld()
  const provider = createProvider(trustOptions(world.options))
  await discoveryChanges(world, { issuer: ELSEWHERE })
  await expect(provider.configuration()).rejects.toThrow()
  expect(await provider.isThere()).toBe(false)
  await discoveryChanges(world, { issuer: ISSUER })
  expect((await provider.configuration()).serverMetadata().token_endpoint).toBe(`${ISSUER}/token`)
})
