import express, { type Request, type Response } from 'express'
import type { NextApiRequest, NextApiResponse } from 'next'
import NextAuth, { type NextAuthOptions } from 'next-auth'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openWorld, SECRET, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld((site) => ({
    client_secret: SECRET,
    id_token_signed_response_alg: 'RS256', // what it expects unless it is told otherwise
    redirect_uris: [`${site}/api/auth/callback/grove`],
    scope: 'openid profile email',
  }))
  vi.stubEnv('NEXTAUTH_URL', world.site)
  world.serve(application(world))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await world.close()
})

const options = ({ issuer }: World): NextAuthOptions => ({
  secret: 'what the session cookie is sealed with',
  providers: [
    {
      id: 'grove',
      name: 'Grove',
      type: 'oauth',
      wellKnown: `${issuer}/.well-known/openid-configuration`,
      clientId: 'app',
      clientSecret: SECRET,
      authorization: { params: { scope: 'openid profile email' } },
      checks: ['pkce', 'state', 'nonce'],
      idToken: true,
      userinfo: { request: ({ client, tokens }) => client.userinfo(tokens.access_token ?? '') },
      profile: ({ sub, name, email }) => ({ id: sub, name, email }),
    },
  ],
  callbacks: { session: ({ session, token }) => ({ ...session, sub: token.sub }) },
})

/** What Next's pages router does around the handler, by Express: the path as `query.nextauth`, cookies and body read. */
function application(world: World): express.Express {
  const app = express()
  app.use(express.urlencoded())
  app.all('/api/auth/*path', async (request: Request, response: Response) => {
    const path = new URL(request.url, world.site).pathname.slice('/api/auth/'.length).split('/')
    const read = {
      query: { ...request.query, nextauth: path },
      cookies: cookiesOf(request),
      body: request.body,
    }
    const asNext = new Proxy(request, {
      get: (it, name) => Reflect.get(Object.hasOwn(read, name) ? read : it, name),
    })
    // A Request of Express and a Request of Next's pages router differ in the members above.
    await NextAuth(
      asNext as unknown as NextApiRequest,
      response as unknown as NextApiResponse,
      options(world),
    )
  })
  app.get('/', (_, response) => void response.send('home'))
  return app
}

const cookiesOf = (request: Request): Record<string, string> =>
  Object.fromEntries(
    (request.headers.cookie ?? '').split('; ').map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))]
    }),
  )

test('next-auth: RS256, code with PKCE, state and nonce, userinfo, a session of its own', async () => {
  const { site, person } = world
  const { csrfToken } = JSON.parse((await person.goesTo(`${site}/api/auth/csrf`)).page)
  const body = new URLSearchParams({ csrfToken, callbackUrl: site })
  await person.goesTo(`${site}/api/auth/signin/grove`, body)
  await person.logsIn()
  expect([person.address, person.page]).toEqual([`${site}/`, 'home'])

  const session = JSON.parse((await person.goesTo(`${site}/api/auth/session`)).page)
  expect(session).toMatchObject({
    sub: 'acc_alice',
    user: { name: 'Alice Liddell', email: 'alice@example.com' },
  })

  await person.goesTo(`${site}/api/auth/signout`, body)
  expect(JSON.parse((await person.goesTo(`${site}/api/auth/session`)).page)).toEqual({})
})
