import { NextRequest } from 'next/server'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type Api, about, call, corsContract, FOR_ANSWER, listed, PAGE } from '../cors.contract.ts'
import { createWorld, SITE_URL, type World } from '../testing/fixtures.ts'
import { createNextSite } from './index.ts'

const { jar, written } = vi.hoisted(() => ({ jar: new Map<string, string>(), written: [] as unknown[][] }))
vi.mock('next/headers', () => ({
  cookies: async () => ({
    get: (name: string) => (jar.has(name) ? { value: jar.get(name) } : undefined),
    set(name: string, value: string, options: object) {
      written.push([name, options])
      jar.set(name, value)
    },
  }),
}))

beforeEach(() => {
  jar.clear()
  written.length = 0
})

async function createApp() {
  const world = await createWorld()
  return { world, sso: createNextSite(world.options), browser: world.browser() }
}

/** What Next does with `redirect()`: an error that carries the address. */
async function redirectOf(page: Promise<unknown>): Promise<string> {
  const error: { digest?: string } = await page.then(
    () => ({}),
    (thrown) => thrown,
  )
  return error.digest?.split(';')[2] ?? 'no redirect'
}

test('requireSession() sends to the login of this site, and lets the signed-in through', async () => {
  const { world, sso, browser } = await createApp()
  expect(await redirectOf(sso.requireSession({ returnTo: '/orders?x=1' }))).toBe(
    '/sso/login?returnTo=%2Forders%3Fx%3D1',
  )
  await browser.signIn(world)
  for (const [name, value] of browser.cookies) jar.set(name, value)
  expect((await sso.requireSession({ returnTo: '/orders' })).user.name).toBe('Alice Liddell')
  expect((await sso.session())?.user.name).toBe('Alice Liddell')
})

test('pain 36: requireSession({ maxAge }) asks again when the login is older', async () => {
  const { world, sso, browser } = await createApp()
  await browser.signIn(world)
  for (const [name, value] of browser.cookies) jar.set(name, value)
  expect(await redirectOf(sso.requireSession({ returnTo: '/a', maxAge: 300 }))).toBe('no redirect')
  world.clock.forward(290)
  expect(await redirectOf(sso.requireSession({ returnTo: '/a', maxAge: 300 }))).toBe(
    '/sso/login?returnTo=%2Fa&max_age=300',
  )
})

describe('pain 36: an action that has to wait for a fresh login', () => {
  const typed = { street: '3 Deanery Garden' }
  const need = { returnTo: '/orders/address', maxAge: 300, typed }
  const shut = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' }

  async function signedIn() {
    const { world, sso, browser } = await createApp()
    await browser.signIn(world)
    for (const [name, value] of browser.cookies) jar.set(name, value)
    return { world, sso, browser }
  }

  test('finds what was typed again, in a cookie of this host alone, and then it is gone', async () => {
    const { world, sso, browser } = await signedIn()
    world.clock.forward(290)
    expect(await redirectOf(sso.requireSession(need))).toContain(
      '/sso/login?returnTo=%2Forders%2Faddress&max_age=300',
    )
    expect(written).toEqual([['__Host-typed', { ...shut, maxAge: 600 }]])

    await browser.signIn(world)
    jar.set('__Host-session', browser.cookies.get('__Host-session') ?? '')
    expect(await sso.typedAt('/orders/address')).toEqual(typed)
    expect(await sso.typedAt('/orders')).toBeNull()

    await sso.requireSession(need)
    expect(written[1]).toEqual(['__Host-typed', { ...shut, maxAge: 0 }])
    expect(await sso.typedAt('/orders/address')).toBeNull()
  })

  test('shows it to nobody who is not signed in, and to no other person', async () => {
    const { world, sso, browser } = await signedIn()
    world.clock.forward(290)
    await redirectOf(sso.requireSession(need))
    jar.delete('__Host-session')
    expect(await sso.typedAt('/orders/address')).toBeNull()
    await browser.signIn(world, { access: { sub: 'bob' }, id: { sub: 'bob' } })
    jar.set('__Host-session', browser.cookies.get('__Host-session') ?? '')
    expect((await sso.session())?.user.id).toBe('bob')
    expect(await sso.typedAt('/orders/address')).toBeNull()
  })

  test('writes nothing when the login is recent enough', async () => {
    const { sso } = await signedIn()
    expect((await sso.requireSession(need)).user.name).toBe('Alice Liddell')
    expect(written).toEqual([])
  })
})

describe('SU-2, pain 36: another site’s API asks for a fresher login', () => {
  const challenge = (text: string) =>
    new Response(null, { status: 401, headers: { 'www-authenticate': `Bearer ${text}` } })
  const tooOld = challenge('error="insufficient_user_authentication", max_age="120"')

  test('it becomes a login, once: not enough after a fresh one is for the page to say', async () => {
    const { world, sso, browser } = await createApp()
    await browser.signIn(world)
    jar.set('__Host-session', browser.cookies.get('__Host-session') ?? '')
    world.clock.forward(200)
    expect(await redirectOf(sso.stepUp(tooOld, { returnTo: '/book' }))).toBe(
      '/sso/login?returnTo=%2Fbook&max_age=120',
    )
    await browser.signIn(world)
    jar.set('__Host-session', browser.cookies.get('__Host-session') ?? '')
    expect(await redirectOf(sso.stepUp(tooOld, { returnTo: '/book' }))).toBe('no redirect')
  })

  test('any other refusal, and nobody signed in, is no reason to log in', async () => {
    const { world, sso, browser } = await createApp()
    expect(await redirectOf(sso.stepUp(tooOld, { returnTo: '/book' }))).toBe('no redirect')
    await browser.signIn(world)
    jar.set('__Host-session', browser.cookies.get('__Host-session') ?? '')
    world.clock.forward(200)
    expect(await redirectOf(sso.stepUp(challenge('error="invalid_token"'), { returnTo: '/book' }))).toBe(
      'no redirect',
    )
  })
})

test('the handlers answer the routes of the kit and 404 beside them', async () => {
  const { sso, browser } = await createApp()
  expect((await sso.handlers.GET(browser.request('/sso/login'))).status).toBe(303)
  expect((await sso.handlers.GET(browser.request('/sso/else'))).status).toBe(404)
})

test('proxy: the page of this very request sees the fresh cookie, and no cache may keep it', async () => {
  const { world, sso, browser } = await createApp()
  await browser.signIn(world)
  const old = browser.cookies.get('__Host-session')
  world.clock.forward(280)
  const response = await sso.proxy(new NextRequest(browser.request('/orders')))
  const [fresh, marker] = response.headers.getSetCookie()
  expect(fresh).toMatch(/^__Host-session=ey/)
  expect(marker).toMatch(/^__Host-checked=in; .*Max-Age=270$/)
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  const handedOn = response.headers.get('x-middleware-request-cookie') ?? ''
  expect(handedOn).toContain(fresh?.split(';', 1)[0])
  expect(handedOn).not.toContain(old)
})

test('proxy: a session that has ended is taken out of this very request', async () => {
  const { world, sso, browser } = await createApp()
  await browser.signIn(world)
  world.clock.forward(280)
  world.breakToken(() => Response.json({ error: 'invalid_grant' }, { status: 400 }))
  const response = await sso.proxy(
    new NextRequest(browser.request('/', { headers: { 'sec-fetch-dest': 'empty' } })),
  )
  expect(response.headers.get('x-middleware-request-cookie') ?? '').not.toContain('__Host-session')
  expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-session=; .*Max-Age=0$/)
})

test('proxy: silent sign-in is a redirect with its transaction and its marker', async () => {
  const { sso, browser } = await createApp()
  const response = await sso.proxy(new NextRequest(browser.request('/orders')))
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toContain('prompt=none')
  expect(response.headers.getSetCookie()).toHaveLength(2)
})

describe('APIs for pages of other origins', () => {
  const open = ({ options }: World): Api => {
    const sso = createNextSite(options)
    const routes = sso.cors({
      async GET(request: Request) {
        const caller = await sso.apiSession(request, { scope: 'notes' })
        return 'response' in caller ? caller.response : Response.json(caller.session.user)
      },
    })
    return (request) => (request.method === 'OPTIONS' ? routes.OPTIONS(request) : routes.GET(request))
  }
  corsContract(open)

  test('the cookie that opens nothing from there opens the same API for pages of the site', async () => {
    const world = await listed()
    const browser = world.browser()
    await browser.signIn(world)
    const api = open(world)
    expect((await api(call({ cookie: browser.cookieHeader }))).status).toBe(200)
    expect((await api(call({ cookie: browser.cookieHeader, origin: SITE_URL }))).status).toBe(200)
  })

  test('every handler is shared, called with its context, and an answer that cannot be changed is copied', async () => {
    const world = await listed()
    const sso = createNextSite(world.options)
    const { POST, DELETE } = sso.cors({
      async POST(_: Request) {
        return Response.redirect(`${SITE_URL}/elsewhere`, 303) // its headers are immutable
      },
      async DELETE(_: Request, { params }: { params: Promise<{ id: string }> }) {
        return new Response(null, { status: 204, headers: { 'x-id': (await params).id } })
      },
    })
    const posted = await POST(call({ origin: PAGE }, 'POST'))
    expect([posted.status, posted.headers.get('location')]).toEqual([303, `${SITE_URL}/elsewhere`])
    expect(about(posted)).toEqual(FOR_ANSWER)
    const removed = await DELETE(call({ origin: PAGE }, 'DELETE'), { params: Promise.resolve({ id: '7' }) })
    expect([removed.status, removed.headers.get('x-id'), about(removed)]).toEqual([204, '7', FOR_ANSWER])
  })
})
