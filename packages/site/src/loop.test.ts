import { describe, expect, test, vi } from 'vitest'
import { loginAddress } from './login.ts'
import { wasSignedInWithin } from './session.ts'
import { createSite, type Site } from './site.ts'
import {
  type Browser,
  createWorld,
  errorCode,
  type Grant,
  named,
  SITE_URL,
  type World,
} from './testing/fixtures.ts'
import { forgetSites } from './testing/index.ts'

vi.spyOn(console, 'error').mockImplementation(() => {})

interface Walk {
  world: World
  browser: Browser
  /** Which site, or which replica of it, answers the request of this number. */
  siteOf?: (request: number) => Site
  /** Whether the browser keeps a cookie. */
  keeps?: (name: string) => boolean
  grant?: Partial<Grant>
  /** The page asks for a login this fresh. */
  maxAge?: number
  /** The page asks for nothing: only its proxy may. */
  isPublic?: boolean
}

const MOST_REDIRECTS = 20

/** Opens a page and follows every redirect, as a browser does: proxy, page, login, provider (which knows the person), callback. */
async function open(path: string, walk: Walk): Promise<{ end: Response | 'page'; sentToProvider: number }> {
  const { world, browser, siteOf = () => world.site, keeps = () => true } = walk
  const take = (cookies: string[]) => browser.take(cookies.filter((line) => keeps(line.split('=', 1).join())))
  let [at, sentToProvider] = [path, 0]
  let fromOutside = true
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const site = siteOf(hop)
    const headers = { 'sec-fetch-site': fromOutside ? 'cross-site' : 'same-origin' }
    const answer = at.startsWith('/sso/')
      ? await site.handle(browser.request(at, { headers }))
      : await pageOf(site, browser.request(at, { headers }), walk)
    if (!answer) throw new Error(`${at} is not a route of the kit`)
    take(answer.headers.getSetCookie())
    const location = answer.headers.get('location')
    if (!location) return { end: answer.status === 200 ? 'page' : answer, sentToProvider }
    const isToProvider = location.startsWith(world.options.issuer)
    if (isToProvider) {
      sentToProvider += 1
      fromOutside = true
    }
    at = isToProvider ? world.approve(location, walk.grant) : location.replace(SITE_URL, '')
  }
  throw new Error('too many redirects')
}

/** What the adapters do around a page. */
async function pageOf(site: Site, request: Request, { world, maxAge, isPublic }: Walk): Promise<Response> {
  const arrival = isPublic ? await site.arrive(request) : ({ kind: 'pass', cookies: [] } as const)
  const headers = new Headers(arrival.cookies.map((cookie) => ['set-cookie', cookie]))
  if (arrival.kind === 'redirect') headers.set('location', arrival.location)
  if (arrival.kind === 'redirect' || isPublic)
    return new Response(null, { status: headers.has('location') ? 303 : 200, headers })
  const session = await site.session(request.headers.get('cookie'))
  if (session && wasSignedInWithin(session, maxAge, world.clock.now)) return new Response('hello')
  const { pathname } = new URL(request.url)
  headers.set(
    'location',
    loginAddress({ returnTo: pathname, ...(maxAge !== undefined && { maxAgeSeconds: maxAge }) }),
  )
  return new Response(null, { status: 303, headers })
}

const exceptFor = (blocked: string) => (name: string) => name !== blocked

/** Pages are answered by one replica and logins by the other, as chance has it, until the fourth. */
function fourthLoginAt(one: Site, other: Site): Site['handle'] {
  let logins = 0
  return (request) => {
    const isLogin = new URL(request.url).pathname === '/sso/login'
    logins += isLogin ? 1 : 0
    return isLogin && logins > 3 ? one.handle(request) : other.handle(request)
  }
}

async function expectPage(end: Response | 'page', code: string): Promise<void> {
  if (end === 'page') throw new Error('expected a page of the kit')
  expect(end.status).toBe(400)
  expect(await errorCode(end)).toBe(code)
}

test('without a fault one login opens the page, which shows that the faults below are what makes it stop', async () => {
  const world = await createWorld()
  expect(await open('/orders', { world, browser: world.browser() })).toEqual({
    end: 'page',
    sentToProvider: 1,
  })
})

describe('pain 21: after three logins within seconds that this site knows nothing of, a page says why', () => {
  test('the browser does not keep the cookie of the session', async () => {
    const world = await createWorld()
    const walk = { world, browser: world.browser(), keeps: exceptFor('__Host-session') }
    const { end, sentToProvider } = await open('/orders', walk)
    await expectPage(end, 'login_loop: cookies')
    expect(sentToProvider).toBe(3)
  })

  test('the browser keeps no cookie at all: there is nothing to count with, and the second try is the last', async () => {
    const world = await createWorld()
    const { end, sentToProvider } = await open('/orders', {
      world,
      browser: world.browser(),
      keeps: () => false,
    })
    await expectPage(end, 'login_state_unknown')
    expect(sentToProvider).toBe(2)
  })

  test('pain 29: one replica cannot open what the other sealed', async () => {
    const world = await createWorld()
    forgetSites()
    const other = createSite({ ...world.options, secrets: ['another-session-secret-that-is-long-enough'] })
    const replicas = { session: other.session, handle: fourthLoginAt(other, world.site) } as Site // no more is asked of it
    const { end } = await open('/orders', { world, browser: world.browser(), siteOf: () => replicas })
    await expectPage(end, 'login_loop: secrets')
  })

  test('pain 29: all pages are answered by a replica with another secret, and all logins by this one', async () => {
    const world = await createWorld()
    forgetSites()
    const other = createSite({ ...world.options, secrets: ['another-session-secret-that-is-long-enough'] })
    const replicas = { session: other.session, handle: world.site.handle } as Site // no more is asked of it
    const walk = { world, browser: world.browser(), siteOf: () => replicas }
    const { end, sentToProvider } = await open('/orders', walk)
    await expectPage(end, 'login_loop: replicas')
    expect(sentToProvider).toBe(4)
  })

  test('the clock of one replica is hours ahead', async () => {
    const world = await createWorld()
    forgetSites()
    const later = () => new Date(world.clock.now.getTime() + 3 * 3600_000)
    const ahead = createSite({ ...world.options, now: later })
    const replicas = { session: ahead.session, handle: fourthLoginAt(ahead, world.site) } as Site // no more is asked of it
    const { end } = await open('/orders', { world, browser: world.browser(), siteOf: () => replicas })
    await expectPage(end, 'login_loop: clock')
  })

  test('the status list says of every new grant that it is over', async () => {
    const world = await createWorld()
    const places = Array.from({ length: 20 }, (_, n) => n + 7)
    for (const idx of places) world.issuer.revoke(idx)
    const grant = {
      get idx() {
        return places.shift() ?? 0
      },
    }
    const { end, sentToProvider } = await open('/orders', { world, browser: world.browser(), grant })
    await expectPage(end, 'login_loop: ended')
    expect(sentToProvider).toBe(3)
  })

  test('a page that wants a login fresher than the clocks allow', async () => {
    const world = await createWorld()
    const { end } = await open('/orders', { world, browser: world.browser(), maxAge: 5 }) // each login is twelve seconds old
    await expectPage(end, 'login_loop: max_age')
  })

  test('pain 36: a provider that ignores max_age is told so at the first try', async () => {
    const world = await createWorld()
    const auth_time = Math.floor(world.clock.now.getTime() / 1000) - 4000
    const walk = { world, browser: world.browser(), maxAge: 300, grant: { id: { auth_time } } }
    const { end, sentToProvider } = await open('/orders', walk)
    await expectPage(end, 'login_too_old')
    expect(sentToProvider).toBe(1)
  })

  test('pain 30: a clock that is hours off is told at the first try', async () => {
    const world = await createWorld()
    for (const hours of [-3, 3]) {
      forgetSites()
      const now = () => new Date(world.clock.now.getTime() + hours * 3600_000)
      const site = createSite({ ...world.options, now })
      const walk = { world, browser: world.browser(site), siteOf: () => site }
      const { end, sentToProvider } = await open('/orders', walk)
      await expectPage(end, 'login_clock')
      expect(sentToProvider).toBe(1)
    }
  })

  test('pain 13: a session that is too large for a cookie is told at the first try', async () => {
    const world = await createWorld()
    const scope = Array.from({ length: 60 }, () => crypto.randomUUID()).join(' ')
    const amr = Array.from({ length: 16 }, () => `${crypto.randomUUID()}${crypto.randomUUID()}`)
    const acr = Array.from({ length: 6 }, () => crypto.randomUUID()).join('')
    const access = { scope: scope.slice(0, 2048), amr, acr }
    const { end, sentToProvider } = await open('/orders', {
      world,
      browser: world.browser(),
      grant: { access },
    })
    await expectPage(end, 'session_too_large')
    expect(sentToProvider).toBe(1)
  })
})

describe('pain 6: a page that nobody asked to sign in at is shown, whatever is wrong', () => {
  test.each(['__Host-session', '__Host-checked', '__Host-landed'])(
    'the browser does not keep %s',
    async (name) => {
      const world = await createWorld()
      const walk = { world, browser: world.browser(), keeps: exceptFor(name), isPublic: true }
      const { end, sentToProvider } = await open('/orders', walk)
      expect(end).toBe('page')
      expect(sentToProvider).toBeLessThanOrEqual(3)
    },
  )

  test('the status list says of every new grant that it is over', async () => {
    const world = await createWorld()
    world.issuer.revoke(7)
    const walk = { world, browser: world.browser(), grant: { idx: 7 }, isPublic: true }
    expect((await open('/orders', walk)).end).toBe('page')
  })

  test('nobody is signed in at the provider, and the marker does not come back', async () => {
    const world = await createWorld()
    const browser = world.browser()
    const arrival = await world.site.arrive(browser.request('/books?page=2'))
    if (arrival.kind !== 'redirect') throw new Error('expected a silent try')
    browser.take(arrival.cookies)
    browser.cookies.delete('__Host-checked')
    const back = await browser.visit(world.refuse(arrival.location, 'login_required'))
    const location = back.headers.get('location')?.replace(SITE_URL, '') ?? ''
    expect(location).toBe('/books?page=2&sso=none')
    browser.cookies.delete('__Host-checked')
    expect((await world.site.arrive(browser.request(location))).kind).toBe('pass')
  })
})

test('the page lets another try be one: what was counted is forgotten with it', async () => {
  const world = await createWorld()
  const browser = world.browser()
  const { end } = await open('/orders', { world, browser, keeps: exceptFor('__Host-session') })
  if (end === 'page') throw new Error('expected a page of the kit')
  expect(named(end.headers.getSetCookie(), '__Host-landed')).toMatch('Max-Age=0')
  expect(await end.text()).toContain('href="/sso/login?returnTo=%2Forders"')
  expect(await open('/orders', { world, browser })).toEqual({ end: 'page', sentToProvider: 1 })
})

test('pain 7: twenty tabs that finish their logins at once are no loop, also when some start late', async () => {
  const world = await createWorld()
  const browser = world.browser()
  for (let tab = 0; tab < 20; tab += 1) {
    world.clock.forward(1)
    expect((await browser.signIn(world, {}, `/${tab}`)).headers.get('location')).toBe(`${SITE_URL}/${tab}`)
  }
  expect((await browser.signIn(world, {}, '/19')).headers.get('location'), 'once more').toBe(`${SITE_URL}/19`)
})

test('two pages that go round at once are both stopped', async () => {
  const world = await createWorld()
  const browser = world.browser()
  const round = async (page: string) => {
    const login = await browser.visit(`/sso/login?returnTo=${page}`)
    if (login.status === 303) await browser.visit(world.approve(login.headers.get('location')))
    browser.cookies.delete('__Host-session')
    return login.status
  }
  const statuses = []
  for (const page of ['/a', '/b', '/a', '/b', '/a']) statuses.push(await round(page))
  expect(statuses).toEqual([303, 303, 303, 400, 303])
})

test('a count that somebody made up keeps nobody out', async () => {
  const world = await createWorld()
  for (const count of ['0.0.AAAAAAAA', '12', '-1', '9.9', 'x', '']) {
    const browser = world.browser()
    browser.cookies.set('__Host-landed', count)
    expect((await open('/orders', { world, browser })).end, count).toBe('page')
  }
})
