import { Browser, CLIENTS, credentials, openProvider, type Provider } from '@grove/auth/testing'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// FAPI 2.0 Security Profile, with the client's half by openid-client: PAR, DPoP and private_key_jwt. The provider is in this process.

const ALGORITHMS = { juniper: { name: 'ECDSA', namedCurve: 'P-256' }, rowan: { name: 'Ed25519' } }
type ClientId = keyof typeof ALGORITHMS

const [juniper] = CLIENTS.filter(({ id }) => id === 'juniper')
if (!juniper) throw new Error('the test provider has no client with keys')
const rowan = {
  ...juniper,
  id: 'rowan',
  jwksUri: 'https://rowan.example/jwks',
  redirectUris: ['https://rowan.example/callback', 'https://rowan.example/other'],
}

let provider: Provider
const signers = new Map<ClientId, CryptoKeyPair>()
beforeAll(async () => {
  provider = await openProvider({ clients: [...CLIENTS, rowan] })
  for (const id of ['juniper', 'rowan'] as const) {
    const pair = await crypto.subtle.generateKey(ALGORITHMS[id], true, ['sign', 'verify'])
    signers.set(id, pair as CryptoKeyPair) // neither algorithm makes a single key
  }
  provider.answerFetch = async (input) => {
    const [id] = new URL(String(input)).hostname.split('.')
    const key = signers.get(id as ClientId)?.publicKey // any other name has no key
    return Response.json({ keys: key ? [{ ...(await crypto.subtle.exportKey('jwk', key)), kid: id }] : [] })
  }
})
afterAll(() => provider.close())

async function clientOf(id: ClientId, dpop = true) {
  const asked: string[] = []
  const signer = signers.get(id)
  if (!signer) throw new Error(`${id} has no key`)
  const config = await oidc.discovery(
    new URL(provider.issuer),
    id,
    undefined,
    oidc.PrivateKeyJwt({ key: signer.privateKey, kid: id }),
    {
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
      // its body type lacks what fetch would refuse
      [oidc.customFetch]: async (url, init) => {
        provider.pass((Date.now() - provider.auth.now().getTime()) / 1000) // the client has a clock of its own
        const response = await provider.fetch(url, init as RequestInit)
        asked.push(`${new URL(url).pathname} ${response.status}`)
        return response
      },
    },
  )
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(id === 'rowan' ? 'Ed25519' : 'ES256'))
  return { asked, config, options: dpop ? { DPoP } : {} }
}

async function arrive(id: ClientId, client: Awaited<ReturnType<typeof clientOf>>, back = 0) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()]
  const parameters = {
    redirect_uri: provider.auth.clients.find(id)?.redirectUris[back] ?? '',
    scope: 'openid profile email offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  }
  const address = await oidc.buildAuthorizationUrlWithPAR(client.config, parameters, client.options)
  expect([...address.searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri'])
  const person = new Browser(provider)
  const page = await (await person.open(address.href)).text()
  const answer = await person.submit(page, credentials('alice'))
  expect(answer.headers.get('location')?.startsWith(parameters.redirect_uri)).toBe(true)
  return {
    callback: new URL(answer.headers.get('location') ?? 'about:blank'),
    checks: { pkceCodeVerifier, expectedState, expectedNonce },
  }
}

describe.each([
  ['juniper', 0],
  ['rowan', 0],
  ['rowan', 1],
] as const)('FA-2 openid-client as %s, back at its address %i', (id, back) => {
  test('logs in, asks userinfo, refreshes and signs out, with every request proved', async () => {
    const client = await clientOf(id)
    const { callback, checks } = await arrive(id, client, back)
    const tokens = await oidc.authorizationCodeGrant(
      client.config,
      callback,
      checks,
      undefined,
      client.options,
    )
    expect(tokens.token_type).toBe('dpop')
    // PO-5: the first answer brings the nonce, and every later proof repeats it.
    expect(client.asked.slice(1, 3)).toEqual(['/par 400', '/par 201'])
    const sub = tokens.claims()?.sub ?? ''
    expect(sub).toBe('acc_alice')
    const person = await oidc.fetchUserInfo(client.config, tokens.access_token, sub, client.options)
    expect(person).toMatchObject({ name: 'Alice Liddell', email: 'alice@example.com' })

    const fresh = await oidc.refreshTokenGrant(
      client.config,
      tokens.refresh_token ?? '',
      undefined,
      client.options,
    )
    expect(fresh.claims()).toMatchObject({ sub, aud: id })
    const said = await oidc.tokenIntrospection(client.config, fresh.access_token)
    expect(said).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: expect.any(String) } })
    await oidc.tokenRevocation(client.config, fresh.refresh_token ?? '')
    expect(await oidc.tokenIntrospection(client.config, fresh.access_token)).toEqual({ active: false })
  })

  test('FA-14 FA-22 with another key than it pushed with, or with none, it gets nothing', async () => {
    const client = await clientOf(id)
    const refusals: string[] = []
    for (const other of [await clientOf(id), await clientOf(id, false)]) {
      const { callback, checks } = await arrive(id, client, back)
      const grant = oidc.authorizationCodeGrant(client.config, callback, checks, undefined, other.options)
      refusals.push(
        await grant.then(
          () => 'tokens',
          (error) => error.error,
        ),
      )
    }
    expect(refusals).toEqual(['invalid_grant', 'invalid_dpop_proof'])
  })
})
