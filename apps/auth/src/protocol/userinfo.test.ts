import { AccessToken, generateKey, IdToken, importPrivateKey, issue } from '@grove/jwt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  Browser,
  errorOf,
  ISSUER,
  openProvider,
  type Provider,
  type Tokens,
  userinfo,
} from '../testing/index.ts'

const ADDRESS = `${ISSUER}/userinfo`

let provider: Provider
let alice: Browser
let tokens: Tokens
beforeAll(async () => {
  provider = await openProvider()
  alice = new Browser(provider)
  tokens = await alice.tokens('cedar')
})
afterAll(() => provider.close())

const claimsOf = async (scope: string) =>
  (await userinfo(provider, (await alice.tokens('cedar', { scope })).access_token)).json()
const inForm = (token: string) => new URLSearchParams({ access_token: token })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test.each([
  ['OP-5 GET with a header', (token: string) => ({ headers: bearer(token) })],
  ['AT-9 the scheme in another case', (token: string) => ({ headers: { authorization: `bEARER ${token}` } })],
  ['OP-6 POST with a header', (token: string) => ({ method: 'POST', headers: bearer(token) })],
  ['OP-7 POST with a form', (token: string) => ({ method: 'POST', body: inForm(token) })],
])('%s', async (_, request) => {
  const response = await provider.fetch(ADDRESS, request(tokens.access_token))
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const { claims } = await provider.read(IdToken, tokens.id_token, 'cedar')
  expect(await response.json()).toMatchObject({ sub: claims.sub, name: 'Alice Liddell' })
})

test('every claim has its JSON type, and an absent one is left out', async () => {
  const all = await claimsOf('openid profile email address phone')
  expect(all).toEqual({
    sub: 'acc_alice',
    name: 'Alice Liddell',
    given_name: 'Alice',
    family_name: 'Liddell',
    birthdate: '1852-05-04',
    updated_at: 1_764_000_000,
    email: 'alice@example.com',
    email_verified: true,
    address: { locality: 'Oxford', country: 'United Kingdom' },
    phone_number: '+44 20 7946 0018',
    phone_number_verified: true,
  })
})

test.each([
  ['profile', 'openid profile', ['birthdate', 'family_name', 'given_name', 'name', 'sub', 'updated_at']],
  ['email', 'openid email', ['email', 'email_verified', 'sub']],
  ['address', 'openid address', ['address', 'sub']],
  ['phone', 'openid phone', ['phone_number', 'phone_number_verified', 'sub']],
  ['no other scope', 'openid', ['sub']],
])('%s: the claims of the scope and no others', async (_, scope, names) => {
  expect(Object.keys(await claimsOf(scope)).toSorted()).toEqual(names)
})

test('AT-7 without openid: 403 insufficient_scope', async () => {
  const { access_token } = await alice.tokens('alder', { scope: 'notes' })
  const response = await userinfo(provider, access_token)
  expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
  expect(response.headers.get('www-authenticate')).toContain('scope="openid"')
  expect(await errorOf(response)).toBe('403 insufficient_scope')
})

test('AT-7 without a token: 401, and no error code in the challenge', async () => {
  for (const address of [ADDRESS, `${ADDRESS}?access_token=${tokens.access_token}`]) {
    const response = await provider.fetch(address)
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="grove"'])
  }
})

test('AT-8 a token in two ways at once: 400', async () => {
  const { access_token } = tokens
  const request = { method: 'POST', headers: bearer(access_token), body: inForm(access_token) }
  expect(await errorOf(await provider.fetch(ADDRESS, request))).toBe('400 invalid_request')
})

test.each([
  ['AT-9 another scheme', () => ({ authorization: `DPoP ${tokens.access_token}` })],
  ['AT-9 two tokens', () => ({ authorization: `Bearer ${tokens.access_token}, Bearer x` })],
  ['AT-4 an ID token (ID-9)', () => bearer(tokens.id_token)],
  ['AT-4 rubbish', () => bearer('rubbish')],
  ['a token of ten kilobytes', () => bearer('x'.repeat(10_000))],
  ['AT-4 a changed token', () => bearer(`${tokens.access_token.slice(0, -4)}AAAA`)],
])('%s: 401 invalid_token', async (_, headers) => {
  const response = await provider.fetch(ADDRESS, { headers: headers() })
  expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
  expect(await errorOf(response)).toBe('401 invalid_token')
})

test('AT-4 JW-4 a token of a key that is not ours: 401', async () => {
  const { privateJwk } = await generateKey('ES256')
  const key = await importPrivateKey(privateJwk, 'ES256')
  const { claims } = await provider.read(AccessToken, tokens.access_token, ISSUER)
  const forged = await issue(AccessToken, claims, { key, lifetimeSeconds: 300, now: provider.auth.now() })
  expect(await errorOf(await userinfo(provider, forged))).toBe('401 invalid_token')
})

test('an expired token: 401', async () => {
  const { access_token } = await alice.tokens('cedar')
  provider.pass(300 + 10)
  expect(await errorOf(await userinfo(provider, access_token))).toBe('401 invalid_token')
})
