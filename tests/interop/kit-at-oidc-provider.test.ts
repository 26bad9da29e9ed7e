import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHonoSite } from '@grove/site/hono'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import Provider, { type Configuration } from 'oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Person } from './person.ts'
import { SECRET } from './world.ts'

const servers: Server[] = []
const granted: string[] = []
let alder: string
let birch: string

beforeAll(async () => {
  const [op, a, b] = [await listen(), await listen(), await listen()]
  alder = a.address
  birch = b.address
  const issuer = op.address.replace('127.0.0.1', 'localhost')
  const provider = new Provider(issuer, settings())
  provider.on('grant.success', ({ oidc }) =>
    granted.push(`${oidc.client?.clientId} ${oidc.params?.grant_type}`),
  )
  op.serve(provider.callback())
  a.serve(siteOf(issuer, 'alder', alder))
  b.serve(siteOf(issuer, 'birch', birch))
})
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections()
})

async function listen(): Promise<{ address: string; serve(listener: RequestListener): void }> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return { address: `http://127.0.0.1:${port}`, serve: (listener) => void server.on('request', listener) }
}

/** The site kit as our own sites use it: nothing but settings says whose provider this is. */
function siteOf(issuer: string, clientId: string, siteUrl: string): RequestListener {
  const sso = createHonoSite({
    issuer,
    clientId,
    siteUrl,
    clientSecret: SECRET,
    secrets: [`${SECRET} ${clientId}`],
  })
  const app = new Hono()
  app.use(sso.arrive)
  app.route('/', sso.routes)
  app.get('/', async (c) => c.text((await sso.session(c))?.user.name ?? 'nobody'))
  app.get('/private', sso.requireSession(), async (c) => c.json((await sso.session(c))?.user))
  app.get('/token', sso.requireSession(), async (c) => c.text((await sso.session(c))?.accessToken() ?? ''))
  app.get('/api/me', sso.requireBearer({ scope: 'notes' }), (c) => c.json({ sub: c.get('bearer').user.id }))
  return getRequestListener(app.fetch)
}

/** What an operator of node-oidc-provider says: access tokens are JWTs for the site that asks, and nobody is asked to consent. */
function settings(): Configuration {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  const sites: Record<string, string> = { alder, birch }
  return {
    clients: Object.entries(sites).map(([id, site]) => ({
      client_id: id,
      client_secret: SECRET,
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`${site}/sso/callback`],
      post_logout_redirect_uris: [`${site}/sso/logged-out`],
      backchannel_logout_uri: `${site}/sso/backchannel-logout`,
      backchannel_logout_session_required: true,
      id_token_signed_response_alg: 'ES256',
    })),
    jwks: { keys: [{ ...jwk, kid: 'only', use: 'sig', alg: 'ES256' }] },
    cookies: { keys: ['what cookies are signed with'] },
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub', 'sid', 'auth_time'], profile: ['name', 'given_name'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: 'Alice Liddell', given_name: 'Alice', email: 'alice@example.com' }),
    }),
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    // Unless it is told so, it posts no logout token to a loopback address.
    fetch: (url, options) => fetch(url, { ...options, ...{ dispatcher: undefined } }),
    async loadExistingGrant(ctx) {
      const { client, session } = ctx.oidc
      const { accountId } = session ?? {}
      const grant = new ctx.oidc.provider.Grant({ clientId: client?.clientId, accountId })
      grant.addOIDCScope('openid profile email offline_access')
      grant.addResourceScope(sites[client?.clientId ?? ''] ?? '', 'notes')
      await grant.save()
      return grant
    },
    features: {
      backchannelLogout: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_, client) => sites[client?.clientId ?? ''] ?? '',
        useGrantedResource: () => true,
        getResourceServerInfo: (_, audience) => ({
          audience,
          scope: 'notes',
          accessTokenFormat: 'jwt',
          // So short that each visit to Alder refreshes; so long that Birch hears of a logout by the back channel alone.
          accessTokenTTL: audience === alder ? 25 : 600,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  }
}

test('the site kit works with node-oidc-provider by settings alone: login, silent login, refresh, API, logout', async () => {
  const person = new Person()
  await person.goesTo(`${alder}/private`)
  await person.submits({ login: 'alice', password: 'any' })
  expect(JSON.parse(person.page)).toMatchObject({
    id: 'alice',
    name: 'Alice Liddell',
    email: 'alice@example.com',
  })

  expect((await person.goesTo(`${birch}/`)).page).toBe('Alice Liddell')
  expect(person.trail.join()).toContain('prompt=none')

  const before = person.cookie(alder, '__Host-session')
  expect((await person.goesTo(`${alder}/`)).page).toBe('Alice Liddell')
  expect(person.trail).toEqual([`${alder}/`])
  expect(person.cookie(alder, '__Host-session')).not.toBe(before)
  expect(granted).toContain('alder refresh_token')

  const token = (await person.goesTo(`${alder}/token`)).page
  const asks = async (site: string) =>
    (await fetch(`${site}/api/me`, { headers: { authorization: `Bearer ${token}` } })).status
  expect([await asks(alder), await asks(birch)]).toEqual([200, 401])

  await person.goesTo(`${alder}/`)
  await person.posts(`${alder}/sso/logout`, { scope: 'everywhere' })
  await person.submits({ logout: 'yes' })
  expect(person.address).toBe(`${alder}/?signed-out=everywhere`)
  expect(person.page).toBe('nobody')
  expect((await person.goesTo(`${birch}/private`)).address).toContain('/interaction/')
})
