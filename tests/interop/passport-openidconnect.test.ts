import express from 'express'
import session from 'express-session'
import passport from 'passport'
import Strategy, { type Profile, type VerifyCallback } from 'passport-openidconnect'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, SECRET, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld((site) => ({
    token_endpoint_auth_method: 'client_secret_post',
    client_secret: SECRET,
    require_pkce: false, // the library has none
    redirect_uris: [`${site}/callback`],
    post_logout_redirect_uris: [`${site}/`],
    scope: 'openid profile email',
  }))
  world.serve(application(world))
})
afterAll(() => world.close())

interface User {
  profile: Profile
  idToken: string
}

/** It knows no discovery: its addresses are written down. */
function application({ issuer, site }: World): express.Express {
  const strategy = new Strategy(
    {
      issuer,
      authorizationURL: `${issuer}/authorize`,
      tokenURL: `${issuer}/token`,
      userInfoURL: `${issuer}/userinfo`,
      clientID: 'app',
      clientSecret: SECRET,
      callbackURL: `${site}/callback`,
      scope: ['profile', 'email'],
      nonce: 'yes',
      skipUserProfile: false,
    },
    (_issuer: string, profile: Profile, _context: object, idToken: string | object, done: VerifyCallback) =>
      done(null, { profile, idToken }),
  )
  passport.use('grove', strategy)
  passport.serializeUser((user, done) => done(null, user))
  passport.deserializeUser((user: Express.User, done) => done(null, user))

  const app = express()
  app.use(session({ secret: 'what the session is signed with', resave: false, saveUninitialized: false }))
  app.use(passport.session())
  app.get('/login', passport.authenticate('grove'))
  app.get('/callback', passport.authenticate('grove', { successRedirect: '/' }))
  app.get('/', (request, response) => void response.json(request.user ?? null))
  app.get('/logout', (request, response, next) => {
    const { idToken } = request.user as User // serialized above
    request.logout((error) => {
      if (error) return next(error)
      const query = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: `${site}/` })
      response.redirect(`${issuer}/logout?${query}`)
    })
  })
  return app
}

test('passport-openidconnect: code without PKCE, the secret in the form, claims from userinfo, logout', async () => {
  const { site, person } = world
  await person.goesTo(`${site}/login`)
  await person.logsIn()
  const { profile } = JSON.parse(person.page)
  expect(profile).toMatchObject({
    id: 'acc_alice',
    displayName: 'Alice Liddell',
    name: { givenName: 'Alice' },
    emails: [{ value: 'alice@example.com' }],
  })

  await person.goesTo(`${site}/logout`)
  expect([person.address, person.page]).toEqual([`${site}/`, 'null'])
  await person.goesTo(`${site}/login`)
  expect(person.page).toContain('form_token')
})
