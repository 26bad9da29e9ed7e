import { getRequestListener } from '@hono/node-server'
import { getAuth, initOidcAuthMiddleware, oidcAuthMiddleware, revokeSession } from '@hono/oidc-auth'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, SECRET, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld((site) => ({
    client_secret: SECRET,
    redirect_uris: [`${site}/callback`],
    scope: 'openid email offline_access',
    claims_in_id_token: true, // it never asks at userinfo
  }))
  world.serve(getRequestListener(application(world).fetch))
})
afterAll(() => world.close())

function application({ issuer, site }: World): Hono {
  const app = new Hono()
  app.use(
    initOidcAuthMiddleware({
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: 'app',
      OIDC_CLIENT_SECRET: SECRET,
      OIDC_REDIRECT_URI: `${site}/callback`,
      OIDC_SCOPES: 'openid email offline_access',
      OIDC_AUTH_SECRET: 'what the session cookie is signed with',
      OIDC_AUTH_REFRESH_INTERVAL: '0', // a refresh with the second request that comes
    }),
  )
  app.get('/logout', async (c) => {
    await revokeSession(c)
    return c.text('out')
  })
  app.use(oidcAuthMiddleware())
  app.get('/me', async (c) => {
    const auth = await getAuth(c)
    return c.json({ sub: auth?.sub, email: auth?.email })
  })
  return app
}

test('@hono/oidc-auth: code with PKCE, the ID token alone, refresh, revocation at logout', async () => {
  const { issuer, site, person } = world
  const cookie = () => person.cookie(site, 'oidc-auth') ?? ''
  await person.goesTo(`${site}/me`)
  await person.logsIn()
  const alice = { sub: 'acc_alice', email: 'alice@example.com' }
  expect(JSON.parse(person.page)).toEqual(alice)

  const before = cookie()
  await new Promise((resolve) => setTimeout(resolve, 1_100)) // its clock counts whole seconds
  expect(JSON.parse((await person.goesTo(`${site}/me`)).page)).toEqual(alice)
  expect(person.trail).toEqual([`${site}/me`]) // refreshed by its server, without a redirect
  expect(cookie()).not.toBe(before)

  const { rtk } = JSON.parse(Buffer.from(cookie().split('.')[1] ?? '', 'base64url').toString())
  expect((await person.goesTo(`${site}/logout`)).page).toBe('out')
  expect(cookie()).toBe('')
  const basic = ['app', SECRET].map(encodeURIComponent).join(':')
  const spent = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(basic)}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: rtk }),
  })
  expect(await spent.json()).toMatchObject({ error: 'invalid_grant' })
})
