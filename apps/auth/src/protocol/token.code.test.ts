import { createHash } from 'node:crypto'
import { AccessToken, IdToken } from '@grove/jwt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSqlite } from '../store/sqlite.ts'
import {
  askAs,
  askOracle,
  Browser,
  CLIENTS,
  codeIn,
  errorOf,
  ISSUER,
  openProvider,
  type Provider,
  redeem,
  refresh,
  SITE_A,
  SITE_B,
  secretOf,
  tokensIn,
  userinfo,
  VERIFIER,
} from '../testing/index.ts'

let provider: Provider
let alice: Browser
beforeAll(async () => {
  provider = await openProvider()
  alice = new Browser(provider)
  await alice.login('alder')
})
afterAll(() => provider.close())

const newCode = async (clientId = 'alder', more = {}) => codeIn(await alice.authorize(clientId, more))

describe('a code works once', () => {
  test('TK-1 X-15 F-31 of fifty redemptions at once one gets tokens', async () => {
    const code = await newCode()
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(provider, 'alder', code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers) {
      if (answer.status !== 200) expect(await errorOf(answer)).toBe('400 invalid_grant')
    }
  })

  test.each([0, 30, 90])(
    'TK-2 OP-28 OP-29 a second use after %i s revokes what the first gave',
    async (wait) => {
      const code = await newCode()
      const tokens = await tokensIn(await redeem(provider, 'alder', code))
      expect((await userinfo(provider, tokens.access_token)).status).toBe(200)
      provider.pass(wait)
      expect(await errorOf(await redeem(provider, 'alder', code))).toBe('400 invalid_grant')
      expect((await userinfo(provider, tokens.access_token)).status).toBe(401)
      expect(await errorOf(await refresh(provider, 'alder', tokens.refresh_token))).toBe('400 invalid_grant')
    },
  )

  test("TK-3 AZ-19 another client's attempt neither works nor burns the code", async () => {
    const code = await newCode()
    for (const clientId of ['birch', 'cedar', 'elm']) {
      const redirect_uri = `${SITE_A}/sso/callback`
      expect(await errorOf(await redeem(provider, clientId, code, { redirect_uri }))).toBe(
        '400 invalid_grant',
      )
    }
    const tokens = await tokensIn(await redeem(provider, 'alder', code))
    await redeem(provider, 'birch', code)
    expect((await userinfo(provider, tokens.access_token)).status).toBe(200)
  })

  test('FA-25 AZ-19 its life is sixty seconds', async () => {
    const [first, second] = [await newCode(), await newCode()]
    provider.pass(59)
    expect((await redeem(provider, 'alder', first)).status).toBe(200)
    provider.pass(2)
    expect(await errorOf(await redeem(provider, 'alder', second))).toBe('400 invalid_grant')
  })

  test('K-8 it lives for a minute at most, and its use is remembered for longer', async () => {
    const [first, second] = [await newCode(), await newCode()]
    provider.pass(59)
    const tokens = await tokensIn(await redeem(provider, 'alder', first))
    provider.pass(3)
    expect(await errorOf(await redeem(provider, 'alder', second))).toBe('400 invalid_grant')
    expect((await userinfo(provider, tokens.access_token)).status).toBe(200)
    expect(await errorOf(await redeem(provider, 'alder', first))).toBe('400 invalid_grant')
    expect((await userinfo(provider, tokens.access_token)).status).toBe(401)
  })

  test('X-6 for another address, of a person who is disabled, of a client that is gone: worth nothing', async () => {
    const other = { redirect_uri: 'https://cedar.example/other' }
    const elsewhere = await redeem(provider, 'cedar', await newCode('cedar'), other)
    expect(await errorOf(elsewhere)).toBe('400 invalid_grant')

    const bob = new Browser(provider)
    const his = codeIn(await bob.login('alder', { person: 'bob' }))
    const { prisma } = await openSqlite(provider.databaseUrl)
    await prisma.account.update({ where: { id: 'acc_bob' }, data: { disabledAt: new Date() } })
    await prisma.$disconnect()
    expect(await errorOf(await redeem(provider, 'alder', his))).toBe('400 invalid_grant')

    const code = await newCode()
    const without = await provider.another({ clients: CLIENTS.filter(({ id }) => id !== 'alder') })
    const redirect_uri = `${SITE_A}/sso/callback`
    expect(await errorOf(await redeem(without, 'birch', code, { redirect_uri }))).toBe('400 invalid_grant')
    const body = new URLSearchParams({ grant_type: 'authorization_code', code, code_verifier: VERIFIER })
    const authorization = `Basic ${btoa(`alder:${encodeURIComponent(secretOf('alder'))}`)}`
    const gone = { method: 'POST', headers: { authorization }, body }
    expect(await errorOf(await without.fetch(`${ISSUER}/token`, gone))).toBe('401 invalid_client')
    expect((await provider.fetch(`${ISSUER}/token`, gone)).status).toBe(200)
  })

  test('TK-12 AZ-19 after the session ended: invalid_grant', async () => {
    const browser = new Browser(provider)
    const code = codeIn(await browser.login('alder'))
    await provider.auth.endSession(browser.cookies.get('__Host-sso')?.split('.')[0] ?? '')
    expect(await errorOf(await redeem(provider, 'alder', code))).toBe('400 invalid_grant')
  })

  test('AZ-19 each brings the nonce of its own request', async () => {
    const codes = await Promise.all(['one', 'other'].map((nonce) => newCode('alder', { nonce })))
    const nonces = codes.map(async (code) => {
      const { id_token } = await tokensIn(await redeem(provider, 'alder', code))
      return (await provider.read(IdToken, id_token, 'alder')).claims.nonce
    })
    expect(await Promise.all(nonces)).toEqual(['one', 'other'])
  })

  test('AZ-19 RT-1 neither it nor a refresh token, nor a part of one, stands in the database', async () => {
    const code = await newCode()
    const partsOf = (secret: string) => [secret, ...secret.split('.').filter((part) => part.length > 40)]
    expect(await askOracle(provider.databaseUrl, { secrets: partsOf(code) })).toEqual([])
    const { refresh_token } = await tokensIn(await redeem(provider, 'alder', code))
    const secrets = [...partsOf(code), ...partsOf(refresh_token)]
    expect(secrets.length).toBeGreaterThan(4)
    expect(await askOracle(provider.databaseUrl, { secrets })).toEqual([])
  })

  test.each([
    ['a made-up code', () => 'x'],
    ['a code that was changed', (code: string) => code.slice(0, -2) + (code.endsWith('AA') ? 'BB' : 'AA')],
  ])('%s: invalid_grant', async (_, change) => {
    expect(await errorOf(await redeem(provider, 'alder', change(await newCode())))).toBe('400 invalid_grant')
  })
})

describe('PKCE and redirect_uri', () => {
  test.each([
    ['missing', undefined],
    ['wrong', `${VERIFIER}x`],
    ['too short', 'x'.repeat(42)],
    ['too long', 'x'.repeat(129)],
    ['of other characters', `${VERIFIER}=`],
    ['the challenge itself', createHash('sha256').update(VERIFIER).digest('base64url')],
  ])('TK-4 AZ-19 a verifier that is %s: invalid_grant, and the code is spent', async (_, code_verifier) => {
    const code = await newCode()
    expect(await errorOf(await redeem(provider, 'alder', code, { code_verifier }))).toBe('400 invalid_grant')
    expect(await errorOf(await redeem(provider, 'alder', code))).toBe('400 invalid_grant')
  })

  test('TK-5 a verifier where no challenge was sent: refused', async () => {
    const code = await newCode('hazel', { code_challenge: undefined, code_challenge_method: undefined })
    expect(await errorOf(await redeem(provider, 'hazel', code))).toBe('400 invalid_grant')
  })

  test('without PKCE a client that is registered so redeems by redirect_uri', async () => {
    const without = { code_challenge: undefined, code_challenge_method: undefined }
    const [first, second] = [await newCode('hazel', without), await newCode('hazel', without)]
    expect((await redeem(provider, 'hazel', first, { code_verifier: undefined })).status).toBe(200)
    const bare = { code_verifier: undefined, redirect_uri: undefined }
    expect(await errorOf(await redeem(provider, 'hazel', second, bare))).toBe('400 invalid_grant')
  })

  test('TK-6 AZ-19 another redirect_uri: invalid_grant, and the right one works still', async () => {
    const code = await newCode('cedar')
    const other = { redirect_uri: 'https://cedar.example/other' }
    expect(await errorOf(await redeem(provider, 'cedar', code, other))).toBe('400 invalid_grant')
    expect((await redeem(provider, 'cedar', code)).status).toBe(200)
  })
})

describe('the tokens', () => {
  test('TK-10 the answer and the ID token', async () => {
    const response = await redeem(provider, 'alder', await newCode())
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const tokens = await tokensIn(response)
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 300 })

    const { claims, header } = await provider.read(IdToken, tokens.id_token, 'alder')
    expect(header).toMatchObject({ alg: 'ES256', typ: 'JWT' })
    expect(claims).toMatchObject({ sub: 'acc_alice', aud: 'alder', nonce: 'a nonce', name: 'Alice Liddell' })
    const now = Math.floor(provider.auth.now().getTime() / 1000)
    expect(claims.auth_time).toBeLessThanOrEqual(now)
    expect(claims.auth_time).toBeGreaterThan(now - 3600)
    expect(claims).toMatchObject({
      login_client: 'Alder',
      sid: alice.cookies.get('__Host-sso')?.split('.')[0],
    })
    const half = createHash('sha256').update(tokens.access_token).digest().subarray(0, 16)
    expect(claims.at_hash).toBe(half.toString('base64url')) // OP-0g
  })

  test('of a guest: no personal claim in the ID token, no nonce when none was sent', async () => {
    const code = await newCode('cedar', { nonce: undefined })
    const { id_token } = await tokensIn(await redeem(provider, 'cedar', code))
    const { claims } = await provider.read(IdToken, id_token, 'cedar')
    expect(Object.keys(claims).toSorted()).toEqual([
      'acr',
      'at_hash',
      'aud',
      'auth_time',
      'exp',
      'iat',
      'iss',
      'sid',
      'sub',
    ])
  })

  test('D-6 RS256 for the client that is registered so', async () => {
    const { id_token } = await tokensIn(await redeem(provider, 'fir', await newCode('fir')))
    const { header } = await provider.read(IdToken, id_token, 'fir')
    expect(header.alg).toBe('RS256')
    const kids = provider.auth.keyring.publicJwks().keys.map(({ kid }) => kid)
    expect(kids).toContain(header.kid)
  })

  test('AT-1 AT-2 AT-12 SL-1 AT-13 the access token is for both sites, and holds nothing about the person but who it is', async () => {
    const { access_token } = await tokensIn(await redeem(provider, 'alder', await newCode()))
    const { claims, header } = await provider.read(AccessToken, access_token, SITE_B)
    expect(header.typ).toBe('at+jwt')
    expect(claims).toMatchObject({ client_id: 'alder', aud: [SITE_A, SITE_B], sub: 'acc_alice' })
    expect(Object.keys(claims).toSorted()).toEqual(
      [
        'acr',
        'amr',
        'aud',
        'auth_time',
        'client_id',
        'exp',
        'iat',
        'iss',
        'jti',
        'scope',
        'sid',
        'status',
        'sub',
      ], // no name, no address
    )
    expect(claims.status?.status_list).toEqual({
      idx: expect.any(Number),
      uri: `${provider.issuer}/status/0`,
    })
  })

  test('AT-10 an access token lives for five minutes, refreshed or not, and the answer says so', async () => {
    const first = await tokensIn(await redeem(provider, 'alder', await newCode()))
    const second = await tokensIn(await refresh(provider, 'alder', first.refresh_token))
    for (const { access_token, expires_in } of [first, second]) {
      const { claims } = await provider.read(AccessToken, access_token, SITE_A)
      expect([claims.exp - claims.iat, expires_in]).toEqual([300, 300])
    }
  })

  test('TK-11 AT-3 `resource` narrows, at the authorization and at the token endpoint, and never widens', async () => {
    const narrow = await newCode('alder', { resource: SITE_A })
    const tokens = await tokensIn(await redeem(provider, 'alder', narrow))
    expect((await provider.read(AccessToken, tokens.access_token, SITE_A)).claims.aud).toBe(SITE_A)
    const wider = await refresh(provider, 'alder', tokens.refresh_token, { resource: SITE_B })
    expect(await errorOf(wider)).toBe('400 invalid_target')

    const later = await tokensIn(await redeem(provider, 'alder', await newCode(), { resource: SITE_B }))
    expect((await provider.read(AccessToken, later.access_token, SITE_B)).claims.aud).toBe(SITE_B)
  })

  test('of a client without a resource: for userinfo alone', async () => {
    const tokens = await tokensIn(await redeem(provider, 'cedar', await newCode('cedar')))
    const { claims } = await provider.read(AccessToken, tokens.access_token, provider.issuer)
    expect(claims.aud).toBe(provider.issuer)
    expect((await userinfo(provider, tokens.access_token)).status).toBe(200)
  })

  test('X-5 without openid there is no ID token, without offline_access no refresh token', async () => {
    const tokens = await tokensIn(
      await redeem(provider, 'alder', await newCode('alder', { scope: 'notes unknown' })),
    )
    expect(Object.keys(tokens).toSorted()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
    expect(tokens.scope).toBe('notes')
  })

  test('a redemption without a code: invalid_request', async () => {
    const response = await askAs(provider, 'alder', '/token', { grant_type: 'authorization_code' })
    expect(await errorOf(response)).toBe('400 invalid_request')
  })
})
