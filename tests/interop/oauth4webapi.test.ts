import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from './world.ts'

const client: oauth.Client = { client_id: 'app', id_token_signed_response_alg: 'RS256' }
// Its checks of addresses are the library's own: this is its switch for http on loopback names.
const insecurely = { [oauth.allowInsecureRequests]: true }

let world: World
beforeAll(async () => {
  world = await openWorld((site) => ({
    token_endpoint_auth_method: 'none',
    id_token_signed_response_alg: 'RS256',
    redirect_uris: [`${site}/callback`],
    scope: 'openid email offline_access',
  }))
  world.serve((_, response) => response.end('the application'))
})
afterAll(() => world.close())

test('oauth4webapi: a public client with PKCE pushes its request, and binds its tokens to a key', async () => {
  const { site, person } = world
  const issuer = new URL(world.issuer)
  const server = await oauth
    .discoveryRequest(issuer, insecurely)
    .then((response) => oauth.processDiscoveryResponse(issuer, response))
  const dpop = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const proving = { DPoP: dpop, ...insecurely }
  const verifier = oauth.generateRandomCodeVerifier()
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
  const redirectUri = `${site}/callback`
  const request = new URLSearchParams({
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid email offline_access',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  })

  /** The library asks to try once more with the nonce that the server gave. */
  async function twice<T>(ask: () => Promise<T>): Promise<T> {
    return await ask().catch((error) => {
      if (oauth.isDPoPNonceError(error)) return ask()
      throw error
    })
  }
  const pushed = await twice(async () =>
    oauth.processPushedAuthorizationResponse(
      server,
      client,
      await oauth.pushedAuthorizationRequest(server, client, oauth.None(), request, proving),
    ),
  )
  const query = new URLSearchParams({ client_id: 'app', request_uri: pushed.request_uri })
  await person.goesTo(`${server.authorization_endpoint}?${query}`)
  await person.logsIn()

  const answer = oauth.validateAuthResponse(server, client, new URL(person.address), state)
  const tokens = await twice(async () =>
    oauth.processAuthorizationCodeResponse(
      server,
      client,
      await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        answer,
        redirectUri,
        verifier,
        proving,
      ),
      { expectedNonce: nonce, requireIdToken: true },
    ),
  )
  expect(tokens.token_type).toBe('dpop')
  expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ aud: 'app', sub: 'acc_alice' })

  const user = await twice(async () =>
    oauth.processUserInfoResponse(
      server,
      client,
      'acc_alice',
      await oauth.userInfoRequest(server, client, tokens.access_token, proving),
    ),
  )
  expect(user).toEqual({ sub: 'acc_alice', email: 'alice@example.com', email_verified: true })

  const fresh = await twice(async () =>
    oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh_token ?? '', proving),
    ),
  )
  expect(oauth.getValidatedIdTokenClaims(fresh)).toMatchObject({ sub: 'acc_alice' })

  const stolen = oauth.refreshTokenGrantRequest(server, client, oauth.None(), fresh.refresh_token ?? '', {
    DPoP: oauth.DPoP(client, await oauth.generateKeyPair('ES256')),
    ...insecurely,
  })
  expect((await stolen).status).toBe(400)
})
