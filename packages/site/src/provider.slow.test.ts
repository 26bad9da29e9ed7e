import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { createSite, type Site } from './site.ts'
import { type Browser, createWorld, errorCode, named } from './testing/fixtures.ts'
import { forgetSites } from './testing/index.ts'

vi.spyOn(console, 'error').mockImplementation(() => {})

const servers: Server[] = []
afterEach(() => vi.useRealTimers())
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections()
})

/** A real server, so that connections can be counted. */
async function listen(answer: RequestListener) {
  const server = createServer(answer)
  servers.push(server)
  const seen = { open: 0, most: 0, all: 0 }
  server.on('connection', (socket) => {
    seen.all += 1
    seen.open += 1
    seen.most = Math.max(seen.most, seen.open)
    socket.on('close', () => {
      seen.open -= 1
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return { address: `http://127.0.0.1:${port}`, seen }
}

/** Alice is signed in, and then the provider is a server that answers like this. */
async function thenProviderIs(answer: RequestListener) {
  const world = await createWorld()
  const browser = world.browser()
  await browser.signIn(world)
  forgetSites()
  const { address, seen } = await listen(answer)
  const { fetch: _, ...options } = world.options
  const site = createSite({ ...options, issuerInternalUrl: address })
  return { world, browser, site, seen }
}

const hangs: RequestListener = () => {}

const afterSeconds =
  (seconds: number): RequestListener =>
  (_, response) => {
    setTimeout(
      () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
      seconds * 1000,
    ).unref()
  }
const text =
  (type: string, body: string): RequestListener =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': type }).end(body)

const troubles: [string, RequestListener][] = [
  ['hangs', hangs],
  ['takes three seconds', afterSeconds(3)],
  ['takes ten seconds', afterSeconds(10)],
  ['hangs up', (request) => void request.socket.destroy()],
  ['answers HTML', text('text/html', '<h1>Welcome</h1>')],
  ['answers half a document', text('application/json', '{"issuer":')],
  [
    'sends headers and then nothing',
    (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
  ],
  ['is another provider', text('application/json', '{"issuer":"http://evil.localhost:4000"}')],
]

// Side by side, for most of their time is the provider's.
describe.concurrent.each(troubles)('the provider %s', (name, answer) => {
  test('fifty people in a process that has just started: all signed in, over three connections at most', async () => {
    const { browser, site, seen } = await thenProviderIs(answer)
    const sessions = await Promise.all(Array.from({ length: 50 }, () => site.session(browser.cookieHeader)))
    expect(sessions.filter(Boolean)).toHaveLength(50)
    expect(seen.most).toBeLessThanOrEqual(3)
  })

  test('fifty clicks on the login link: each a plain page with another try, over one connection, and at most one stays open', async () => {
    const { site, seen, world } = await thenProviderIs(answer)
    const pages = await Promise.all(Array.from({ length: 50 }, () => world.browser(site).visit('/sso/login')))
    const code = name === 'is another provider' ? 'issuer_mismatch' : 'auth_unavailable'
    for (const page of pages) {
      expect([page.status, page.headers.get('location'), page.headers.getSetCookie()]).toEqual([
        503,
        null,
        [],
      ])
      expect(await page.clone().text()).toContain('id="retry"')
      expect(await errorCode(page)).toBe(code)
    }
    // Node opens another one, idle, in place of a connection that it gave up.
    expect(seen.most).toBeLessThanOrEqual(2)
    await vi.waitFor(() => expect(seen.open).toBeLessThanOrEqual(1))
  })
})

/** The provider answers until somebody says otherwise; then nothing is ever answered. */
async function knownThenSilent() {
  const world = await createWorld()
  let isSilent = false
  const { fetch: answer = fetch } = world.options
  forgetSites()
  const asked: string[] = []
  const site = createSite({
    ...world.options,
    fetch: (input, init) => {
      if (!isSilent) return answer(input, init)
      asked.push(new URL(String(input)).pathname)
      return new Promise((_, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      )
    },
  })
  return {
    world,
    site,
    asked,
    setSilent(value: boolean) {
      isSilent = value
    },
  }
}

describe('a provider that answers nothing, in a process that knew it before', () => {
  test('pages of the signed-in wait for nothing: no request is under way when they are ready', async () => {
    const { world, site, asked, setSilent } = await knownThenSilent()
    const browser = world.browser(site)
    await browser.signIn(world)
    await site.session(browser.cookieHeader)
    setSilent(true)
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] }) // what waits for a time waits for ever
    for (const seconds of [0, 4, 5, 60, 120]) {
      world.clock.forward(seconds)
      browser.cookies.delete('__Host-checked')
      expect(await site.session(browser.cookieHeader)).not.toBeNull()
      expect(await site.arrive(browser.request('/'))).toMatchObject({ kind: 'pass' })
    }
    expect(asked.filter((path) => path === '/token')).toEqual([])
  })

  test('when tokens are near their end, one of fifty people waits in vain, and the next fifty do not even ask', async () => {
    const { world, site, asked, setSilent } = await knownThenSilent()
    const people: Browser[] = []
    for (let each = 0; each < 4; each += 1) {
      const browser = world.browser(site)
      await browser.signIn(world)
      browser.cookies.delete('__Host-checked')
      people.push(browser)
    }
    setSilent(true)
    world.clock.forward(280)
    const [first, ...others] = people
    expect(await arrives(site, first)).toEqual({ isSignedIn: true, seconds: 10 })
    expect(asked).toContain('/token')
    asked.length = 0
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] }) // whoever waited now would wait for ever
    for (const other of others) expect(await arrives(site, other)).toEqual({ isSignedIn: true, seconds: 10 })
    expect(asked.filter((path) => path === '/token')).toEqual([])

    setSilent(false)
    world.clock.forward(6)
    vi.useRealTimers()
    for (const browser of people) {
      const { cookies } = await site.arrive(browser.request('/'))
      expect(named(cookies, '__Host-session'), 'it is back, and nobody restarted anything').toMatch(/=ey/)
    }
  })
})

async function arrives(site: Site, browser: Browser | undefined) {
  const arrival = await site.arrive(browser?.request('/') ?? new Request('http://localhost:3000/'))
  const marker = named(arrival.cookies, '__Host-checked')
  return {
    isSignedIn: (await site.session(browser?.cookieHeader ?? null)) !== null,
    seconds: Number(/Max-Age=(\d+)/.exec(marker ?? '')?.[1]),
  }
}

test('a provider that comes back is used at the next click, without a restart', async () => {
  let isBack = false
  const { world, site } = await thenProviderIs(async (request, response) => {
    if (!isBack) return
    const answer = await world.issuer.fetch(`${world.options.issuer}${request.url}`)
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  expect((await world.browser(site).visit('/sso/login')).status).toBe(503)
  isBack = true
  await new Promise((resolve) => setTimeout(resolve, 1_100)) // what it did not answer is remembered for a second
  expect((await world.browser(site).visit('/sso/login')).status).toBe(303)
})
