import { importJWK, jwtVerify } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import {
  AccessToken,
  ActionToken,
  createVerifier,
  IdToken,
  issue,
  LogoutToken,
  StatusListToken,
  secretKeys,
} from './index.ts'
import {
  ALDER,
  accessClaims,
  accessToken,
  ISSUER,
  idClaims,
  logoutClaims,
  NOON,
  NOON_SECONDS,
  type TestKey,
  testKey,
  verifierFor,
} from './issuer.fixture.ts'

let key: TestKey
beforeAll(async () => {
  key = await testKey()
})

test.each(['ES256', 'RS256', 'Ed25519'] as const)(
  '%s: another library accepts what is signed here, with its alg, kid and typ (JW-26)',
  async (alg) => {
    const { signing, publicJwk } = await testKey(alg)
    const text = await accessToken(signing)
    const { payload, protectedHeader } = await jwtVerify(text, await importJWK(publicJwk, alg), {
      issuer: ISSUER,
      audience: ALDER,
      typ: 'at+jwt',
      algorithms: [alg],
      currentDate: NOON,
    })
    expect(payload).toEqual({ ...accessClaims, iat: NOON_SECONDS, exp: NOON_SECONDS + 300 })
    expect(protectedHeader).toEqual({ alg, kid: publicJwk.kid, typ: 'at+jwt' })
  },
)

test('each kind verifies as itself', async () => {
  const options = { key: key.signing, now: NOON, lifetimeSeconds: 60 }
  const verifier = await verifierFor(key)
  const list = {
    iss: ISSUER,
    sub: `${ISSUER}/status/0`,
    ttl: 5,
    status_list: { bits: 1, lst: 'eNrbuRgAAhcBXQ' },
  }
  await verifier.verify(AccessToken, await issue(AccessToken, accessClaims, options))
  await verifier.verify(IdToken, await issue(IdToken, { ...idClaims, nonce: 'n' }, options))
  await verifier.verify(LogoutToken, await issue(LogoutToken, logoutClaims, options))
  await verifier.verify(StatusListToken, await issue(StatusListToken, list, options))
})

test('an action token is signed with a secret, and a new secret in front leaves the old one valid', async () => {
  const [older, newer] = ['the older secret, 32 characters…!', 'the newer secret, 32 characters…!']
  const claims = { iss: ISSUER, aud: ISSUER, jti: 'j', act: 'logout', bound: 'b' }
  const before = await secretKeys([older], 'form')
  const text = await issue(ActionToken, claims, { key: before.current, now: NOON, lifetimeSeconds: 60 })
  const verifierWith = async (secrets: string[], purpose = 'form') =>
    createVerifier({
      issuer: ISSUER,
      audience: ISSUER,
      algorithms: ['HS256'],
      keys: await secretKeys(secrets, purpose),
      status: 'unchecked',
      now: () => NOON,
    })
  expect((await (await verifierWith([newer, older])).verify(ActionToken, text)).claims.act).toBe('logout')
  for (const stranger of [await verifierWith([newer]), await verifierWith([older], 'other purpose')]) {
    await expect(stranger.verify(ActionToken, text)).rejects.toMatchObject({ code: 'unknown_key' })
  }
})

test('what would not verify is not signed', async () => {
  const sign = (claims: object) => accessToken(key.signing, { claims: claims as typeof accessClaims })
  await expect(sign({ ...accessClaims, sub: '' })).rejects.toMatchObject({ code: 'claim' })
  await expect(sign({ ...accessClaims, client_id: undefined })).rejects.toMatchObject({ code: 'claim' })
  await expect(sign({ ...accessClaims, nbf: 'tomorrow' })).rejects.toMatchObject({ code: 'claim' })
  await expect(sign({ ...accessClaims, picture: 'x'.repeat(8192) })).rejects.toMatchObject({
    code: 'too_large',
  })
  await expect(accessToken(key.signing, { lifetimeSeconds: 20 * 366 * 86_400 })).rejects.toMatchObject({
    code: 'claim',
  })
  const nobody = issue(
    LogoutToken,
    { ...logoutClaims, sid: undefined },
    { key: key.signing, now: NOON, lifetimeSeconds: 60 },
  )
  await expect(nobody).rejects.toMatchObject({ code: 'claim' })
})

test('iat and exp are set here: claims cannot bring their own', async () => {
  const claims = { ...accessClaims, iat: 1, exp: 2 }
  const { claims: signed } = await (await verifierFor(key)).verify(
    AccessToken,
    await accessToken(key.signing, { claims }),
  )
  expect([signed.iat, signed.exp]).toEqual([NOON_SECONDS, NOON_SECONDS + 300])
})
