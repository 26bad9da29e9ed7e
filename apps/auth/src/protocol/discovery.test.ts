import { afterAll, beforeAll, expect, test } from 'vitest'
import { Browser, ISSUER, openProvider, type Provider, userinfo } from '../testing/index.ts'

let provider: Provider
let metadata: Record<string, unknown>
beforeAll(async () => {
  provider = await openProvider()
  metadata = await (await get('/.well-known/openid-configuration')).json()
})
afterAll(() => provider.close())

const get = (path: string, headers = {}) => provider.fetch(new URL(path, ISSUER), { headers })

// OpenID Connect Discovery 1.0 §3, RFC 8414 §2, RFC 9207 §3, Back-Channel Logout §2.1, RP-Initiated Logout §2.1, Prompt Create.
const REGISTERED = /^(issuer|jwks_uri|\w+_endpoint|\w+_supported|require_pushed_authorization_requests)$/

test('OP-0a CF-1 CF-11 both addresses answer the same JSON, which may be cached and read by anybody', async () => {
  for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.json()).toEqual(metadata)
  }
})

test('CF-2 CF-3 D-4 F-86 every address is below the configured issuer, whatever the request says', async () => {
  const forged = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
  const seen = await (await get('/.well-known/openid-configuration', forged)).json()
  expect(seen.issuer).toBe(ISSUER)
  const addresses = Object.entries(seen).filter(([name]) => /_endpoint$|_uri$/.test(name))
  expect(addresses.map(([name]) => name).toSorted()).toEqual([
    'authorization_endpoint',
    'end_session_endpoint', // RL-1
    'introspection_endpoint',
    'jwks_uri',
    'pushed_authorization_request_endpoint', // FA-1
    'revocation_endpoint',
    'token_endpoint',
    'userinfo_endpoint',
  ])
  for (const [, address] of addresses) expect(String(address).startsWith(`${ISSUER}/`)).toBe(true)
})

test('CF-3 every announced endpoint answers', async () => {
  const statuses: Record<string, number> = {}
  for (const [name, address] of Object.entries(metadata)) {
    if (/_endpoint$|_uri$/.test(name)) statuses[name] = (await get(String(address))).status
  }
  const body = new URLSearchParams()
  const posted = ['token', 'revocation', 'introspection', 'pushed_authorization_request']
  for (const name of posted.map((what) => `${what}_endpoint`)) {
    statuses[name] = (await provider.fetch(String(metadata[name]), { method: 'POST', body })).status
  }
  expect(statuses).toEqual({
    authorization_endpoint: 400,
    token_endpoint: 401,
    userinfo_endpoint: 401,
    jwks_uri: 200,
    end_session_endpoint: 200,
    revocation_endpoint: 401,
    introspection_endpoint: 401,
    pushed_authorization_request_endpoint: 401,
  })
})

test('CF-4 CF-5 CF-6 PO-9 what it can do', () => {
  expect(metadata).toMatchObject({
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256', 'Ed25519'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    dpop_signing_alg_values_supported: ['ES256', 'Ed25519'],
  })
  expect(metadata.scopes_supported).toContain('openid')
})

test('CF-7 CF-8 CF-9 CF-11 BL-1 AZ-6 and what not, in registered names', () => {
  expect(metadata).toMatchObject({
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    claims_parameter_supported: true,
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  })
  expect(
    [metadata.ui_locales_supported].flat().map((tag) => new Intl.Locale(String(tag)).toString()),
  ).toEqual(['en'])
  expect(Object.keys(metadata).filter((name) => !REGISTERED.test(name))).toEqual([])
})

test('CF-5 claims_supported: what userinfo can give, and nothing that it cannot', async () => {
  const { access_token } = await new Browser(provider).tokens('cedar')
  const claims = Object.keys(await (await userinfo(provider, access_token)).json())
  expect(metadata.claims_supported).toEqual(expect.arrayContaining(claims))
})

test('CF-10 OP-0a the key set: public keys only, each with its own kid, use and alg', async () => {
  const response = await get('/jwks')
  expect(response.headers.get('cache-control')).toBe('public, max-age=300')
  const { keys } = (await response.json()) as { keys: Record<string, string>[] }
  // Current and next of each.
  expect(
    keys
      .map(({ alg }) => alg)
      .toSorted()
      .join(),
  ).toBe('ES256,ES256,Ed25519,Ed25519,RS256,RS256')
  expect(new Set(keys.map(({ kid }) => kid)).size).toBe(6)
  for (const { kty, ...key } of keys) {
    const members: Record<string, string[]> = { EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'], RSA: ['e', 'n'] }
    expect(Object.keys(key).toSorted()).toEqual(
      ['alg', 'kid', 'use', ...(members[kty ?? ''] ?? [])].toSorted(),
    )
    expect(key.use).toBe('sig')
    if (kty === 'RSA') expect(Buffer.from(key.n ?? '', 'base64url').length).toBeGreaterThanOrEqual(256)
  }
})
