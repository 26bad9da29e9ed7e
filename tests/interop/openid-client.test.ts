import * as oidc from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, SECRET, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld((site) => ({
    client_secret: SECRET,
    first_party: false, // so the person is asked once what it may know
    redirect_uris: [`${site}/callback`],
    post_logout_redirect_uris: [`${site}/bye`],
    scope: 'openid profile email offline_access',
  }))
  world.serve((_, response) => response.end('the application'))
})
afterAll(() => world.close())

test('openid-client: discovery, code with PKCE, userinfo, refresh, introspection, revocation, logout', async () => {
  const { issuer, site, person } = world
  const config = await oidc.discovery(new URL(issuer), 'app', undefined, oidc.ClientSecretBasic(SECRET), {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  })
  const verifier = oidc.randomPKCECodeVerifier()
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()]
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${site}/callback`,
    scope: 'openid profile email offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  })
  await person.goesTo(address.href)
  await person.logsIn()
  await person.submits({ intent: 'allow' })

  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce }
  const tokens = await oidc.authorizationCodeGrant(config, new URL(person.address), checks)
  const claims = tokens.claims()
  expect(claims).toMatchObject({ iss: issuer, aud: 'app', sub: 'acc_alice', nonce })

  const user = await oidc.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '')
  expect(user).toMatchObject({ name: 'Alice Liddell', email: 'alice@example.com', email_verified: true })

  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
  expect(fresh.claims()).toMatchObject({ sub: 'acc_alice' })
  expect(fresh.refresh_token).not.toBe(tokens.refresh_token)
  expect(await oidc.tokenIntrospection(config, fresh.access_token)).toMatchObject({
    active: true,
    sub: 'acc_alice',
  })

  await oidc.tokenRevocation(config, fresh.refresh_token ?? '')
  expect(await oidc.tokenIntrospection(config, fresh.access_token)).toEqual({ active: false })

  const bye = oidc.buildEndSessionUrl(config, {
    id_token_hint: fresh.id_token ?? '',
    post_logout_redirect_uri: `${site}/bye`,
    state: 'over',
  })
  await person.goesTo(bye.href)
  expect(person.address).toBe(`${site}/bye?state=over`)
  await person.goesTo(
    oidc.buildAuthorizationUrl(config, { ...Object.fromEntries(address.searchParams), prompt: 'none' }).href,
  )
  expect(new URL(person.address).searchParams.get('error')).toBe('login_required')
})
