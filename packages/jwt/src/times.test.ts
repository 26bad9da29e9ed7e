import { beforeAll, expect, test } from 'vitest'
import { AccessToken, createVerifier, localKeys } from './index.ts'
import {
  ALDER,
  accessToken,
  forge,
  goodParts,
  ISSUER,
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

async function verdict(
  payload: string | object,
  secondsAfterNoon: number,
  toleranceSeconds: number,
): Promise<string> {
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: ALDER,
    algorithms: ['ES256'],
    keys: localKeys({ keys: [key.publicJwk] }),
    status: 'unchecked',
    now: () => new Date(NOON.getTime() + secondsAfterNoon * 1000),
    toleranceSeconds,
  })
  const text = await forge(key.signing, goodParts(key).header, payload)
  return await verifier.verify(AccessToken, text).then(
    () => 'good',
    (error) => error.code ?? error,
  )
}
const withTimes = (times: object) => ({ ...goodParts(key).payload, ...times })

test.each([
  [0, 299, 'good'],
  [0, 300, 'expired'],
  [10, 309, 'good'],
  [10, 310, 'expired'],
  [60, 359, 'good'],
  [60, 360, 'expired'],
])('exp with a tolerance of %d s: %d s after iat it is %s (JW-13)', async (tolerance, seconds, expected) => {
  expect(await verdict(withTimes({}), seconds, tolerance)).toBe(expected)
})

test.each([
  [0, 0, 'good'],
  [0, 1, 'not_yet_valid'],
  [10, 10, 'good'],
  [10, 11, 'not_yet_valid'],
  [60, 61, 'not_yet_valid'],
])(
  'iat and nbf with a tolerance of %d s: %d s ahead they are %s (JW-13, JW-14)',
  async (tolerance, ahead, expected) => {
    const start = NOON_SECONDS + ahead
    expect(await verdict(withTimes({ iat: start, exp: start + 300 }), 0, tolerance)).toBe(expected)
    expect(await verdict(withTimes({ nbf: start }), 0, tolerance)).toBe(expected)
  },
)

test.each([-300, -61, -59, -30, 30, 59, 61, 300])('a clock that is %d s off (F-40)', async (skew) => {
  const expected = Math.abs(skew) <= 60 ? 'good' : skew < 0 ? 'not_yet_valid' : 'expired'
  expect(await verdict(withTimes({ exp: NOON_SECONDS + 1 }), skew, 60)).toBe(expected)
})

test('the error says both clocks, so that skew is seen in a log (F-40)', async () => {
  const verifier = await verifierFor(key, { now: () => new Date('2026-11-23T13:00:00Z') })
  const text = await accessToken(key.signing, { lifetimeSeconds: 600, now: new Date('2026-11-23T12:49:00Z') })
  await expect(verifier.verify(AccessToken, text)).rejects.toThrow(
    "the token ended at 2026-11-23T12:59:00.000Z, by this server's clock it is 2026-11-23T13:00:00.000Z",
  )
})

test('a token is too old at the age of its kind, whatever its exp says (JW-14)', async () => {
  const payload = withTimes({ exp: NOON_SECONDS + 86_400 })
  expect(await verdict(payload, 900 + 10, 10)).toBe('good')
  expect(await verdict(payload, 900 + 11, 10)).toBe('too_old')
})

test.each(['iat', 'exp', 'nbf'])('%s is a sane number of seconds (JW-13, JA-18)', async (name) => {
  const bad = [NOON.getTime(), -1, 1e300, '1795435200', true, null, [NOON_SECONDS], {}]
  for (const value of bad)
    expect(await verdict(withTimes({ [name]: value }), 0, 10), `${value}`).toBe('claim')
  const infinite = JSON.stringify(withTimes({ [name]: 0 })).replace(`"${name}":0`, `"${name}":1e999`)
  expect(await verdict(infinite, 0, 10)).toBe('claim')
  expect(await verdict(withTimes({ [name]: undefined }), 0, 10)).toBe(name === 'nbf' ? 'good' : 'claim')
})

test('fractions of a second are numbers too (RFC 7519 §2)', async () => {
  expect(await verdict(withTimes({ iat: NOON_SECONDS - 0.5, exp: NOON_SECONDS + 299.5 }), 0, 0)).toBe('good')
})

test('a life of twenty years is a mistake, not a token (JW-13)', async () => {
  expect(await verdict(withTimes({ exp: NOON_SECONDS + 20 * 365 * 86_400 }), 0, 10)).toBe('claim')
})
