import { testKey } from '@grove/jwt/testing'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { CLIENTS, errorOf, ISSUER, openProvider } from '../testing/index.ts'
import { ASSERTION_TYPE, KeyedClient } from '../testing/keyed-client.ts'

// Another client of the same kind, whose keys are written down.
const rowanKey = await testKey('Ed25519')
const [juniperIs] = CLIENTS.filter(({ id }) => id === 'juniper')
const rowan = { ...juniperIs, id: 'rowan', jwksUri: undefined, jwks: { keys: [rowanKey.publicJwk] } }
const clients = [...CLIENTS, rowan as (typeof CLIENTS)[0]] // Juniper is there

const provider = await openProvider({ clients })
const juniper = await KeyedClient.of(provider)
afterAll(() => provider.close())

/** Asks for something that any client gets which proved itself: what an unknown token says. */
async function verdict(client_assertion: string, more: Record<string, string | undefined> = {}) {
  const fields = { token: 'unknown', client_assertion_type: ASSERTION_TYPE, client_assertion, ...more }
  const response = await juniper.post('/introspect', fields, { key: null })
  return response.ok ? 'proved' : await errorOf(response)
}
type Change = NonNullable<Parameters<KeyedClient['assertion']>[0]>
const claims = async (said: Record<string, unknown>) =>
  await verdict(await juniper.assertion({ claims: said }))
const header = async (said: Record<string, unknown>) =>
  await verdict(await juniper.assertion({ header: said }))
const later = (seconds: number) => Math.floor(provider.auth.now().getTime() / 1000) + seconds

describe('CA-5 an assertion', () => {
  test('DY-10 with the issuer as its audience proves the client, with or without client_id beside it', async () => {
    expect(await claims({})).toBe('proved')
    expect(await verdict(await juniper.assertion(), { client_id: 'juniper' })).toBe('proved')
  })

  test.each<[string, Change]>([
    ['FA-29 no sub', { claims: { sub: undefined } }],
    ['another sub', { claims: { sub: 'rowan' } }],
    ['a sub that is no text', { claims: { sub: ['juniper'] } }],
    ['no iss', { claims: { iss: undefined } }],
    ['another iss', { claims: { iss: 'alder' } }],
    ['the issuer as iss', { claims: { iss: ISSUER } }],
    ['FA-29 another aud', { claims: { aud: 'https://other.example' } }],
    ['FA-29 no aud', { claims: { aud: undefined } }],
    ['the issuer with a slash', { claims: { aud: `${ISSUER}/` } }],
    ['FA-32 the issuer in a list', { claims: { aud: [ISSUER] } }],
    ['FA-32 the token endpoint as aud', { claims: { aud: `${ISSUER}/token` } }],
    ['FA-32 the PAR endpoint as aud', { claims: { aud: `${ISSUER}/par` } }],
    ['this endpoint as aud', { claims: { aud: `${ISSUER}/introspect` } }],
    ['no jti', { claims: { jti: undefined } }],
    ['an empty jti', { claims: { jti: '' } }],
    ['no exp', { claims: { exp: undefined } }],
    ['an exp that is no number', { claims: { exp: '9999999999' } }],
    ['no iat', { claims: { iat: undefined } }],
  ])('%s: invalid_client', async (_, change) => {
    expect(await verdict(await juniper.assertion(change))).toBe('401 invalid_client')
  })

  test('FA-28 that ended five minutes ago: invalid_client; seconds ago: within the tolerance', async () => {
    expect(await claims({ iat: later(-360), exp: later(-300) })).toBe('401 invalid_client')
    expect(await claims({ iat: later(-60), exp: later(-10) })).toBe('401 invalid_client')
    expect(await claims({ iat: later(-60), exp: later(-9) })).toBe('proved')
  })

  test('that lives for more than five minutes: invalid_client', async () => {
    expect(await claims({ exp: later(300) })).toBe('proved')
    expect(await claims({ exp: later(301) })).toBe('401 invalid_client')
  })

  test('FA-30 FA-31 eight seconds ahead is a clock apart, more than sixty is not', async () => {
    expect(await claims({ nbf: later(8) })).toBe('proved')
    expect(await claims({ iat: later(8), exp: later(68) })).toBe('proved')
    for (const seconds of [61, 3_600]) {
      expect(await claims({ nbf: later(seconds), exp: later(290) })).toBe('401 invalid_client')
      expect(await claims({ iat: later(seconds), exp: later(seconds + 60) })).toBe('401 invalid_client')
    }
  })

  test('X-8 of fifty uses at once one proves the client, and it stays used as long as it lives', async () => {
    const assertion = await juniper.assertion({ claims: { exp: later(299) } })
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verdict(assertion)))
    expect(verdicts.toSorted()).toEqual([...Array(49).fill('401 invalid_client'), 'proved'])
    provider.pass(298)
    expect(await verdict(assertion)).toBe('401 invalid_client')
  })

  test('X-8 two clients may choose the same jti', async () => {
    const jti = 'the first'
    expect(await claims({ jti })).toBe('proved')
    const { alg, kid } = rowanKey.signing
    const another = new KeyedClient(provider, 'rowan', { signer: rowanKey, key: juniper.key })
    expect(await verdict(await another.assertion({ header: { alg, kid }, claims: { jti } }))).toBe('proved')
  })

  test('a bad assertion does not spend its jti', async () => {
    const jti = 'still good'
    expect(await claims({ jti, aud: 'x' })).toBe('401 invalid_client')
    expect(await claims({ jti })).toBe('proved')
  })
})

describe('CA-6 the algorithm', () => {
  test('FA-26 is one of those that are announced, and RS256 is none of them', async () => {
    const response = await provider.fetch(`${ISSUER}/.well-known/openid-configuration`)
    const metadata = await response.json()
    for (const endpoint of ['token', 'revocation', 'introspection'])
      expect(metadata[`${endpoint}_endpoint_auth_signing_alg_values_supported`]).toEqual(['ES256', 'Ed25519'])
    expect(metadata.token_endpoint_auth_methods_supported).toContain('private_key_jwt') // FA-1
  })

  test('FA-26 RS256, genuine and with its key in the set: invalid_client', async () => {
    const rsa = await KeyedClient.of(await openProvider({ clients }))
    rsa.signer = await testKey('RS256')
    const response = await rsa.post('/introspect', { token: 'x' }, { key: null })
    expect(await errorOf(response)).toBe('401 invalid_client')
    expect(rsa.fetches).toBe(0) // the key is not even looked for
    rsa.signer = await testKey('Ed25519')
    expect((await rsa.post('/introspect', { token: 'x' }, { key: null })).status).toBe(200)
    await rsa.provider.close()
  })

  test.each(['none', 'HS256', 'RS256', 'PS256', 'ES384', 'Ed25519', 'EdDSA'])(
    'JA-13 named %s by the header of an ES256 assertion: invalid_client',
    async (alg) => {
      expect(await header({ alg })).toBe('401 invalid_client')
    },
  )

  test('JA-2 HS256 with the public key as its secret: invalid_client', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(juniper.signer.publicJwk))
    const secret = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ])
    const liar = new KeyedClient(provider, 'juniper', juniper)
    liar.signer = { ...juniper.signer, signing: { ...juniper.signer.signing, alg: 'HS256', key: secret } }
    expect(await verdict(await liar.assertion())).toBe('401 invalid_client')
  })

  test.each(['at+jwt', 'logout+jwt', 'dpop+jwt'])(
    'typ %s: invalid_client, since it is made for another purpose',
    async (typ) => {
      expect(await header({ typ })).toBe('401 invalid_client')
    },
  )

  test.each([undefined, 'JWT', 'client-authentication+jwt'])('typ %s: taken', async (typ) => {
    expect(await header({ typ })).toBe('proved')
  })
})

describe('CA-7 the keys', () => {
  test('are those that are registered, never those of a header', async () => {
    const stranger = await testKey()
    const jku = 'https://evil.example/jwks'
    const forged = new KeyedClient(provider, 'juniper', { signer: stranger, key: juniper.key })
    const before = juniper.fetches
    const { kid } = juniper.signer.signing
    for (const header of [{ jwk: stranger.publicJwk }, { jku }, { x5u: jku }, {}])
      expect(await verdict(await forged.assertion({ header: { kid, ...header } }))).toBe('401 invalid_client')
    expect(juniper.fetches).toBe(before)
  })

  test("another client's keys prove that client alone", async () => {
    const liar = new KeyedClient(provider, 'juniper', { signer: rowanKey, key: juniper.key })
    expect(await verdict(await liar.assertion())).toBe('401 invalid_client')
  })

  test('FA-21 client_id of another client beside the assertion: invalid_client', async () => {
    for (const client_id of ['rowan', 'alder', 'nobody'])
      expect(await verdict(await juniper.assertion(), { client_id })).toBe('401 invalid_client')
  })

  test('are fetched once, however often they are used', async () => {
    const before = juniper.fetches
    await Promise.all(Array.from({ length: 10 }, () => claims({})))
    expect(juniper.fetches).toBe(before)
  })

  test('DY-6 a key that is new at jwks_uri is picked up, and the old one is let go', async () => {
    const old = juniper.signer
    expect(await claims({})).toBe('proved')
    provider.pass(31) // once in half a minute an unknown key is asked for
    juniper.signer = await testKey()
    expect(await claims({})).toBe('proved')
    const late = new KeyedClient(provider, 'juniper', { signer: old, key: juniper.key })
    const assertion = await late.assertion()
    expect(await verdict(assertion)).toBe('401 invalid_client')
  })

  test('when they cannot be had: 503, for the assertion may be good', async () => {
    const another = await KeyedClient.of(await openProvider({ clients }))
    another.provider.answerFetch = async () => new Response(null, { status: 500 })
    const response = await another.post('/introspect', { token: 'x' }, { key: null })
    expect(await errorOf(response)).toBe('503 temporarily_unavailable')
    await another.provider.close()
  })
})

describe('CA-1 every endpoint of a client', () => {
  let bad: string
  beforeEach(async () => {
    bad = await juniper.assertion({ claims: { aud: 'x' } })
  })

  test.each(['/token', '/par', '/introspect', '/revoke'])(
    'FA-27 %s: a bad assertion and none are invalid_client',
    async (path) => {
      for (const client_assertion of [bad, ''])
        for (const client_id of ['juniper', undefined]) {
          const fields = { client_id, client_assertion_type: ASSERTION_TYPE, client_assertion }
          const response = await juniper.post(path, { grant_type: 'refresh_token', ...fields })
          expect(response.headers.get('www-authenticate')).toBeNull()
          expect(response.headers.get('cache-control')).toBe('no-store')
          expect(await errorOf(response)).toBe('401 invalid_client')
        }
    },
  )

  test.each([undefined, 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer'])(
    'client_assertion_type %s: invalid_request',
    async (client_assertion_type) => {
      expect(await verdict(await juniper.assertion(), { client_assertion_type })).toBe('400 invalid_request')
    },
  )

  test('CA-2 a secret beside the assertion: invalid_request', async () => {
    expect(await verdict(await juniper.assertion(), { client_secret: 'x' })).toBe('400 invalid_request')
  })

  test('CA-2 a client with keys has no secret, and a client with a secret is not taken with a key', async () => {
    const secret = { client_id: 'juniper', client_secret: 'x', client_assertion: '' }
    expect(await errorOf(await juniper.post('/introspect', secret, { key: null }))).toBe('401 invalid_client')
    expect(await claims({ iss: 'alder', sub: 'alder' })).toBe('401 invalid_client')
  })

  test.each([
    '',
    '.',
    '..',
    'a.b',
    'a.bnVsbA.c',
    'a.e30.c',
    'é',
    'x'.repeat(4_000),
    `a.${btoa('{"sub":"juniper"}')}.c`,
  ])('an assertion that is none (%#): invalid_client', async (assertion) => {
    expect(await verdict(assertion)).toBe('401 invalid_client')
  })
})
