import { AccessToken, IdToken } from '@grove/jwt'
import { afterAll, beforeEach, expect, test } from 'vitest'
import {
  askAs,
  Browser,
  errorOf,
  openProvider,
  type Provider,
  refresh,
  SITE_A,
  SITE_B,
  type Tokens,
  tokensIn,
  userinfo,
} from '../testing/index.ts'

const provider: Provider = await openProvider()
let browser: Browser
let tokens: Tokens
beforeEach(async () => {
  browser = new Browser(provider)
  tokens = await browser.tokens('alder')
})
afterAll(() => provider.close())

const refreshed = async (token: string, more = {}) => tokensIn(await refresh(provider, 'alder', token, more))
const isDead = async (token: string) =>
  (await errorOf(await refresh(provider, 'alder', token))) === '400 invalid_grant'

test('RT-2 rotated at each use, a hundred times over', async () => {
  const seen = new Set([tokens.refresh_token])
  for (let round = 0; round < 100; round++) {
    tokens = await refreshed(tokens.refresh_token)
    seen.add(tokens.refresh_token)
  }
  expect(seen.size).toBe(101)
  expect((await userinfo(provider, tokens.access_token)).status).toBe(200)
})

test('RT-10 SU-4 AT-2 the answer: a new ID token of the same login, not stored', async () => {
  const before = (await provider.read(IdToken, tokens.id_token, 'alder')).claims
  provider.pass(120)
  const response = await refresh(provider, 'alder', tokens.refresh_token)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const next = await tokensIn(response)
  const after = (await provider.read(IdToken, next.id_token, 'alder')).claims
  const { iss, sub, aud, sid, auth_time, acr } = before
  expect(acr).toBe('urn:grove:acr:password')
  expect(after).toMatchObject({ iss, sub, aud, sid, auth_time, acr, iat: before.iat + 120 })
  expect(after.nonce).toBeUndefined()
  const access = (await provider.read(AccessToken, next.access_token, SITE_A)).claims
  expect(access).toMatchObject({ auth_time, acr })
})

test('RT-4 F-33 X-16 fifty at once get one successor, and each answer is good; one after the grace ends the family', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => refreshed(tokens.refresh_token)))
  expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1)
  const [successor] = answers
  for (const { access_token } of answers) expect((await userinfo(provider, access_token)).status).toBe(200)

  provider.pass(11)
  expect(await isDead(tokens.refresh_token)).toBe(true)
  expect(await isDead(successor?.refresh_token ?? '')).toBe(true)
  expect((await userinfo(provider, successor?.access_token ?? '')).status).toBe(401)
})

test('RT-3 a token older than the last is reuse at once, inside of the grace too', async () => {
  const second = await refreshed(tokens.refresh_token)
  const third = await refreshed(second.refresh_token)
  expect(await isDead(tokens.refresh_token)).toBe(true)
  expect(await isDead(third.refresh_token)).toBe(true)
  for (const { access_token } of [tokens, second, third])
    expect((await userinfo(provider, access_token)).status).toBe(401)
  const events = await provider.auth.store.audit.ofAccount('acc_alice', 5)
  expect(events.map(({ type }) => type)).toContain('refresh.reused')
  // Design, decision 6: the session lives, so the honest browser is back after one silent redirect.
  expect((await browser.authorize('alder', { prompt: 'none' })).headers.get('location')).toContain('code=')
})

test('RT-11 RT-5 the end of the session is the end, and rotation does not move it', async () => {
  for (let hours = 0; hours < 11; hours++) {
    provider.pass(3_600)
    tokens = await refreshed(tokens.refresh_token)
  }
  provider.pass(3_600 - 5)
  const last = await refreshed(tokens.refresh_token)
  provider.pass(5)
  expect(await isDead(last.refresh_token)).toBe(true)
  // The one before it is inside of the grace, and expired all the same.
  expect(await isDead(tokens.refresh_token)).toBe(true)
})

test('RT-5 7.3.1 a refresh token that nobody used for four hours is worth nothing, and costs one silent redirect', async () => {
  const FOUR_HOURS = 4 * 3_600
  const isActive = async (token: string) =>
    (await (await askAs(provider, 'alder', '/introspect', { token })).json()).active
  const other = await browser.tokens('alder')
  provider.pass(FOUR_HOURS - 1)
  const used = await refreshed(tokens.refresh_token)
  expect([await isActive(used.refresh_token), await isActive(other.refresh_token)]).toEqual([true, true])
  provider.pass(1)
  expect([await isActive(used.refresh_token), await isActive(other.refresh_token)]).toEqual([true, false])
  expect(await isDead(other.refresh_token)).toBe(true)
  expect((await refresh(provider, 'alder', used.refresh_token)).status).toBe(200) // it began anew with its use
  provider.pass(FOUR_HOURS)
  expect(await isDead(used.refresh_token)).toBe(true)
  expect((await browser.authorize('alder', { prompt: 'none' })).headers.get('location')).toContain('code=')
})

test("RT-6 another client's attempt is refused, and the owner's token lives on", async () => {
  for (const clientId of ['birch', 'cedar', 'elm']) {
    expect(await errorOf(await refresh(provider, clientId, tokens.refresh_token))).toBe('400 invalid_grant')
  }
  const next = await refreshed(tokens.refresh_token)
  provider.pass(11)
  expect(await errorOf(await refresh(provider, 'birch', tokens.refresh_token))).toBe('400 invalid_grant')
  expect((await refresh(provider, 'alder', next.refresh_token)).status).toBe(200)
})

test('RT-7 X-9 scope and resource shrink for one answer, and the grant stays as wide as it was', async () => {
  const narrow = await refreshed(tokens.refresh_token, { scope: 'notes', resource: SITE_B })
  expect(narrow.scope).toBe('notes')
  expect(narrow).not.toHaveProperty('id_token')
  const { claims } = await provider.read(AccessToken, narrow.access_token, SITE_B)
  expect(claims).toMatchObject({ scope: 'notes', aud: SITE_B })
  const wider = await refresh(provider, 'alder', narrow.refresh_token, { scope: `${tokens.scope} address` })
  expect(await errorOf(wider)).toBe('400 invalid_scope')
  const wide = await refreshed(narrow.refresh_token)
  expect(wide.scope).toBe(tokens.scope)
})

test.each([
  ['scope', { scope: 'openid admin' }, '400 invalid_scope'],
  ['resource', { resource: 'https://evil.example' }, '400 invalid_target'],
])('RT-7 a wider %s is refused, and costs the client nothing', async (_, more, error) => {
  expect(await errorOf(await refresh(provider, 'alder', tokens.refresh_token, more))).toBe(error)
  provider.pass(60)
  expect((await refresh(provider, 'alder', tokens.refresh_token)).status).toBe(200)
})

test('RT-8 RT-4 LO-5 after a logout the refresh token and the one inside of the grace fail at once', async () => {
  const next = await refreshed(tokens.refresh_token)
  await browser.open(`/logout?id_token_hint=${tokens.id_token}`)
  expect(await isDead(next.refresh_token)).toBe(true)
  expect(await isDead(tokens.refresh_token)).toBe(true)
})

test('F-34 refresh against logout: nothing lives after both', { timeout: 30_000 }, async () => {
  for (let round = 0; round < 10; round++) {
    const other = new Browser(provider)
    const theirs = round === 0 ? tokens : await other.tokens('alder')
    const from = round === 0 ? browser : other
    const [response] = await Promise.all([
      refresh(provider, 'alder', theirs.refresh_token),
      from.open(`/logout?id_token_hint=${theirs.id_token}`),
    ])
    const successor = response.status === 200 ? await tokensIn(response) : theirs
    expect(await isDead(successor.refresh_token)).toBe(true)
    expect((await userinfo(provider, successor.access_token)).status).toBe(401)
  }
})

test.each([
  ['nothing', ''],
  ['made up', 'x.1.y'],
  ['with another generation', 'generation'],
  ['with a mac of another grant', 'grant'],
])('RT-1 a token that is %s is refused', async (_, token) => {
  const [grantId, generation, mac] = tokens.refresh_token.split('.')
  const forged = {
    generation: `${grantId}.${Number(generation) + 1}.${mac}`,
    grant: `${'A'.repeat(22)}.0.${mac}`,
  }
  const text = token === 'generation' || token === 'grant' ? forged[token] : token
  const expected = text === '' ? '400 invalid_request' : '400 invalid_grant'
  expect(await errorOf(await refresh(provider, 'alder', text))).toBe(expected)
})
