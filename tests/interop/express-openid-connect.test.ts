import express from 'express'
import { auth, requiresAuth } from 'express-openid-connect'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, SECRET, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld((site) => ({
    token_endpoint_auth_method: 'client_secret_post',
    client_secret: SECRET,
    require_pushed_authorization_requests: true,
    redirect_uris: [`${site}/callback`],
    post_logout_redirect_uris: [site],
    scope: 'openid profile email offline_access',
  }))
  world.serve(application(world))
})
afterAll(() => world.close())

function application({ issuer, site }: World): express.Express {
  const app = express()
  app.use(
    auth({
      issuerBaseURL: issuer,
      baseURL: site,
      clientID: 'app',
      clientSecret: SECRET,
      clientAuthMethod: 'client_secret_post',
      secret: 'what the session cookie is sealed with',
      idTokenSigningAlg: 'ES256',
      pushedAuthorizationRequests: true,
      authRequired: false,
      idpLogout: true,
      authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access' },
    }),
  )
  app.get('/', (request, response) => void response.send(request.oidc.isAuthenticated() ? 'in' : 'out'))
  app.get('/me', requiresAuth(), async (request, response) => {
    const { sub } = request.oidc.idTokenClaims ?? {}
    const { email } = await request.oidc.fetchUserInfo()
    const { access_token: fresh } = (await request.oidc.accessToken?.refresh()) ?? {}
    response.json({ sub, email, hasFresh: typeof fresh === 'string' })
  })
  return app
}

test('express-openid-connect: pushed request, code with PKCE, userinfo, refresh, logout', async () => {
  const { site, person } = world
  await person.goesTo(`${site}/me`)
  await person.logsIn()
  expect(JSON.parse(person.page)).toEqual({ sub: 'acc_alice', email: 'alice@example.com', hasFresh: true })

  await person.goesTo(`${site}/logout`)
  expect([person.address, person.page]).toEqual([`${site}/`, 'out'])
  await person.goesTo(`${site}/me`)
  expect(person.page).toContain('form_token')
})
