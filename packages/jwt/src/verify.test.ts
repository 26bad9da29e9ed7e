import { beforeAll, describe, expect, test } from 'vitest'
import { AccessToken, IdToken, IdTokenHint, issue, LogoutToken, localKeys } from './index.ts'
import {
  ALDER,
  accessClaims,
  accessToken,
  BIRCH,
  forge,
  goodParts,
  ISSUER,
  idClaims,
  logoutClaims,
  NOON,
  NOON_SECONDS,
  type TestKey,
  testKey,
  verdictOf,
  verdictOn,
  verifierFor,
  verifierOf,
} from './issuer.fixture.ts'

let key: TestKey
let other: TestKey
beforeAll(async () => {
  key = await testKey()
  other = await testKey()
})

describe('a good token', () => {
  test('is verified, and its claims, header, kind and text are handed over', async () => {
    const text = await accessToken(key.signing)
    const token = await (await verifierFor(key)).verify(AccessToken, text)
    expect(token.claims).toEqual({ ...accessClaims, iat: NOON_SECONDS, exp: NOON_SECONDS + 300 })
    expect(token.header).toEqual({ alg: 'ES256', kid: key.signing.kid, typ: 'at+jwt' })
    expect([token.kind, token.text]).toEqual([AccessToken, text])
  })

  test.each(['RS256', 'Ed25519'] as const)('may be signed with %s', async (alg) => {
    const signer = await testKey(alg)
    const token = await (await verifierFor(signer)).verify(AccessToken, await accessToken(signer.signing))
    expect(token.header.alg).toBe(alg)
  })

  test('may lack a kid: the few keys of its algorithm are tried (JW-27)', async () => {
    const { header, payload } = goodParts(key)
    const text = await forge(key.signing, { ...header, kid: undefined }, payload)
    const keys = localKeys({ keys: [other.publicJwk, key.publicJwk] })
    expect((await verifierOf(keys).verify(AccessToken, text)).claims.sub).toBe('alice')
  })
})

describe('the algorithm (JW-1)', () => {
  test('is one of the listed ones, whatever keys there are', async () => {
    const text = await accessToken(key.signing)
    const verifier = await verifierFor(key, { algorithms: ['RS256', 'Ed25519'] })
    await expect(verifier.verify(AccessToken, text)).rejects.toMatchObject({ code: 'algorithm' })
  })
  test.each(['es256', 'Es256', 'ES256 ', 'ES384', 'PS256', 'EdDSA', 'none', '', null, ['ES256'], undefined])(
    'is spelled exactly: not %j',
    async (alg) => expect(await verdictOf(key, { header: { alg } })).toBe('algorithm'),
  )
})

describe('typ keeps kinds apart (JW-10)', () => {
  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+Jwt'])(
    '%s is an access token',
    async (typ) => {
      expect(await verdictOf(key, { header: { typ } })).toBe('good')
    },
  )
  test.each([
    'JWT',
    'jwt',
    'logout+jwt',
    'at+jwt ',
    'text/at+jwt',
    'application/application/at+jwt',
    '',
    undefined,
    7,
  ])('%j is none', async (typ) => expect(await verdictOf(key, { header: { typ } })).toBe('type'))

  test('BC-6 no kind passes for another, even with the claims of both', async () => {
    const kinds = [AccessToken, IdToken, LogoutToken]
    const everything = {
      ...accessClaims,
      ...idClaims,
      ...logoutClaims,
      iat: NOON_SECONDS,
      exp: NOON_SECONDS + 300,
    }
    const verifier = await verifierFor(key)
    for (const signed of kinds) {
      const text = await forge(
        key.signing,
        { alg: 'ES256', kid: key.signing.kid, typ: signed.typ },
        everything,
      )
      for (const wanted of kinds) {
        const refused = await verifier.verify<typeof everything>(wanted as never, text).then(
          () => undefined,
          (error) => error.code,
        )
        expect(refused, `${signed.name} as ${wanted.name}`).toBe(signed === wanted ? undefined : 'type')
      }
    }
  })

  test("an ID token of another provider may lack typ, but never carry another kind's", async () => {
    const verifier = await verifierFor(key)
    const claims = { ...idClaims, iat: NOON_SECONDS, exp: NOON_SECONDS + 300 }
    const as = async (typ: string | undefined) =>
      await verifier.verify(IdToken, await forge(key.signing, { alg: 'ES256', typ }, claims))
    for (const typ of [undefined, 'JWT', 'jwt', 'JWS']) expect((await as(typ)).claims.sub).toBe('alice')
    for (const typ of ['at+jwt', 'logout+jwt', 'secevent+jwt', 'invitation+jwt', 'application/AT+JWT']) {
      await expect(as(typ)).rejects.toMatchObject({ code: 'type' })
    }
  })
})

describe('issuer and audience (JW-11, JW-12)', () => {
  test.each([
    `${ISSUER}/`,
    `${ISSUER}.evil.example`,
    'https://AUTH.example',
    'https://auth.exampl',
    ISSUER.slice(1),
  ])('iss %s is another issuer', async (iss) =>
    expect(await verdictOf(key, { payload: { iss } })).toBe('issuer'),
  )
  test.each([[[ISSUER]], [''], [null], [undefined], [{ [ISSUER]: 1 }]])('iss %j is none', async (iss) => {
    expect(await verdictOf(key, { payload: { iss } })).toBe('claim')
  })
  test("another issuer's key never verifies our issuer's token", async () => {
    const text = await accessToken(other.signing)
    expect(await verdictOn(key, text)).toBe('unknown_key')
    const named = await forge(other.signing, goodParts(key).header, goodParts(key).payload)
    expect(await verdictOn(key, named)).toBe('signature')
  })

  test.each([[ALDER], [[ALDER]], [[BIRCH, ALDER]]])('aud %j is for Alder', async (aud) => {
    expect(await verdictOf(key, { payload: { aud } })).toBe('good')
  })
  test.each([[BIRCH], [[BIRCH]], [`${ALDER}/`], [ALDER.slice(0, -1)], [`${BIRCH} ${ALDER}`], ['*']])(
    'aud %j is for others',
    async (aud) => expect(await verdictOf(key, { payload: { aud } })).toBe('audience'),
  )
  test.each([
    [undefined],
    [null],
    [''],
    [[]],
    [[ALDER, 7]],
    [[[ALDER]]],
    [{ 0: ALDER }],
    [true],
    [Array.from({ length: 17 }, () => ALDER)],
  ])('aud %j is no audience', async (aud) => {
    expect(await verdictOf(key, { payload: { aud } })).toBe('claim')
  })
})

test.each(['sub', 'client_id', 'jti'])('%s is text of 1 to 255 characters (JW-15)', async (name) => {
  for (const bad of [undefined, null, '', 7, true, ['a'], { a: 1 }, 'x'.repeat(256)]) {
    expect(await verdictOf(key, { payload: { [name]: bad } })).toBe('claim')
  }
  expect(await verdictOf(key, { payload: { [name]: 'x'.repeat(255) } })).toBe('good')
})

test.each(['sid', 'scope', 'acr'])('%s may be absent, never of another type (JW-15)', async (name) => {
  for (const bad of [null, '', 7, ['a']])
    expect(await verdictOf(key, { payload: { [name]: bad } })).toBe('claim')
  expect(await verdictOf(key, { payload: { [name]: undefined } })).toBe('good')
})

test('a status reference is a place and an address (SL-1)', async () => {
  const status = (list: unknown) => verdictOf(key, { payload: { status: { status_list: list } } })
  expect(await status({ idx: 0, uri: `${ISSUER}/status/0` })).toBe('good')
  for (const idx of [-1, 0.5, '0', null, undefined, 2 ** 53]) {
    expect(await status({ idx, uri: `${ISSUER}/status/0` })).toBe('claim')
  }
  for (const bad of [{ idx: 0 }, { idx: 0, uri: '' }, [], null, 'x']) expect(await status(bad)).toBe('claim')
  expect(await verdictOf(key, { payload: { status: {} } })).toBe('claim')
})

test('a logout token is about a sub or a sid, has its event and never a nonce (BC-2)', async () => {
  const verifier = await verifierFor(key)
  const as = async (change: object) => {
    const claims = { ...logoutClaims, iat: NOON_SECONDS, exp: NOON_SECONDS + 120, ...change }
    return await verifier.verify(
      LogoutToken,
      await forge(key.signing, { alg: 'ES256', typ: 'logout+jwt' }, claims),
    )
  }
  await as({})
  await as({ sid: undefined, sub: 'alice' })
  const bad = [
    { sid: undefined },
    { nonce: 'n' },
    { nonce: null },
    { events: undefined },
    { events: {} },
    { events: [] },
    { events: { 'http://schemas.openid.net/event/backchannel-logout': true } },
    { jti: undefined },
  ]
  for (const change of bad)
    await expect(as(change), JSON.stringify(change)).rejects.toMatchObject({ code: 'claim' })
})

test('an ID token hint may have expired, an ID token may not', async () => {
  const text = await issue(IdToken, idClaims, { key: key.signing, now: NOON, lifetimeSeconds: 300 })
  const verifier = await verifierFor(key, { now: () => new Date(NOON.getTime() + 30 * 86_400_000) })
  await expect(verifier.verify(IdToken, text)).rejects.toMatchObject({ code: 'too_old' })
  expect((await verifier.verify(IdTokenHint, text)).claims.sub).toBe('alice')
})

test.each([61, -1, Number.NaN, Number.POSITIVE_INFINITY])(
  'a tolerance of %d seconds is refused (JW-13)',
  async (toleranceSeconds) => {
    const keys = localKeys({ keys: [] })
    const create = () => verifierOf(keys, { toleranceSeconds })
    expect(create).toThrow(RangeError)
  },
)

test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
  '%d tokens cannot be remembered',
  (mostRemembered) => {
    expect(() => verifierOf(localKeys({ keys: [] }), { mostRemembered })).toThrow(RangeError)
  },
)

test.each([[[]], [['none']], [['ES256', 'none']], [['es256']]])(
  'algorithms %j cannot be asked for (JW-1)',
  (algorithms) => {
    expect(() => verifierOf(localKeys({ keys: [] }), { algorithms: algorithms as never })).toThrow(TypeError) // as a caller in JavaScript could
  },
)
