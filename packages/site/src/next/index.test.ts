import { NextRequest } from 'next/server'
import { beforeEach, expect, test, vi } from 'vitest'
import { createWorld } from '../testing/fixtures.ts'
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
