import { createHash } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { BasicClient, NO_PKCE, OAK } from '../testing/basic-client.ts'
import { answerIn, Browser, CLIENTS, codeIn, ISSUER, openProvider, type Tokens } from '../testing/index.ts'

// What the basic plan of the OpenID Foundation's conformance suite looks at in every flow, and scope by scope.

const provider = await openProvider({ clients: [...CLIENTS, OAK] })
const oak = new BasicClient(provider)
const iris = new Browser(provider)
await iris.login('alder', { person: 'iris' })
afterAll(() => provider.close())

const now = () => provider.auth.now().getTime() / 1000

const PERSONAL = {
  profile: [
    ...['name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile'],
    ...['picture', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
}
const ALL = Object.values(PERSONAL).flat()

test('OP-1 the whole flow, from discovery to userinfo, and from the login page on', async () => {
  const metadata = await oak.published('/.well-known/openid-configuration')
  expect(metadata.token_endpoint_auth_methods_supported).toContain('client_secret_basic')
  for (const redirect_uri of OAK.redirectUris) {
    const response = await new Browser(provider).login('oak', { ...NO_PKCE, person: 'iris', redirect_uri })
    expect(response.headers.get('location')?.startsWith(redirect_uri)).toBe(true)
    expect([answerIn(response).get('state'), answerIn(response).get('iss')]).toEqual(['a state', ISSUER])
    const tokens = (await (await oak.redeem(response, { redirect_uri })).json()) as Tokens // checked below
    const { sub, nonce } = await oak.verified(tokens.id_token)
    expect([sub, nonce]).toEqual(['acc_iris', 'a nonce'])
    expect(await oak.userinfo(tokens)).toMatchObject({ sub, name: 'Iris Every Claim' })
  }
})

describe('what is looked at in every flow', () => {
  test('OP-0d what differs between codes is long and has no pattern', async () => {
    const codes = await Promise.all(Array.from({ length: 20 }, async () => codeIn(await oak.authorize(iris))))
    for (const code of codes) {
      const own = [...code].filter((character, at) => codes.some((other) => other[at] !== character))
      expect(own.length * 6).toBeGreaterThanOrEqual(128)
      expect(shannonBits(own)).toBeGreaterThanOrEqual(96)
    }
  })

  test('OP-0e the token answer: 200 in JSON, every member, not stored', async () => {
    const answer = await oak.redeem(await oak.authorize(iris))
    const { headers } = answer
    expect([answer.status, headers.get('content-type')]).toEqual([200, 'application/json'])
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache'])
    expect(await answer.json()).toMatchObject({
      token_type: 'Bearer',
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      id_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expires_in: 300,
    })
  })

  test('OP-0f OP-3 the ID token: for this client, of now, of this request, under a published key', async () => {
    const { iss, aud, sub, iat, exp, nonce } = await oak.verified((await oak.tokens(iris)).id_token)
    expect([iss, aud, nonce]).toEqual([ISSUER, 'oak', 'a nonce'])
    expect(sub).toMatch(/^[\x20-\x7E]{1,255}$/)
    expect(Math.abs(iat - now())).toBeLessThan(300)
    expect(exp).toBeGreaterThan(now())
    expect(exp - now()).toBeLessThan(86_400)
    const without = await oak.tokens(iris, { nonce: undefined })
    expect(await oak.verified(without.id_token)).not.toHaveProperty('nonce')
  })

  test('OP-0g at_hash is of this access token, auth_time a number, acr a text; no c_hash', async () => {
    const { access_token, id_token } = await oak.tokens(iris)
    const claims = await oak.verified(id_token)
    const half = createHash('sha256').update(access_token).digest().subarray(0, 16)
    expect(claims.at_hash).toBe(half.toString('base64url'))
    expect(Number.isInteger(claims.auth_time)).toBe(true)
    expect(claims.acr).toMatch(/./)
    expect(claims).not.toHaveProperty('c_hash')
  })

  test('OP-0h OP-8 a login without nonce: no nonce and nothing personal in the ID token', async () => {
    const { id_token } = await oak.tokens(iris, { nonce: undefined })
    expect(Object.keys(await oak.verified(id_token)).toSorted()).toEqual(
      ['acr', 'at_hash', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'sid', 'sub'], // `sid`: Back-Channel Logout 1.0 §2.1
    )
  })

  test('OP-0j userinfo: the sub of the ID token, every standard claim in its type, and none that is not known', async () => {
    const tokens = await oak.tokens(iris)
    const { sub, address, ...claims } = await oak.userinfo(tokens)
    expect(sub).toBe((await oak.verified(tokens.id_token)).sub)
    expect(Object.keys({ ...claims, address }).toSorted()).toEqual(ALL.toSorted())
    const [flag, number] = ['boolean', 'number']
    const types: Record<string, string> = {
      ...{ email_verified: flag, phone_number_verified: flag, updated_at: number },
    }
    for (const [name, value] of Object.entries({ ...claims, ...address })) {
      expect([name, typeof value]).toEqual([name, types[name] ?? 'string'])
      expect([name, value]).not.toEqual([name, ''])
    }
    const bob = new Browser(provider)
    await bob.login('alder', { person: 'bob' })
    const known = { sub: 'acc_bob', name: 'Bob Builder', email: 'bob@example.com' }
    expect(await oak.userinfo(await oak.tokens(bob))).toEqual(known)
  })
})

describe('the scopes', () => {
  const personalIn = async (idToken: string) =>
    Object.keys(await oak.verified(idToken)).filter((name) => ALL.includes(name))

  test.each([
    ['OP-9 profile', 'profile'],
    ['OP-10 email', 'email'],
    ['OP-11 address', 'address'],
    ['OP-12 phone', 'phone'],
  ] as const)(
    '%s: its claims at userinfo, all of them and no others, and none in the ID token',
    async (_, scope) => {
      const { scopes_supported } = await oak.published('/.well-known/openid-configuration')
      expect(scopes_supported).toContain(scope)
      const tokens = await oak.tokens(iris, { scope: `openid ${scope}` })
      const claims = ['sub', ...PERSONAL[scope]]
      expect(Object.keys(await oak.userinfo(tokens)).toSorted()).toEqual(claims.toSorted())
      expect(await personalIn(tokens.id_token)).toEqual([])
    },
  )

  test('OP-13 all at once', async () => {
    const tokens = await oak.tokens(iris, { scope: 'openid profile email address phone' })
    expect(Object.keys(await oak.userinfo(tokens)).toSorted()).toEqual(['sub', ...ALL].toSorted())
    expect(await personalIn(tokens.id_token)).toEqual([])
  })
})

/** Bits in a text, by how often each character is in it. */
function shannonBits(characters: string[]): number {
  const counts = new Map<string, number>()
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce((bits, count) => bits - count * Math.log2(count / characters.length), 0)
}
