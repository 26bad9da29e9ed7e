// better-auth's provider for OAuth 2.1 and OpenID Connect, as its documentation sets it up for a client of one's own: no consent page, PKCE,
// JWT access tokens for a resource, refresh tokens that rotate. On better-sqlite3 as that sets it, with WAL. The client and the resource are
// remembered in the process, which is an option of the plugin and saves it two queries a request.
import { createServer } from 'node:http'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'
import Database from 'better-sqlite3'

const { PORT, DATABASE } = process.env
const { client, account } = JSON.parse(process.env.REGISTRATION)
const address = `http://127.0.0.1:${PORT}`
const HALF_A_DAY_SECONDS = 43_200
const scopes = ['openid', 'profile', 'email', 'offline_access']

const database = new Database(DATABASE)
database.pragma('journal_mode = WAL')

const options = {
  baseURL: address,
  secret: 'a secret of this bench with 32 or more characters',
  database,
  emailAndPassword: { enabled: true },
  session: { expiresIn: HALF_A_DAY_SECONDS },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
  disabledPaths: ['/token'],
  plugins: [
    jwt({ jwks: { keyPairConfig: { alg: 'ES256' } } }),
    oauthProvider({
      loginPage: '/sign-in',
      consentPage: '/consent',
      scopes,
      generateClientId: () => client.id,
      generateClientSecret: () => client.secret,
      cachedTrustedClients: new Set([client.id]),
      cachedResources: new Set([client.resource]),
      enforcePerClientResources: false,
      accessTokenExpiresIn: 300,
      idTokenExpiresIn: 300,
      codeExpiresIn: 60,
      refreshTokenExpiresIn: HALF_A_DAY_SECONDS,
      resources: [{ identifier: client.resource, name: 'the API of the bench' }],
    }),
  ],
}
const auth = betterAuth(options)
const isNew = database.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'user'").get().n === 0
if (isNew) {
  await (await getMigrations(options)).runMigrations()
  const { email, name } = account.claims
  const { headers } = await auth.api.signUpEmail({
    body: { email, name, password: account.password },
    returnHeaders: true,
  })
  const cookie = headers.getSetCookie().map((line) => line.split(';', 1)[0])
  await auth.api.adminCreateOAuthClient({
    headers: { cookie: cookie.join('; ') },
    body: {
      client_name: 'Bench',
      redirect_uris: [client.redirectUri],
      scope: scopes.join(' '),
      grant_types: ['authorization_code', 'refresh_token'],
      application_type: 'native', // only such a one may have an address without https
      token_endpoint_auth_method: 'client_secret_basic',
      skip_consent: true,
    },
  })
}

/** Takes the login as proved, and goes on with what it interrupted. */
async function signIn(query) {
  const body = { email: account.claims.email, password: account.password, oauth_query: query }
  const headers = { 'content-type': 'application/json', origin: address }
  const request = new Request(`${address}/api/auth/sign-in/email`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  return await auth.handler(request)
}

const answer = toNodeHandler(auth)
const server = createServer(async (request, response) => {
  const { pathname, search } = new URL(request.url, address)
  if (pathname === '/.well-known/openid-configuration') {
    const metadata = await auth.api.getOpenIdConfig()
    return response.end(JSON.stringify(metadata))
  }
  if (pathname !== '/sign-in') return await answer(request, response)
  const signedIn = await signIn(search.slice(1))
  const { url } = await signedIn.json()
  response.writeHead(303, { location: url, 'set-cookie': signedIn.headers.getSetCookie() }).end()
})
server.listen(Number(PORT), '127.0.0.1')

process.once('SIGTERM', () => {
  server.closeAllConnections()
  server.close(() => {
    database.close()
    process.exit(0)
  })
})
