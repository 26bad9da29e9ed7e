import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createWorld } from '../testing/fixtures.ts'
import { createHonoSite } from './index.ts'

async function createApp() {
  const world = await createWorld()
  const sso = createHonoSite(world.options)
  const app = new Hono()
    .use(sso.arrive)
    .route('/', sso.routes)
    .get('/', async (c) => c.text((await sso.session(c))?.user.name ?? 'nobody'))
    .get('/private', sso.requireSession(), (c) => c.text(c.get('session').user.id))
    .get('/important', sso.requireSession({ maxAge: 60 }), (c) => c.text('done'))
    .get('/api/notes', sso.requireBearer({ scope: 'notes' }), (c) => c.json(c.get('bearer').scope))
  return { world, app, browser: world.browser() }
}

test('the whole round: private page, login, callback, private page', async () => {
  const { world, app, browser } = await createApp()
  const headers = { 'sec-fetch-mode': 'cors' } // no silent try first
  const refused = await app.request(browser.request('/private?x=1', { headers }))
  expect(refused.headers.get('location')).toBe('/sso/login?returnTo=%2Fprivate%3Fx%3D1')
  const login = await app.request(browser.request(refused.headers.get('location') ?? ''))
  browser.take(login.headers.getSetCookie())
  const back = await app.request(browser.request(world.approve(login.headers.get('location'))))
  browser.take(back.headers.getSetCookie())
  expect((await app.request(browser.request('/private'))).status).toBe(200)
  expect(await (await app.request(browser.request('/'))).text()).toBe('Alice Liddell')
})

test('silent sign-in before the page, and an early refresh that this very page sees', async () => {
  const { world, app, browser } = await createApp()
  const silent = await app.request(browser.request('/'))
  expect(silent.status).toBe(303)
  expect(silent.headers.get('location')).toContain('prompt=none')
  await browser.signIn(world)
  world.clock.forward(400)
  const page = await app.request(browser.request('/'))
  expect(await page.text()).toBe('Alice Liddell')
  expect(page.headers.getSetCookie()).toHaveLength(2)
  expect(page.headers.get('cache-control')).toBe('private, no-store')
})

test('an important page asks for a recent login', async () => {
  const { world, app, browser } = await createApp()
  await browser.signIn(world)
  expect((await app.request(browser.request('/important'))).status).toBe(200)
  world.clock.forward(60)
  const later = await app.request(browser.request('/important'))
  expect(later.headers.get('location')).toBe('/sso/login?returnTo=%2Fimportant&max_age=60')
})

test('an API: 401, 403, 200', async () => {
  const { world, app } = await createApp()
  const call = async (headers?: Record<string, string>) => await app.request('/api/notes', { headers })
  expect((await call()).status).toBe(401)
  const poor = await world.issuer.accessToken(world.options, { scope: 'openid' })
  expect((await call({ authorization: `Bearer ${poor}` })).status).toBe(403)
  const rich = await world.issuer.accessToken(world.options, { scope: 'notes' })
  expect((await call({ authorization: `Bearer ${rich}` })).status).toBe(200)
})
