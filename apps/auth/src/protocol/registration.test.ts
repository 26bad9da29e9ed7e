import { AccessToken } from '@grove/jwt'
import { afterAll, expect, test } from 'vitest'
import type { Client } from '../domain/clients.ts'
import {
  answerIn,
  askAs,
  Browser,
  CLIENTS,
  codeIn,
  errorOf,
  openProvider,
  redeem,
  refresh,
  SITE_A,
  SITE_B,
  secretOf,
} from '../testing/index.ts'

const [cedar, maple] = ['cedar', 'maple'].map((id) => CLIENTS.find((client) => client.id === id)) as [
  Client,
  Client,
] // both are there
/** Each lacks one thing that Cedar has; nobody has a secret of its own, so all prove themselves as Cedar does. */
const like = (id: string, over: Partial<Client>): Client => ({ ...cedar, id, authMethod: 'none', ...over })
const clients = [
  ...CLIENTS,
  like('spruce', { grantTypes: ['client_credentials'] }),
  like('willow', { grantTypes: ['authorization_code'] }),
  like('yew', { responseModes: ['query'] }),
]

const provider = await openProvider({ clients })
const alice = new Browser(provider)
await alice.login('alder')
afterAll(() => provider.close())

test.each([
  ['AZ-26 the grant, at the authorization endpoint', 'spruce', {}, 'unauthorized_client'],
  ['AZ-26 a response mode', 'yew', { response_mode: 'form_post' }, 'invalid_request'],
  ['AZ-26 a scope', 'cedar', { scope: 'notes' }, 'invalid_scope'],
  ['AZ-26 a resource', 'cedar', { resource: SITE_A }, 'invalid_target'],
])('%s that others have: refused, by a redirect', async (_, clientId, more, code) => {
  const response = await alice.authorize(clientId, more)
  expect(response.status).toBe(303)
  expect(answerIn(response).get('error')).toBe(code)
  expect(answerIn(response).has('code')).toBe(false)
})

test('RT-9 a refresh token is for who is registered to use one, and asked to outlive the access token', async () => {
  const tokensOf = async (clientId: string, more = {}) =>
    await (await redeem(provider, clientId, codeIn(await alice.authorize(clientId, more)))).json()
  expect(await tokensOf('cedar')).toHaveProperty('refresh_token')
  const asked = await tokensOf('willow')
  expect(asked.scope).toContain('offline_access')
  expect(asked).not.toHaveProperty('refresh_token')
  expect(await tokensOf('cedar', { scope: 'openid' })).not.toHaveProperty('refresh_token')
  const grant = { grant_type: 'refresh_token', refresh_token: 'x' }
  expect(await errorOf(await askAs(provider, 'willow', '/token', grant))).toBe('400 unauthorized_client')
})

test('TK-11 a client that is not our own gets one resource a token: the one it names, or its first', async () => {
  const { consents } = provider.auth.store
  await consents.allow('acc_alice', 'maple', maple.scopes.join(' '), provider.auth.now())
  const audienceOf = async (response: Response, audience: string) => {
    const tokens = await response.json()
    return [
      (await provider.read(AccessToken, tokens.access_token, audience)).claims.aud,
      tokens.refresh_token,
    ]
  }
  const code = async (more = {}) => codeIn(await alice.authorize('maple', more))
  const [first, refreshToken] = await audienceOf(await redeem(provider, 'maple', await code()), SITE_A)
  const [named] = await audienceOf(
    await redeem(provider, 'maple', await code(), { resource: SITE_B }),
    SITE_B,
  )
  const [later, next] = await audienceOf(
    await refresh(provider, 'maple', refreshToken, { resource: SITE_B }),
    SITE_B,
  )
  expect([first, named, later]).toEqual([SITE_A, SITE_B, SITE_B])

  const both = { grant_type: 'refresh_token', refresh_token: next, client_id: 'maple' }
  const body = new URLSearchParams([...Object.entries(both), ['resource', SITE_A], ['resource', SITE_B]])
  const headers = { authorization: `Basic ${btoa(`maple:${encodeURIComponent(secretOf('maple'))}`)}` }
  const refused = await provider.fetch(`${provider.issuer}/token`, { method: 'POST', headers, body })
  expect(await errorOf(refused)).toBe('400 invalid_target')
  expect((await refresh(provider, 'maple', next)).status).toBe(200) // it cost the client nothing
})

test('AZ-24 a client with the id of an account does not start, whoever was there first', async () => {
  const open = (id: string) => openProvider({ clients: [like(id, {})] })
  await expect(open('acc_alice')).rejects.toThrow('the client acc_alice has the id of an account')
  await (await open('acc_nobody')).close()
})

test('PR-4 the metadata says that requests must be pushed where every client is obliged to', async () => {
  const said = async (of: Client[]) => {
    const other = await openProvider({ clients: of })
    const response = await other.fetch(`${other.issuer}/.well-known/openid-configuration`)
    await other.close()
    return (await response.json()).require_pushed_authorization_requests
  }
  const pushing = like('oak', { isPushRequired: true })
  const machine = like('spruce', { grantTypes: ['client_credentials'] })
  expect(await said([pushing, machine])).toBe(true)
  expect(await said([pushing, cedar])).toBe(false)
  expect(await said([machine])).toBe(false)
})
