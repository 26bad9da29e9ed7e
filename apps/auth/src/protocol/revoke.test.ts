import { afterAll, beforeEach, expect, test } from 'vitest'
import {
  askAs,
  Browser,
  errorOf,
  openProvider,
  type Provider,
  refresh,
  type Tokens,
  userinfo,
} from '../testing/index.ts'

const provider: Provider = await openProvider()
const alice = new Browser(provider)
let tokens: Tokens
beforeEach(async () => {
  tokens = await alice.tokens('alder')
})
afterAll(() => provider.close())

const revoke = (clientId: string, token?: string) => askAs(provider, clientId, '/revoke', { token })
const isAlive = async () => (await userinfo(provider, tokens.access_token)).status === 200

test.each(['refresh_token', 'access_token'] as const)(
  'RV-1 with the %s the whole grant ends, at userinfo and for refresh',
  async (name) => {
    expect(await isAlive()).toBe(true)
    expect((await revoke('alder', tokens[name])).status).toBe(200)
    expect(await errorOf(await userinfo(provider, tokens.access_token))).toBe('401 invalid_token')
    expect(await errorOf(await refresh(provider, 'alder', tokens.refresh_token))).toBe('400 invalid_grant')
  },
)

test('one grant ends, the login and the other sites go on', async () => {
  const other = await alice.tokens('birch')
  await revoke('alder', tokens.refresh_token)
  expect((await userinfo(provider, other.access_token)).status).toBe(200)
})

test.each(['x', 'x.1.y', 'a.b.c', ''])(
  'RV-1 an unknown token (%o) is no error, none at all is one',
  async (token) => {
    expect((await revoke('alder', token)).status).toBe(token ? 200 : 400)
  },
)

test("RV-1 another client's token stays as it is, and whoever shows it is told so", async () => {
  for (const clientId of ['birch', 'cedar', 'elm']) {
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      expect(await errorOf(await revoke(clientId, token))).toBe('400 invalid_grant')
      expect(await isAlive()).toBe(true)
    }
  }
})

test('X-10 an unknown token is no error, a foreign one stays, a refresh token takes its access tokens along', async () => {
  expect((await revoke('alder', 'unknown')).status).toBe(200)
  expect(await errorOf(await revoke('birch', tokens.refresh_token))).toBe('400 invalid_grant')
  expect(await isAlive()).toBe(true)
  const next = await (await refresh(provider, 'alder', tokens.refresh_token)).json()
  expect((await revoke('alder', next.refresh_token)).status).toBe(200)
  for (const { access_token } of [tokens, next])
    expect(await errorOf(await userinfo(provider, access_token))).toBe('401 invalid_token')
  expect((await revoke('alder', next.refresh_token)).status).toBe(200) // what is dead is unknown
})

test('RV-1 CA-1 nobody revokes without being authenticated', async () => {
  const body = new URLSearchParams({ client_id: 'alder', token: tokens.refresh_token })
  const response = await provider.fetch(`${provider.issuer}/revoke`, { method: 'POST', body })
  expect(await errorOf(response)).toBe('401 invalid_client')
  expect(await isAlive()).toBe(true)
})
