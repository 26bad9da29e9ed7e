import { NextRequest } from 'next/server'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type Api, about, call, corsContract, FOR_ANSWER, listed, PAGE } from '../cors.contract.ts'
import { createWorld, SITE_URL, type World } from '../testing/fixtures.ts'
import { createNextSite } from './index.ts'

const { jar } = vi.hoisted(() => ({ jar: new Map<string, string>() }))
vi.mock('next/headers', () => ({
  cookies: async () => ({ get: (name: string) => (jar.has(name) ? { value: jar.get(name) } : undefined) }),
}))

beforeEach(() => jar.clear())

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
