// node-oidc-provider as its documentation sets it up for sites of one's own: no consent page, PKCE, JWT access tokens for a resource
// server, rotation of refresh tokens. DATABASE names a SQLite file; without it the adapter is the one in memory.
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'

const { PORT, DATABASE } = process.env
const { client, account } = JSON.parse(process.env.REGISTRATION)
const DAY_SECONDS = 86_400

const database = DATABASE && (await import('./sqlite-adapter.mjs')).sqliteAdapter(DATABASE)

async function signingKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg, use: 'sig' }
}

const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  ...(database && { adapter: database.Adapter }),
  clients: [
    {
      client_id: client.id,
      client_secret: client.secret,
      redirect_uris: [client.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [await signingKey('ES256'), await signingKey('RS256'), await signingKey('Ed25519')] },
  cookies: { keys: ['a key for the cookies of this bench'] },
  claims: {
    openid: ['sub'],
    profile: ['name', 'given_name', 'family_name', 'preferred_username', 'locale', 'updated_at'],
    email: ['email', 'email_verified'],
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...account.claims, sub: id }) }),
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      // The resource of the sign-on is that of its tokens, without being named again.
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'openid profile email',
        audience: client.resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 300,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  // A site of one's own: nobody is asked whether it may know them.
  async loadExistingGrant({ oidc }) {
    const grantId = oidc.session.grantIdFor(oidc.client.clientId)
    if (grantId) return await oidc.provider.Grant.find(grantId)
    const grant = new oidc.provider.Grant({
      clientId: oidc.client.clientId,
      accountId: oidc.session.accountId,
    })
    grant.addOIDCScope('openid profile email offline_access')
    grant.addResourceScope(client.resource, 'openid profile email')
    await grant.save()
    return grant
  },
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  expiresWithSession: () => false,
  ttl: {
    AccessToken: 300,
    AuthorizationCode: 60,
    IdToken: 300,
    Interaction: 600,
    Grant: DAY_SECONDS / 2,
    RefreshToken: DAY_SECONDS / 2,
    Session: DAY_SECONDS / 2,
  },
})

const answer = provider.callback()
const server = createServer(async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response)
  // The password is right: what it costs to find out is another comparison.
  await provider.interactionFinished(request, response, { login: { accountId: account.claims.sub } })
})
server.listen(Number(PORT), '127.0.0.1')

process.once('SIGTERM', () => {
  server.closeAllConnections()
  server.close(() => {
    database?.close()
    process.exit(0)
  })
})
