import { AccessToken, decodeStatusList, IdToken, StatusListToken, statusAt } from '@grove/jwt'
import { afterAll, beforeEach, expect, test } from 'vitest'
import {
  askAs,
  askOracle,
  Browser,
  errorOf,
  ISSUER,
  openProvider,
  type Provider,
  refresh,
  SITE_A,
  type Tokens,
  tokensIn,
  userinfo,
} from '../testing/index.ts'

const SCOPE = 'openid profile offline_access notes roles'
const provider: Provider = await openProvider()
const { accounts } = provider.auth.store
let browser: Browser
let tokens: Tokens
beforeEach(async () => {
  browser = new Browser(provider)
  tokens = await browser.tokens('alder', { scope: SCOPE })
})
afterAll(async () => {
  expect(await askOracle(provider.databaseUrl, { now: provider.auth.now(), told: ['alder'] })).toEqual([])
  await provider.close()
})

const change = (claims: Record<string, unknown>) =>
  accounts.changeClaims('alice@example.com', claims, provider.auth.now())
const refreshed = async ({ refresh_token }: Tokens) =>
  tokensIn(await refresh(provider, 'alder', refresh_token))
async function said({ id_token }: Tokens): Promise<Record<string, unknown>> {
  return { ...(await provider.read(IdToken, id_token, 'alder')).claims }
}

async function placeOf({ access_token }: Tokens): Promise<number> {
  const { claims } = await provider.read(AccessToken, access_token, SITE_A)
  return claims.status?.status_list.idx ?? -1
}

async function bitOf(grant: Tokens): Promise<number | undefined> {
  const text = await (await provider.fetch(`${ISSUER}/status/0`)).text()
  const { bits, lst } = (await provider.read(StatusListToken, text, '')).claims.status_list
  return statusAt(await decodeStatusList(lst, 2 ** 17), bits, await placeOf(grant))
}

test('pain 12: a refresh says what is true now: within one token lifetime a site knows', async () => {
  expect((await said(tokens)).roles).toBeUndefined()
  await change({ roles: ['editor'], name: 'Alice Hargreaves' })
  const after = await refreshed(tokens)
  expect(await said(after)).toMatchObject({
    roles: ['editor'],
    name: 'Alice Hargreaves',
    given_name: 'Alice',
  })
  await change({ roles: null, name: 'Alice Liddell' })
  expect((await said(await refreshed(after))).roles).toBeUndefined()
})

test('pain 12: a change marks the tokens of before at once, and those that follow stand elsewhere', async () => {
  expect(await bitOf(tokens)).toBe(0)
  await change({ roles: ['editor'] })
  expect(await bitOf(tokens)).toBe(1)
  expect((await userinfo(provider, tokens.access_token)).status).toBe(401)
  const introspection = await askAs(provider, 'alder', '/introspect', { token: tokens.access_token })
  expect(await introspection.json()).toEqual({ active: false })

  const after = await refreshed(tokens)
  expect(await bitOf(after)).toBe(0)
  expect(await placeOf(after)).not.toBe(await placeOf(tokens))
  expect((await userinfo(provider, after.access_token)).status).toBe(200)
  expect(await bitOf(tokens)).toBe(1)
})

test('the session of auth goes on: nobody has to log in', async () => {
  await change({ roles: ['editor'] })
  expect((await browser.authorize('alder', { prompt: 'none', scope: SCOPE })).status).toBe(303)
  const { sid } = await said(await refreshed(tokens))
  expect(sid).toBe((await said(tokens)).sid)
})

test('every grant of the account, of every session and client, and of nobody else', async () => {
  const elsewhere = await new Browser(provider).tokens('birch')
  const bob = await new Browser(provider).tokens('alder', { person: 'bob' })
  await change({ roles: ['editor'] })
  expect(await Promise.all([tokens, elsewhere, bob].map(bitOf))).toEqual([1, 1, 0])
})

test('two changes in a row, and what was refreshed between them is marked too', async () => {
  await change({ roles: ['editor'] })
  const between = await refreshed(tokens)
  await change({ roles: ['reader'] })
  expect(await Promise.all([tokens, between].map(bitOf))).toEqual([1, 1])
  const after = await refreshed(between)
  expect(await bitOf(after)).toBe(0)
  expect((await said(after)).roles).toEqual(['reader'])
})

test('RT-4: a change is no rotation: the same token is good for one more, and the one before it for the grace', async () => {
  const next = await refreshed(tokens)
  await change({ roles: ['editor'] })
  const replayed = await refreshed(tokens)
  expect(replayed.refresh_token).toBe(next.refresh_token)
  expect(await bitOf(replayed)).toBe(0)
  expect((await said(replayed)).roles).toEqual(['editor'])
})

test('a grant that was revoked stays dead, and so does one that is revoked afterwards', async () => {
  const other = await browser.tokens('alder', { scope: SCOPE })
  await askAs(provider, 'alder', '/revoke', { token: other.refresh_token })
  await change({ roles: ['editor'] })
  expect(await errorOf(await refresh(provider, 'alder', other.refresh_token))).toBe('400 invalid_grant')

  const after = await refreshed(tokens)
  await askAs(provider, 'alder', '/revoke', { token: after.refresh_token })
  expect(await Promise.all([tokens, after].map(bitOf))).toEqual([1, 1])
  expect(await errorOf(await refresh(provider, 'alder', after.refresh_token))).toBe('400 invalid_grant')
})

test('race: changes and refreshes at once: the last word counts, and no token of before it is good', async () => {
  const answers = await Promise.all([
    ...Array.from({ length: 10 }, (_, n) => change({ roles: [`role ${n}`] }).then(() => undefined)),
    ...Array.from({ length: 10 }, () => refreshed(tokens)),
  ])
  await change({ roles: ['the last'] })
  const got = answers.filter((answer) => answer !== undefined)
  expect(await Promise.all(got.map(bitOf))).toEqual(got.map(() => 1))
  expect((await said(await refreshed(got[0] ?? tokens))).roles).toEqual(['the last'])
})

test('what the scope does not release is not said', async () => {
  await change({ roles: ['editor'] })
  expect((await said(await new Browser(provider).tokens('alder', { scope: 'openid profile' }))).roles).toBe(
    undefined,
  )
})
