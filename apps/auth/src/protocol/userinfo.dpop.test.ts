import { createDpopKey } from '@grove/jwt/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BAD_PROOFS } from '../testing/bad-proofs.ts'
import { errorOf, ISSUER, userinfo } from '../testing/index.ts'
import { openWithKeys } from '../testing/keyed-client.ts'

const { provider, juniper, alice } = await openWithKeys()
afterAll(() => provider.close())

describe('PO-1 FA-33 at userinfo', () => {
  let token: string
  beforeAll(async () => {
    token = (await juniper.tokens(alice)).access_token
  })
  async function refusal(response: Response): Promise<string> {
    const error = await errorOf(response)
    expect(response.headers.get('www-authenticate')).toMatch(
      /^DPoP realm="grove", error="\w+", error_description="[^"]+", algs="ES256 Ed25519"$/,
    )
    expect(response.headers.get('www-authenticate')).toContain(`error="${error.slice(4)}"`)
    return error
  }

  test.each(['DPoP', 'dpop', 'DPOP'])('FA-10 the scheme %s, in any case', async (scheme) => {
    const response = await juniper.userinfo(token, { scheme })
    expect(await response.json()).toMatchObject({ sub: 'acc_alice', name: 'Alice Liddell' })
  })

  test('by POST too', async () => {
    expect((await juniper.userinfo(token, { method: 'POST' })).status).toBe(200)
  })

  test.each([
    ...BAD_PROOFS,
    ['DP-2 DP-9 without ath', { claims: { ath: undefined } }],
    ['DP-9 with the ath of another token', { claims: { ath: 'x'.repeat(43) } }],
  ])('a proof %s: 401, and the challenge says which algorithms', async (_, proof) => {
    expect(await refusal(await juniper.userinfo(token, { proof }))).toBe('401 invalid_dpop_proof')
  })

  test('DP-9 of another key than the token names: 401', async () => {
    expect(await refusal(await juniper.userinfo(token, { key: await createDpopKey() }))).toBe(
      '401 invalid_dpop_proof',
    )
  })

  test('DP-1 no proof, one that is no JWS, and two: 401', async () => {
    expect(await refusal(await juniper.userinfo(token, { key: null }))).toBe('401 invalid_dpop_proof')
    const nonce = provider.auth.dpopNonces.make(provider.auth.now())
    const request = {
      method: 'GET',
      url: `${ISSUER}/userinfo`,
      now: provider.auth.now(),
      accessToken: token,
      nonce,
    }
    const headers = new Headers({ authorization: `DPoP ${token}` })
    for (const dpop of ['', 'x', 'a.b', 'e30.e30.AA'])
      expect(
        await refusal(
          await provider.fetch(request.url, { headers: { ...Object.fromEntries(headers), dpop } }),
        ),
      ).toBe('401 invalid_dpop_proof')
    for (const _ of [1, 2]) headers.append('dpop', await juniper.key.prove(request))
    expect(await refusal(await provider.fetch(request.url, { headers }))).toBe('401 invalid_dpop_proof')
  })

  test('DP-8 one that was used: 401', async () => {
    const proof = { claims: { jti: 'once' } }
    expect((await juniper.userinfo(token, { proof })).status).toBe(200)
    expect(await refusal(await juniper.userinfo(token, { proof }))).toBe('401 invalid_dpop_proof')
  })

  test('DP-10 what is odd and harmless in a proof is taken', async () => {
    for (const claims of [{ foo: { bar: [] }, sub: 7 }, { htu: 'HTTP://AUTH.localhost:4000/userinfo?a=b#c' }])
      expect((await juniper.userinfo(token, { proof: { claims } })).status).toBe(200)
  })

  test('PO-3 DP-11 a bound token as Bearer, in the header or in the form, with its proof or without: 401', async () => {
    for (const options of [{}, { key: null }]) {
      const response = await juniper.userinfo(token, { ...options, scheme: 'Bearer' })
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/)
      expect(await errorOf(response)).toBe('401 invalid_token')
    }
    const body = new URLSearchParams({ access_token: token })
    expect(await errorOf(await provider.fetch(`${ISSUER}/userinfo`, { method: 'POST', body }))).toBe(
      '401 invalid_token',
    )
  })

  test('PO-3 a Bearer token as DPoP, with a good proof: 401', async () => {
    const { access_token } = await alice.tokens('cedar')
    expect((await userinfo(provider, access_token)).status).toBe(200)
    expect(await refusal(await juniper.userinfo(access_token))).toBe('401 invalid_token')
  })

  test('AT-4 an expired token is said to be that, in the words of the scheme', async () => {
    const { access_token } = await juniper.tokens(alice)
    provider.pass(311)
    expect(await refusal(await juniper.userinfo(access_token))).toBe('401 invalid_token')
  })
})
