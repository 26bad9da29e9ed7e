import { IdToken, LOGOUT_EVENT, LogoutToken } from '@grove/jwt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answerIn, askAs, Browser, openProvider, type Provider } from '../testing/index.ts'

const AT_ALDER = 'http://site-a.localhost:4001/sso/backchannel-logout'
const AT_BIRCH = 'http://site-b.localhost:4002/sso/backchannel-logout'

let provider: Provider
let browser: Browser
beforeEach(async () => {
  provider = await openProvider()
  browser = new Browser(provider)
})
afterEach(() => provider.close())

const logout = async (idToken: string, more = '') => browser.open(`/logout?id_token_hint=${idToken}${more}`)
const written = async () =>
  (await provider.auth.store.audit.ofAccount('acc_alice', 50))
    .map(({ type }) => type)
    .filter((type) => type.startsWith('logout.'))
const told = () => provider.posts.map(({ uri }) => uri).toSorted()

test('BL-7 every client of the login is told once, and then the browser goes on', async () => {
  const { id_token } = await browser.tokens('alder')
  await browser.tokens('birch')
  await browser.tokens('birch')
  await browser.tokens('cedar') // it registered no address for it
  const back = encodeURIComponent('http://site-a.localhost:4001/sso/logged-out')
  const response = await logout(id_token, `&post_logout_redirect_uri=${back}`)
  const { status, headers } = response
  expect([status, headers.get('location')]).toEqual([303, 'http://site-a.localhost:4001/sso/logged-out'])
  expect(told()).toEqual([AT_ALDER, AT_BIRCH])
  expect(answerIn(await browser.authorize('alder', { prompt: 'none' })).get('error')).toBe('login_required')
  await logout(id_token)
  expect(told()).toHaveLength(2)
})

test.each([
  ['alder', 'ES256'],
  ['fir', 'RS256'],
])('BL-3 BL-4 BL-5 BL-6 BC-1 the logout token for %s, signed as its ID tokens are', async (clientId, alg) => {
  const { id_token } = await browser.tokens(clientId)
  const session = browser.cookies.get('__Host-sso')?.split('.')[0]
  await logout(id_token)
  const [post] = provider.posts
  const { claims, header } = await provider.read(LogoutToken, post?.logoutToken ?? '', clientId)
  const login = (await provider.read(IdToken, id_token, clientId)).claims
  expect(header).toMatchObject({ alg, typ: 'logout+jwt' })
  expect(claims).toMatchObject({ iss: provider.issuer, sub: login.sub, sid: login.sid, aud: clientId })
  expect(login.sid).toBe(session)
  expect(claims.events).toEqual({ [LOGOUT_EVENT]: {} })
  expect(claims.iat).toBe(Math.floor(provider.auth.now().getTime() / 1000))
  expect(claims).not.toHaveProperty('nonce')
  expect(claims.exp - claims.iat).toBe(120)
  expect(claims.jti).toMatch(/^[\w-]{22}$/)
})

describe('BL-8 a slow or dead site', () => {
  test('BC-9 F-69 that hangs holds up neither the others nor the page', async () => {
    const { id_token } = await browser.tokens('alder')
    await browser.tokens('birch')
    provider.answerPost = (uri) => (uri === AT_ALDER ? new Promise(() => {}) : Promise.resolve(undefined))
    const started = performance.now()
    const html = await (await logout(id_token)).text()
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(told()).toEqual([AT_ALDER, AT_BIRCH])
    expect(html).toMatch(/told--pending.*Alder.*told--confirmed.*Birch/s)
  })

  test('that fails is written down and tried again, with the same session and a fresh token', async () => {
    const { id_token } = await browser.tokens('alder')
    provider.answerPost = async () => 'it answered 500'
    await logout(id_token)
    expect(provider.posts).toHaveLength(1)

    provider.pass(1)
    await provider.auth.deliverLogouts()
    expect(provider.posts).toHaveLength(1) // not due yet
    provider.pass(1)
    provider.answerPost = async () => undefined
    await provider.auth.deliverLogouts()
    const tokens = await Promise.all(
      provider.posts.map(({ logoutToken }) => provider.read(LogoutToken, logoutToken, 'alder')),
    )
    expect(tokens).toHaveLength(2)
    expect(tokens[1]?.claims.sid).toBe(tokens[0]?.claims.sid)
    expect(tokens[1]?.claims.jti).not.toBe(tokens[0]?.claims.jti)

    provider.pass(3600)
    await provider.auth.deliverLogouts()
    expect(provider.posts).toHaveLength(2) // delivered is delivered
    expect(await written()).toEqual(['logout.delivered', 'logout.failed'])
  })

  test('BC-8 is tried five times in all, and each try waits longer than the one before it', async () => {
    const { id_token } = await browser.tokens('alder')
    provider.answerPost = async () => 'it is gone'
    await logout(id_token)
    const tries = async (after: number) => {
      provider.pass(after)
      await provider.auth.deliverLogouts()
      return provider.posts.length
    }
    for (const [n, seconds] of [2, 10, 60, 300].entries())
      expect([seconds, await tries(seconds - 1), await tries(1)]).toEqual([seconds, n + 1, n + 2])
    for (let hours = 0; hours < 20; hours++) expect(await tries(3_600)).toBe(5)
    expect(await written()).toEqual(Array(5).fill('logout.failed'))
  })
})

test('BC-8 nothing is posted or fetched but what the operator registered, whatever a request names', async () => {
  const fetched: string[] = []
  provider.answerFetch = async (input) => {
    fetched.push(String(input))
    return new Response(null, { status: 404 })
  }
  const inside = 'http://169.254.169.254/latest/meta-data'
  const { id_token } = await browser.tokens('alder')
  const names = ['request_uri', 'jwks_uri', 'sector_identifier_uri', 'backchannel_logout_uri', 'logout_uri']
  const everywhere = Object.fromEntries(names.map((name) => [name, inside]))
  for (const name of names) await browser.authorize('alder', { [name]: inside })
  for (const path of ['/par', '/token', '/revoke', '/introspect'])
    await askAs(provider, 'alder', path, { ...everywhere, token: 'x', grant_type: 'refresh_token' })
  await logout(id_token, `&${new URLSearchParams(everywhere)}`)
  expect(fetched).toEqual([])
  expect(told()).toEqual([AT_ALDER])
})

test('F-17 an owed logout outlives its process: another one delivers it, and of two only one', async () => {
  const { id_token } = await browser.tokens('alder')
  provider.answerPost = () => new Promise(() => {}) // this process dies before the answer
  await logout(id_token)
  const others = [await provider.another(), await provider.another()]
  provider.pass(31)
  await Promise.all(others.map(({ auth }) => auth.deliverLogouts()))
  expect(others.flatMap(({ posts }) => posts)).toHaveLength(1)
})
