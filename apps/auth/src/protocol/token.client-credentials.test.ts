import { AccessToken } from '@grove/jwt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askAs, errorOf, openProvider, type Provider, SITE_A, SITE_B, userinfo } from '../testing/index.ts'

let provider: Provider
beforeAll(async () => {
  provider = await openProvider()
})
afterAll(() => provider.close())

const ask = (clientId: string, more = {}) =>
  askAs(provider, clientId, '/token', { grant_type: 'client_credentials', ...more })

test('AT-5 a client gets a token for itself, which nobody can take for a person', async () => {
  const response = await ask('larch')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const { access_token, token_type, scope, ...rest } = await response.json()
  expect({ token_type, scope }).toEqual({ token_type: 'Bearer', scope: 'notes orders' })
  expect(Object.keys(rest)).toEqual(['expires_in']) // no ID token, no refresh token
  const { claims } = await provider.read(AccessToken, access_token, SITE_A)
  expect(claims).toMatchObject({ sub: 'larch', client_id: 'larch', aud: [SITE_A, SITE_B] })
  for (const personal of ['sid', 'auth_time', 'acr', 'amr', 'status'])
    expect(claims).not.toHaveProperty(personal)
  expect((await userinfo(provider, access_token)).status).toBe(403)
})

test('TK-11 RT-7 scope and resource narrow it, and never widen it', async () => {
  const { access_token, scope } = await (await ask('larch', { scope: 'notes', resource: SITE_B })).json()
  expect(scope).toBe('notes')
  expect((await provider.read(AccessToken, access_token, SITE_B)).claims.aud).toBe(SITE_B)
  expect(await errorOf(await ask('larch', { scope: 'notes admin' }))).toBe('400 invalid_scope')
  expect(await errorOf(await ask('larch', { scope: 'openid' }))).toBe('400 invalid_scope')
  expect(await errorOf(await ask('larch', { resource: 'https://evil.example' }))).toBe('400 invalid_target')
})

test('AZ-26 TK-9 it is for clients that are registered for it, and they for nothing else', async () => {
  expect(await errorOf(await ask('alder'))).toBe('400 unauthorized_client')
  const code = await askAs(provider, 'larch', '/token', { grant_type: 'authorization_code', code: 'x' })
  expect(await errorOf(code)).toBe('400 unauthorized_client')
})
