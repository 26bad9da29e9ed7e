import { afterAll, describe, expect, test } from 'vitest'
import { clientSchema } from '../seed/clients.ts'
import { BasicClient, NO_PKCE, OAK } from '../testing/basic-client.ts'
import {
  answerIn,
  askAs,
  authorizationRequest,
  Browser,
  CLIENTS,
  codeIn,
  credentials,
  errorOf,
  ISSUER,
  openProvider,
  redeem,
  refresh,
  type Tokens,
  userinfo,
} from '../testing/index.ts'

// The requests of the basic plan that ask for something special, or for nothing.

const provider = await openProvider({ clients: [...CLIENTS, OAK] })
const oak = new BasicClient(provider)
const iris = new Browser(provider)
await iris.login('alder', { person: 'iris' })
afterAll(() => provider.close())

type Fields = Record<string, string | undefined>
const tokensOf = async (response: Response) => (await response.json()) as Tokens // the tests look at what they use

describe('what means nothing', () => {
  /** What a client learns from a login and from a silent one after it, apart from what is new in each. */
  async function learned(more: Fields) {
    const browser = new Browser(provider)
    const page = await (await oak.authorize(browser, more)).text()
    const first = await browser.submit(page, credentials('iris'))
    const again = await oak.authorize(browser, more)
    return await Promise.all(
      [first, again].map(async (response) => {
        const tokens = await tokensOf(await oak.redeem(response))
        const { at_hash: _, sid: __, ...claims } = await oak.verified(tokens.id_token)
        return { claims, scope: tokens.scope, userinfo: await oak.userinfo(tokens) }
      }),
    )
  }

  test.each<[string, Fields]>([
    ['OP-15 display=page', { display: 'page' }],
    ['OP-16 display=popup', { display: 'popup' }],
    ['OP-22 an unknown parameter', { foo: 'bar' }],
    ['OP-24 a login_hint', { login_hint: 'bob@example.com' }],
    ['OP-25 ui_locales, some of which nobody knows', { ui_locales: 'se zh-Hant xx-made-up' }],
    ['OP-26 claims_locales', { claims_locales: 'se' }],
  ])('%s: the same tokens, at the login page and with a session', async (_, more) => {
    expect(await learned(more)).toEqual(await learned({}))
  })

  test('OP-14 the order of scopes and parameters', async () => {
    const backwards = { scope: 'offline_access phone address email profile openid' }
    expect(await learned(backwards)).toEqual(await learned({}))
    const request = [...authorizationRequest(provider, 'oak', NO_PKCE)].reverse()
    const tokens = await tokensOf(
      await oak.redeem(await iris.open(`/authorize?${new URLSearchParams(request)}`)),
    )
    expect(await oak.userinfo(tokens)).toEqual(await oak.userinfo(await oak.tokens(iris)))
  })

  test('OP-24 a login_hint fills the form in, and looks the same whether or not it has an account', async () => {
    const pages = ['iris@example.com', 'nobody@example.com'].map(async (login_hint) => {
      const response = await oak.authorize(new Browser(provider), { login_hint })
      const html = await response.text()
      expect([response.status, html.includes(`value="${login_hint}"`)]).toEqual([200, true])
      return html
        .replaceAll(login_hint, '')
        .replaceAll(encodeURIComponent(login_hint), '')
        .replace(/name="form_token" value="[^"]*"/, '')
    })
    const [known, unknown] = await Promise.all(pages)
    expect(known).toBe(unknown)
  })
})

test('OP-23 prompt=none with the own hint: the same sub, and no page', async () => {
  const { id_token } = await oak.tokens(iris)
  const again = await oak.tokens(iris, { prompt: 'none', id_token_hint: id_token })
  expect((await oak.verified(again.id_token)).sub).toBe((await oak.verified(id_token)).sub)
})

test('OP-32 a client with its secret in the form: the same flow', async () => {
  const metadata = await oak.published('/.well-known/openid-configuration')
  expect(metadata.token_endpoint_auth_methods_supported).toContain('client_secret_post')
  const code = codeIn(await iris.authorize('cedar'))
  expect(await errorOf(await redeem(provider, 'cedar', code, { client_secret: 'wrong' }))).toBe(
    '401 invalid_client',
  )
  const tokens = await tokensOf(await redeem(provider, 'cedar', code))
  expect(await oak.userinfo(tokens)).toMatchObject({ sub: 'acc_iris', email: 'iris@example.com' })
})

test('OP-37 a refresh: new tokens of the same login, not stored, and nothing for another client', async () => {
  const tokens = await oak.tokens(iris)
  const before = await oak.verified(tokens.id_token)
  provider.pass(2)
  expect(await errorOf(await refresh(provider, 'hazel', tokens.refresh_token))).toBe('400 invalid_grant')
  const answer = await refresh(provider, 'oak', tokens.refresh_token)
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  const next = await tokensOf(answer)
  expect(next.access_token).not.toBe(tokens.access_token)
  expect(await oak.userinfo(next)).toMatchObject({ sub: before.sub })
  const { iss, sub, aud, azp, auth_time, iat } = before
  const after = await oak.verified(next.id_token)
  expect([after.iss, after.sub, after.aud, after.azp]).toEqual([iss, sub, aud, azp])
  expect([after.auth_time, after.iat]).toEqual([auth_time, iat + 2])
  expect(await errorOf(await refresh(provider, 'hazel', next.refresh_token))).toBe('400 invalid_grant')
})

test('OP-38 K-1 PKCE: with S256 the verifier is asked for; without, only who is registered so', async () => {
  // The challenge and the verifier of RFC 7636 appendix B.
  const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  const S256 = {
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }
  for (const clientId of ['oak', 'alder']) {
    const codes = [codeIn(await iris.authorize(clientId, S256)), codeIn(await iris.authorize(clientId, S256))]
    const [first = '', second = ''] = codes
    expect((await redeem(provider, clientId, first, { code_verifier })).status).toBe(200)
    const wrong = await redeem(provider, clientId, second, { code_verifier: `${code_verifier}x` })
    expect(await errorOf(wrong)).toBe('400 invalid_grant')
  }
  expect((await oak.redeem(await oak.authorize(iris))).status).toBe(200)
  const needed = answerIn(await iris.authorize('alder', NO_PKCE))
  expect([needed.get('error'), needed.has('code')]).toEqual(['invalid_request', false])
  const registered = { client_id: 'new', client_name: 'New', client_secret: '$SECRET' }
  expect(clientSchema.parse(registered).require_pkce).toBe(true)
})

test('OP-0i error_description has plain ASCII only, whatever was sent', async () => {
  const hostile = '"\\\r\n\té\u2028\0'
  const twice = new URLSearchParams([
    ['client_id', 'oak'],
    [hostile, '1'],
    [hostile, '2'],
  ])
  const responses = await Promise.all([
    ...['/token', '/par', '/revoke', '/introspect', '/userinfo'].map((path) =>
      provider.fetch(ISSUER + path, { method: 'POST', body: twice }),
    ),
    ...['/token', '/par', '/userinfo'].map((path) => provider.fetch(ISSUER + path, { method: 'DELETE' })),
    askAs(provider, 'oak', '/token', { grant_type: hostile }),
    askAs(provider, 'oak', '/token', { grant_type: 'authorization_code', code: hostile }),
    userinfo(provider, 'x'),
  ])
  const bodies = await Promise.all(responses.map((response) => response.json()))
  const inHeaders = responses.flatMap(
    ({ headers }) => /error_description="(.*)"/.exec(headers.get('www-authenticate') ?? '')?.[1] ?? [],
  )
  expect(inHeaders.length).toBeGreaterThan(0)
  const strange = { [hostile]: hostile, state: hostile, scope: hostile, response_type: hostile }
  const redirected = answerIn(await oak.authorize(iris, strange)).get('error_description')
  for (const said of [...bodies.map((body) => body.error_description), ...inHeaders, redirected])
    expect(said).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/)
})
