import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createClientRegistry } from '../domain/clients.ts'
import { readSettings } from '../settings.ts'
import {
  answerIn,
  Browser,
  CLIENTS,
  ISSUER,
  openProvider,
  type Provider,
  userinfo,
} from '../testing/index.ts'
import { discovery } from './discovery.ts'

let provider: Provider
let metadata: Record<string, unknown>
beforeAll(async () => {
  provider = await openProvider()
  metadata = await (await get('/.well-known/openid-configuration')).json()
})
afterAll(() => provider.close())

const get = (path: string, headers = {}) => provider.fetch(new URL(path, ISSUER), { headers })

const address = z.url({ protocol: /^https?$/ })
const list = z.array(z.string().min(1)).min(1)
const flag = z.boolean()
/** Names of the IANA registry for authorization server metadata, with the type that the specification of each gives it. */
const REGISTERED = z.strictObject({
  // RFC 8414 §2, OpenID Connect Discovery 1.0 §3
  issuer: address,
  authorization_endpoint: address,
  token_endpoint: address,
  userinfo_endpoint: address,
  jwks_uri: address,
  revocation_endpoint: address,
  introspection_endpoint: address,
  scopes_supported: list,
  response_types_supported: list,
  response_modes_supported: list,
  grant_types_supported: list,
  subject_types_supported: list,
  id_token_signing_alg_values_supported: list,
  token_endpoint_auth_methods_supported: list,
  token_endpoint_auth_signing_alg_values_supported: list,
  revocation_endpoint_auth_methods_supported: list,
  revocation_endpoint_auth_signing_alg_values_supported: list,
  introspection_endpoint_auth_methods_supported: list,
  introspection_endpoint_auth_signing_alg_values_supported: list,
  code_challenge_methods_supported: list,
  acr_values_supported: list,
  claims_supported: list,
  ui_locales_supported: list,
  claims_parameter_supported: flag,
  request_parameter_supported: flag,
  request_uri_parameter_supported: flag,
  // RFC 9126 §5, RFC 9449 §5.1, RFC 9207 §3
  pushed_authorization_request_endpoint: address,
  require_pushed_authorization_requests: flag,
  dpop_signing_alg_values_supported: list,
  authorization_response_iss_parameter_supported: flag,
  // RP-Initiated Logout 1.0 §2.1, Back-Channel Logout 1.0 §2.1, Initiating User Registration 1.0 §4.2
  end_session_endpoint: address,
  backchannel_logout_supported: flag,
  backchannel_logout_session_supported: flag,
  prompt_values_supported: list,
})

test('CF-1 CF-9 discovery is JSON, and every member has a registered name and its type', async () => {
  const response = await get('/.well-known/openid-configuration')
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  const { error, data } = REGISTERED.safeParse(await response.json())
  expect([error?.issues, data]).toEqual([undefined, metadata])
})

test('CF-11 AZ-6 both addresses answer the same JSON, which may be cached and read by anybody; iss is announced', async () => {
  expect(metadata.authorization_response_iss_parameter_supported).toBe(true)
  for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.json()).toEqual(metadata)
  }
})

test('CF-2 CF-3 RL-1 the issuer is the configured one, byte for byte; in production it and all below it is https', () => {
  const settings = (ISSUER: string) =>
    readSettings({
      NODE_ENV: 'production',
      DATABASE_URL: 'file:auth.db',
      SEED_FILE: 'seed.json',
      AUTH_SECRET: 'x'.repeat(32),
      ISSUER,
    })
  const { ISSUER: issuer } = settings('https://auth.example:8443')
  const announced = discovery(issuer, createClientRegistry(CLIENTS))
  expect(announced.issuer).toBe('https://auth.example:8443')
  const addresses = Object.entries(announced).filter(([name]) => /_endpoint$|_uri$/.test(name))
  expect(addresses.map(([name]) => name)).toContain('end_session_endpoint')
  for (const [, one] of addresses) expect(String(one)).toMatch(/^https:\/\/auth\.example:8443\/[\w-]+$/)
  for (const other of [
    'http://auth.example',
    'https://auth.example/',
    'https://auth.example?x',
    'https://auth.example#x',
  ])
    expect(() => settings(other)).toThrow(/^ISSUER /)
})

test('CF-3 D-4 F-86 every endpoint is below the configured issuer, whatever the request says, and answers', async () => {
  const forged = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
  const seen = await (await get('/.well-known/openid-configuration', forged)).json()
  expect(seen.issuer).toBe(ISSUER)
  const addresses = Object.entries(seen).filter(([name]) => /_endpoint$|_uri$/.test(name))
  expect(addresses.map(([name]) => name).toSorted()).toEqual([
    'authorization_endpoint',
    'end_session_endpoint',
    'introspection_endpoint',
    'jwks_uri',
    'pushed_authorization_request_endpoint',
    'revocation_endpoint',
    'token_endpoint',
    'userinfo_endpoint',
  ])
  for (const [, one] of addresses) expect(String(one).startsWith(`${ISSUER}/`)).toBe(true)
  const statuses: Record<string, number> = {}
  for (const [name, one] of Object.entries(metadata)) {
    if (/_endpoint$|_uri$/.test(name)) statuses[name] = (await get(String(one))).status
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
  expect([metadata.claims_supported].flat().length).toBeGreaterThan(1)
})

test('FA-1 what FAPI 2.0 needs', () => {
  const includes = (...values: string[]) => expect.arrayContaining(values)
  expect(metadata).toMatchObject({
    pushed_authorization_request_endpoint: `${ISSUER}/par`,
    authorization_response_iss_parameter_supported: true,
    response_types_supported: ['code'],
    token_endpoint_auth_methods_supported: includes('private_key_jwt'),
    token_endpoint_auth_signing_alg_values_supported: includes('ES256'),
    code_challenge_methods_supported: ['S256'],
    dpop_signing_alg_values_supported: includes('ES256'),
  })
})

test('BL-1 logouts are told, with sid', () => {
  expect(metadata).toMatchObject({
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    end_session_endpoint: `${ISSUER}/logout`,
  })
})

test('CF-7 request and request_uri: no is said, and no is done', async () => {
  const browser = new Browser(provider)
  for (const name of ['request', 'request_uri']) {
    expect(metadata[`${name}_parameter_supported`]).toBe(false)
    const answer = answerIn(await browser.authorize('alder', { [name]: 'https://alder.example/r' }))
    expect(answer.get('error')).toBe(`${name}_not_supported`)
  }
})

test('CF-8 languages are named as BCP 47 writes them', () => {
  const tags = [metadata.ui_locales_supported, metadata.claims_locales_supported ?? []].flat().map(String)
  expect(tags).toContain('en')
  expect(Intl.getCanonicalLocales(tags)).toEqual(tags)
})

test('claims_supported: what userinfo can give, and nothing that it cannot', async () => {
  const { access_token } = await new Browser(provider).tokens('cedar', { person: 'iris' })
  const claims = Object.keys(await (await userinfo(provider, access_token)).json())
  expect([metadata.claims_supported].flat().toSorted()).toEqual(claims.toSorted())
})

test('CF-10 OP-0a the key set: public keys only, each with its own kid, use and alg', async () => {
  for (const path of ['/.well-known/openid-configuration', '/jwks']) {
    const { status, headers } = await get(path)
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
  }
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
    const kind = key.crv ? `${kty} ${key.crv}` : kty
    expect(kind).toBe({ ES256: 'EC P-256', Ed25519: 'OKP Ed25519', RS256: 'RSA' }[key.alg ?? ''])
    if (kty === 'RSA') expect(Buffer.from(key.n ?? '', 'base64url').length).toBeGreaterThanOrEqual(256)
  }
})
