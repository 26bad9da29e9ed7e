import { createHmac, randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  AccessToken,
  type AccessTokenClaims,
  defineToken,
  IdToken,
  type KeySource,
  localKeys,
} from './index.ts'
import {
  accessToken,
  goodParts,
  NOON,
  segment,
  stoppedClock,
  type TestKey,
  testKey,
  verifierFor,
  verifierOf,
} from './issuer.fixture.ts'

let key: TestKey
beforeAll(async () => {
  key = await testKey()
})

interface ChangingKeys extends KeySource {
  remove(): void
}

/** The key can be taken away, as an issuer would in an emergency. */
async function changingKeys(): Promise<ChangingKeys> {
  const local = await localKeys({ keys: [key.publicJwk] })
  let revision = 0
  return {
    find: async (wanted) => (revision === 0 ? await local.find(wanted) : []),
    get revision() {
      return revision
    },
    remove() {
      revision += 1
    },
  }
}

describe('a token seen before', () => {
  test('is not verified again: the very same result comes back', async () => {
    const verifier = await verifierFor(key)
    const text = await accessToken(key.signing)
    expect(await verifier.verify(AccessToken, text)).toBe(await verifier.verify(AccessToken, text))
  })

  test('expires all the same', async () => {
    const { now, move } = stoppedClock()
    const verifier = await verifierFor(key, { now })
    const text = await accessToken(key.signing)
    await verifier.verify(AccessToken, text)
    move(309)
    await verifier.verify(AccessToken, text)
    move(1)
    await expect(verifier.verify(AccessToken, text)).rejects.toMatchObject({ code: 'expired' })
    move(-311)
    await expect(verifier.verify(AccessToken, text)).resolves.toBeDefined()
    move(-10)
    await expect(verifier.verify(AccessToken, text)).rejects.toMatchObject({ code: 'not_yet_valid' })
  })

  test('is forgotten when a key was added or taken away (F-54)', async () => {
    const keys = await changingKeys()
    const verifier = verifierOf(keys)
    const text = await accessToken(key.signing)
    await verifier.verify(AccessToken, text)
    keys.remove()
    await expect(verifier.verify(AccessToken, text)).rejects.toMatchObject({ code: 'unknown_key' })
  })

  test('is not remembered when its key went while it was being checked', async () => {
    const keys = await changingKeys()
    const { find } = keys
    const verifier = verifierOf({
      get revision() {
        return keys.revision
      },
      async find(wanted) {
        const found = await find(wanted)
        // After this answer, before the signature is computed.
        if (keys.revision === 0) queueMicrotask(() => keys.remove())
        return found
      },
    })
    const text = await accessToken(key.signing)
    await verifier.verify(AccessToken, text)
    await expect(verifier.verify(AccessToken, text)).rejects.toMatchObject({ code: 'unknown_key' })
  })

  test('still asks the key source, which has to see when its keys grow old', async () => {
    const keys = await changingKeys()
    let asked = 0
    const verifier = verifierOf({
      revision: 0,
      find: async (wanted) => {
        asked += 1
        return await keys.find(wanted)
      },
    })
    const text = await accessToken(key.signing)
    for (let call = 0; call < 3; call++) await verifier.verify(AccessToken, text)
    expect(asked).toBe(3)
  })

  test('is never remembered for another kind', async () => {
    interface AdminClaims extends AccessTokenClaims {
      role: string
    }
    const AdminToken = defineToken<AdminClaims>({
      ...AccessToken,
      name: 'admin token',
      claims: { ...AccessToken.claims, role: (value): value is string => value === 'admin' },
    })
    const verifier = await verifierFor(key)
    const text = await accessToken(key.signing)
    for (let turn = 0; turn < 2; turn++) {
      await expect(verifier.verify(AccessToken, text)).resolves.toMatchObject({ kind: AccessToken })
      await expect(verifier.verify(AdminToken, text)).rejects.toMatchObject({ code: 'claim' })
      await expect(verifier.verify(IdToken, text)).rejects.toMatchObject({ code: 'type' })
    }
  })

  test('is never remembered when it was bad', async () => {
    const { now, move } = stoppedClock()
    const verifier = await verifierFor(key, { now })
    const text = await accessToken(key.signing, { now: new Date(NOON.getTime() + 60_000) })
    await expect(verifier.verify(AccessToken, text)).rejects.toMatchObject({ code: 'not_yet_valid' })
    move(60)
    await expect(verifier.verify(AccessToken, text)).resolves.toBeDefined()
  })

  test('cannot be changed by one caller for the next', async () => {
    const verifier = await verifierFor(key)
    const { claims } = await verifier.verify(AccessToken, await accessToken(key.signing))
    expect(() => Object.assign(claims, { sub: 'mallory' })).toThrow(TypeError)
  })
})

test('ten thousand tokens are remembered, then the oldest is forgotten', { timeout: 60_000 }, async () => {
  const secret = randomBytes(32)
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const secretKey = await crypto.subtle.importKey('raw', secret, hmac, false, ['verify'])
  const verifier = verifierOf({ revision: 0, find: async () => [secretKey] }, { algorithms: ['HS256'] })
  const { payload } = goodParts(key)
  const tokens = Array.from({ length: 10_001 }, (_, n) => {
    const input = `${segment({ alg: 'HS256', typ: 'at+jwt' })}.${segment({ ...payload, jti: `${n}` })}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  })
  const verify = (n: number) => verifier.verify(AccessToken, tokens[n] ?? '')
  const results = []
  for (const n of tokens.keys()) results.push(await verify(n))
  expect(await verify(10_000)).toBe(results[10_000])
  expect(await verify(1)).toBe(results[1])
  expect(await verify(0)).not.toBe(results[0])
})
