import { afterEach, expect, test, vi } from 'vitest'
import { refreshStatus } from './status.ts'
import { createWorld, ISSUER, SITE_URL, type World } from './testing/fixtures.ts'

afterEach(() => void vi.useRealTimers())

const stateOf = (world: World) => {
  const home = (globalThis as Record<symbol, unknown>)[Symbol.for('@grove/site@1')]
  return (home as Map<string, Parameters<typeof refreshStatus>[0]['state']>).get(
    `${world.options.clientId} ${ISSUER}`,
  )
}

const LISTENING = ': listening\nretry: 3000\n\n'

async function openTab(world: World, grant = {}, browser = world.browser()) {
  if (!browser.cookies.has('__Host-session')) await browser.signIn(world, grant)
  const response = await browser.visit('/sso/events', { headers: { 'sec-fetch-dest': 'empty' } })
  const reader = response.body?.getReader()
  if (!reader) throw new Error('expected a stream')
  const next = async () => {
    const { value, done } = await reader.read()
    return done ? 'the end' : new TextDecoder().decode(value)
  }
  expect(await next()).toBe(LISTENING)
  return { browser, response, reader, next }
}

test('without a session the tab hears so at once', async () => {
  const world = await createWorld()
  const response = await world.browser().visit('/sso/events')
  expect(await response.text()).toContain('event: signed-out')
})

test('BF-10: an event stream that nothing may keep or hold back, and that no other origin may read', async () => {
  const world = await createWorld()
  const { response } = await openTab(world)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('x-accel-buffering')).toBe('no')
  expect(response.headers.get('vary')).toBe('cookie')
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
})

test('pain 31: a push from the provider reaches the tabs of that session, and no others', async () => {
  const world = await createWorld()
  const alice = await openTab(world, { sid: 's1' })
  await openTab(world, { sid: 's2' })
  await world.browser().post('/sso/backchannel-logout', {
    logout_token: await world.issuer.logoutToken(world.options, { sid: 's1' }),
  })
  expect(await alice.next()).toBe('event: signed-out\ndata: {}\n\n')
  expect(await alice.next()).toBe('the end')
  expect(stateOf(world)?.listeners.size).toBe(1)
})

test('signing out of this site tells the other tabs of the browser', async () => {
  const world = await createWorld()
  const tab = await openTab(world)
  await tab.browser.post('/sso/logout', { scope: 'site' }, { origin: SITE_URL })
  expect(await tab.next()).toContain('signed-out')
})

/** What the timer of a process does. */
async function fetchesTheList(world: World): Promise<void> {
  const state = stateOf(world)
  if (!state) throw new Error('expected a state')
  await refreshStatus({ state, now: () => world.clock.now } as Parameters<typeof refreshStatus>[0]) // all it reads of a kit
}

test('BC-9: a replica that no push reached sends its tabs to ask again after the next list, and they hear of the end', async () => {
  const world = await createWorld()
  const tab = await openTab(world, { idx: 5 })
  world.issuer.revoke(5)
  await fetchesTheList(world)
  expect(await tab.next()).toBe('retry: 500\n\n')
  expect(await tab.next()).toBe('the end')
  const again = await tab.browser.visit('/sso/events')
  expect(await again.text()).toContain('event: signed-out')
  // The provider said no once, and that is remembered.
  const asked = world.asked('/token')
  await tab.browser.visit('/sso/events')
  expect(world.asked('/token')).toBe(asked)
})

test('pain 12: a tab whose tokens are void, but whose grant is not over, hears that something has changed', async () => {
  const world = await createWorld()
  const grant = { idx: 5, movesTo: 6, id: { name: 'Alice Liddell' } }
  const tab = await openTab(world, grant)
  world.issuer.revoke(5)
  grant.id.name = 'Alice Hargreaves'
  await fetchesTheList(world)
  expect(await tab.next()).toBe('retry: 500\n\n')
  const again = await openTab(world, {}, tab.browser)
  expect(await again.next()).toBe('event: changed\ndata: {}\n\n')
  expect((await world.site.session(tab.browser.cookieHeader))?.user.name).toBe('Alice Hargreaves')
})

test('a comment every fifteen seconds keeps the line open', async () => {
  const world = await createWorld()
  const browser = world.browser()
  await browser.signIn(world)
  await world.site.session(browser.cookieHeader)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const tab = await openTab(world, {}, browser)
  vi.advanceTimersByTime(15_000)
  expect(await tab.next()).toBe(': still here\n\n')
})

test('a tab that goes away is forgotten', async () => {
  const world = await createWorld()
  const tab = await openTab(world)
  expect(stateOf(world)?.listeners.size).toBe(1)
  await tab.reader.cancel()
  expect(stateOf(world)?.listeners.size).toBe(0)
})

test('SIGTERM ends the streams, and then the process as it would have ended', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
  const others = process.listeners('SIGTERM')
  process.removeAllListeners('SIGTERM')
  const world = await createWorld()
  const tab = await openTab(world)
  process.emit('SIGTERM')
  expect(await tab.next()).toBe('the end')
  expect(kill).toHaveBeenCalledWith(process.pid, 'SIGTERM')
  kill.mockRestore()
  for (const listener of others) process.on('SIGTERM', listener)
})
