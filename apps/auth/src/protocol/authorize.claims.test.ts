import { IdToken } from '@grove/jwt'
import { afterAll, describe, expect, test } from 'vitest'
import { PASSWORD_ACR } from '../domain/tokens.ts'
import {
  answerIn,
  Browser,
  codeIn,
  credentials,
  openProvider,
  redeem,
  refresh,
  userinfo,
} from '../testing/index.ts'

const provider = await openProvider()
const alice = new Browser(provider)
await alice.login('alder')
afterAll(() => provider.close())

const asking = (claims: unknown, more = {}) => ({ scope: 'openid', claims: JSON.stringify(claims), ...more })
const tokensFor = async (claims: unknown) => await alice.tokens('cedar', asking(claims))
const personalIn = async (idToken: string, clientId = 'cedar') => {
  const { claims } = await provider.read(IdToken, idToken, clientId)
  const usual = ['acr', 'at_hash', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'nonce', 'sid', 'sub']
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !usual.includes(name)))
}
const userinfoOf = async (token: string) => await (await userinfo(provider, token)).json()

describe('claims asked for one by one', () => {
  test('OP-35 at userinfo: they are there, and nothing else of their scope', async () => {
    const tokens = await tokensFor({ userinfo: { name: { essential: true }, phone_number: null } })
    expect(await userinfoOf(tokens.access_token)).toEqual({
      sub: 'acc_alice',
      name: 'Alice Liddell',
      phone_number: '+44 20 7946 0018',
    })
    expect(await personalIn(tokens.id_token)).toEqual({})
  })

  test('in the ID token: they are there, and not at userinfo', async () => {
    const tokens = await tokensFor({ id_token: { email: { essential: true }, address: {} } })
    expect(await personalIn(tokens.id_token)).toEqual({
      email: 'alice@example.com',
      address: { locality: 'Oxford', country: 'United Kingdom' },
    })
    expect(await userinfoOf(tokens.access_token)).toEqual({ sub: 'acc_alice' })
  })

  test('beside a scope they add to it, and they stay over a refresh', async () => {
    const asked = { userinfo: { email: null }, id_token: { name: null } }
    const scope = 'openid phone offline_access'
    const first = await alice.tokens('cedar', asking(asked, { scope }))
    const second = await (await refresh(provider, 'cedar', first.refresh_token)).json()
    for (const tokens of [first, second]) {
      expect(Object.keys(await userinfoOf(tokens.access_token)).toSorted()).toEqual([
        ...['email', 'phone_number', 'phone_number_verified', 'sub'],
      ])
      expect(await personalIn(tokens.id_token)).toEqual({ name: 'Alice Liddell' })
    }
  })

  test('what is unknown, a protocol claim, or not there is left out, also when it is essential', async () => {
    const essential = { essential: true }
    const all = {
      iss: { value: 'x' },
      aud: null,
      nonce: null,
      unknown: essential,
      gender: essential,
      passwordHash: null,
    }
    const tokens = await tokensFor({ userinfo: all, id_token: all, more: 1 })
    expect(await userinfoOf(tokens.access_token)).toEqual({ sub: 'acc_alice' })
    expect(await personalIn(tokens.id_token)).toEqual({})
    expect((await provider.read(IdToken, tokens.id_token, 'cedar')).claims.nonce).toBe('a nonce')
  })

  test('prototype names do nothing', async () => {
    const claims =
      '{"userinfo":{"__proto__":null,"constructor":null,"toString":null},"__proto__":{"id_token":{"name":null}}}'
    const tokens = await alice.tokens('cedar', { scope: 'openid', claims })
    expect(await userinfoOf(tokens.access_token)).toEqual({ sub: 'acc_alice' })
    expect(await personalIn(tokens.id_token)).toEqual({})
  })

  test.each([
    ...[
      '{',
      'null',
      '[]',
      '"name"',
      '1',
      '{"userinfo":[]}',
      '{"userinfo":"name"}',
      '{"userinfo":{"name":true}}',
    ],
    ...[
      '{"id_token":{"acr":{"values":"x"}}}',
      '{"userinfo":{"name":{"essential":"yes"}}}',
      '[[[['.repeat(500),
    ],
    `{"userinfo":{"${'x'.repeat(200)}":null}}`,
  ])('F-63 F-85 claims %# that are not of that form: invalid_request', async (claims) => {
    expect(answerIn(await alice.authorize('cedar', { claims })).get('error')).toBe('invalid_request')
  })

  test('with thousands of names are refused quickly, or harmless', async () => {
    const names = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`n${n}`, null]))
    const code = codeIn(await alice.authorize('cedar', asking({ userinfo: names })))
    expect((await redeem(provider, 'cedar', code)).status).toBe(200)
  })
})

describe('SU-3 an acr', () => {
  const acr = (asked: object) => asking({ id_token: { acr: asked } })

  test.each([
    ['one value', { essential: true, value: 'urn:example:two-factors' }],
    ['several values', { essential: true, values: ['urn:example:a', 'urn:example:b'] }],
  ])(
    'that is essential and cannot be met (%s): unmet_authentication_requirements, never a token',
    async (_, asked) => {
      for (const browser of [alice, new Browser(provider)]) {
        const answer = answerIn(await browser.authorize('cedar', acr(asked)))
        expect([answer.get('error'), answer.has('code')]).toEqual([
          'unmet_authentication_requirements',
          false,
        ])
      }
    },
  )

  test.each([
    ['essential and met', acr({ essential: true, values: ['urn:example:a', PASSWORD_ACR] })],
    ['essential, whichever', acr({ essential: true })],
    ['a wish', acr({ value: 'urn:example:two-factors' })],
    ['OP-27 acr_values, met', { acr_values: PASSWORD_ACR }],
    ['OP-27 acr_values, which are wishes', { acr_values: 'urn:example:two-factors' }],
  ])('%s: a token that says the true one', async (_, more) => {
    const { id_token } = await alice.tokens('cedar', more)
    expect((await provider.read(IdToken, id_token, 'cedar')).claims.acr).toBe(PASSWORD_ACR)
  })
})

describe('AZ-17 a sub that is asked for by value', () => {
  const sub = (asked: object, more = {}) => asking({ id_token: { sub: asked } }, more)

  test('is who is logged in: a code', async () => {
    for (const asked of [{ value: 'acc_alice' }, { values: ['acc_bob', 'acc_alice'] }, {}])
      expect(answerIn(await alice.authorize('cedar', sub(asked))).get('code')).toBeTruthy()
  })

  test('is somebody else: login_required with prompt none, else the login page; never a silent other person', async () => {
    const bob = { value: 'acc_bob', essential: true }
    const silent = await alice.authorize('cedar', sub(bob, { prompt: 'none' }))
    expect(answerIn(silent).get('error')).toBe('login_required')
    const page = await alice.authorize('cedar', sub(bob))
    expect(page.status).toBe(200)
    const other = new Browser(provider)
    const login = await (await other.authorize('cedar', sub(bob))).text()
    expect(answerIn(await other.submit(login, credentials('alice'))).get('error')).toBe('login_required')
    const right = new Browser(provider)
    const again = await (await right.authorize('cedar', sub(bob))).text()
    expect(answerIn(await right.submit(again, credentials('bob'))).get('code')).toBeTruthy()
  })
})
