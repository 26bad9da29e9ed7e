import { beforeAll, describe, expect, test } from 'vitest'
import {
  AccessToken,
  type AccessTokenClaims,
  IdToken,
  issue,
  type KeySource,
  KeysUnavailableError,
  localKeys,
  secretKeys,
  type Verified,
  type VerifierOptions,
} from './index.ts'
import {
  accessClaims,
  accessToken,
  ISSUER,
  keysFrom,
  NOON,
  OneParty,
  stoppedClock,
  type TestKey,
  testKey,
  verifierFor,
  verifierOf,
} from './issuer.fixture.ts'
import { remember } from './remembered.ts'

let key: TestKey
beforeAll(async () => {
  key = await testKey()
})

interface ChangingKeys extends KeySource {
  remove(): void
}

/** The key can be taken away, as an issuer would in an emergency. */
async function changingKeys(): Promise<ChangingKeys> {
  const local = localKeys({ keys: [key.publicJwk] })
  let revision = 0
  return {
    find: async (wanted) => ({ keys: revision === 0 ? await keysFrom(local, wanted) : [], revision }),
    revision: () => revision,
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
      revision: keys.revision,
      async find(wanted) {
        const found = await find(wanted)
        // After this answer, before the signature is computed.
        if (keys.revision() === 0) queueMicrotask(() => keys.remove())
        return found
      },
    })
    const text = await accessToken(key.signing)
    await verifier.verify(AccessToken, text)
    await expect(verifier.verify(AccessToken, text)).rejects.toMatchObject({ code: 'unknown_key' })
  })

  test('lets the key source see that its keys grow old, and counts for nothing while it cannot tell', async () => {
    const keys = localKeys({ keys: [key.publicJwk] })
    let isKnown = true
    let asked = 0
    let found = 0
    const verifier = verifierOf({
      revision() {
        asked += 1
        return isKnown ? keys.revision() : undefined
      },
      async find(wanted) {
        found += 1
        return await keys.find(wanted)
      },
    })
    const text = await accessToken(key.signing)
    for (let call = 0; call < 3; call++) await verifier.verify(AccessToken, text)
    expect([asked >= 3, found]).toEqual([true, 1])
    isKnown = false
    await verifier.verify(AccessToken, text)
    expect(found).toBe(2)
  })

  test('is never remembered for another kind', async () => {
    const isAdmin = (value: unknown): value is string => value === 'admin'
    const AdminToken = { ...AccessToken, name: 'admin token', checks: [['role', isAdmin] as const] }
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
    expect(() => (claims.aud as string[]).push('https://evil.example')).toThrow(TypeError)
  })
})

describe('how many are remembered', () => {
  interface Numbered {
    verify(n: number): Promise<Verified<AccessTokenClaims>>
  }

  /** Tokens without end, and how a verifier takes them. HS256, so that it does not take long. */
  async function manyTokens(options: Partial<VerifierOptions> = {}): Promise<Numbered> {
    const keys = await secretKeys(['a secret of at least 32 characters'], 'test')
    const verifier = verifierOf(keys, { algorithms: ['HS256'], ...options })
    const sign = (n: number) =>
      issue(
        OneParty,
        { ...accessClaims, jti: `${n}` },
        { key: keys.current, now: NOON, lifetimeSeconds: 300 },
      )
    const texts = new Map<number, string>()
    return {
      async verify(n) {
        const text = texts.get(n) ?? (await sign(n))
        texts.set(n, text)
        return await verifier.verify(OneParty, text)
      },
    }
  }

  test('ten thousand, then the first that did not come again is forgotten', { timeout: 60_000 }, async () => {
    const { verify } = await manyTokens()
    const results = []
    for (let n = 0; n < 10_000; n++) results.push(await verify(n))
    expect(await verify(0)).toBe(results[0])
    await verify(10_000)
    expect(await verify(0)).toBe(results[0])
    expect(await verify(2)).toBe(results[2])
    expect(await verify(1)).not.toBe(results[1])
  })

  test('a flood of tokens that come once drives out none that come again', async () => {
    const { verify } = await manyTokens({ mostRemembered: 100 })
    const regulars = await Promise.all(Array.from({ length: 20 }, (_, n) => verify(n)))
    for (let stranger = 1000; stranger < 3000; stranger++) {
      await verify(stranger)
      if (stranger % 50 === 0)
        for (const [n, first] of regulars.entries()) expect(await verify(n)).toBe(first)
    }
  })

  test('none, if that is what is asked for', async () => {
    const { verify } = await manyTokens({ mostRemembered: 0 })
    expect(await verify(1)).not.toBe(await verify(1))
  })
})

describe('remember', () => {
  test('never keeps more than it may, and drops what has ended before as many again have come', () => {
    const memory = remember<number>(100)
    for (let n = 0; n < 40; n++) memory.set(`short ${n}`, n, 10, 0)
    for (let n = 0; n < 40; n++) memory.set(`long ${n}`, n, 1000, 20)
    expect(memory.size()).toBe(40)
    for (let n = 40; n < 400; n++) memory.set(`long ${n}`, n, 1000, 20)
    expect(memory.size()).toBe(100)
  })

  test('tells texts apart that end alike', () => {
    const memory = remember<number>(10)
    const end = 'x'.repeat(100)
    memory.set(`a${end}`, 1, 10, 0)
    expect(memory.get(`b${end}`)).toBeUndefined()
    expect(memory.get(`a${end}`)).toBe(1)
    memory.set(`b${end}`, 2, 10, 0)
    expect([memory.get(`a${end}`), memory.get(`b${end}`)]).toEqual([undefined, 2])
  })

  test('goes on when everything was used, forgotten or cleared under its hand', () => {
    const memory = remember<number>(3)
    for (const text of ['a', 'b', 'c']) memory.set(text, 1, 10, 0)
    for (const text of ['a', 'b', 'c']) memory.get(text)
    memory.set('d', 2, 10, 0)
    expect([memory.size(), memory.get('d')]).toEqual([3, 2])
    memory.forget('d')
    memory.clear()
    for (const text of ['e', 'f', 'g', 'h']) memory.set(text, 3, 10, 0)
    expect([memory.size(), memory.get('h')]).toEqual([3, 3])
  })
})

describe('revocation', () => {
  test('is looked up in every call, and what was revoked is forgotten', async () => {
    let verdict: 'valid' | 'revoked' | undefined = 'valid'
    const asked: unknown[] = []
    const verifier = await verifierFor(key, {
      status: {
        peek(reference) {
          asked.push(reference)
          return verdict
        },
        check: async () => 'revoked',
      },
    })
    const status_list = { idx: 3, uri: `${ISSUER}/status/0` }
    const text = await accessToken(key.signing, { claims: { ...accessClaims, status: { status_list } } })
    await verifier.verify(AccessToken, text)
    await verifier.verify(AccessToken, text)
    expect(asked).toEqual([status_list, status_list])
    verdict = undefined
    await expect(verifier.verify(AccessToken, text)).rejects.toMatchObject({ code: 'revoked' })
    verdict = 'revoked'
    await expect(verifier.verify(AccessToken, text)).rejects.toMatchObject({ code: 'revoked' })
  })

  test('that nobody can look up says so, and is no reason to forget', async () => {
    let isDown = true
    const verifier = await verifierFor(key, {
      status: {
        peek: () => (isDown ? undefined : 'valid'),
        check: async () => {
          throw new KeysUnavailableError('down')
        },
      },
    })
    const status = { status_list: { idx: 3, uri: `${ISSUER}/status/0` } }
    const text = await accessToken(key.signing, { claims: { ...accessClaims, status } })
    await expect(verifier.verify(AccessToken, text)).rejects.toThrow(KeysUnavailableError)
    isDown = false
    await expect(verifier.verify(AccessToken, text)).resolves.toBeDefined()
  })

  test('is looked up for a kind that does not declare it too, and after everything else (SL-5)', async () => {
    const Plain = { ...AccessToken, checks: [] }
    let asked = 0
    const verifier = await verifierFor(key, {
      status: {
        peek() {
          asked += 1
          return 'revoked'
        },
        check: async () => 'revoked',
      },
    })
    const status = { status_list: { idx: 3, uri: `${ISSUER}/status/0` } }
    const sign = (change: object) =>
      accessToken(key.signing, { claims: { ...accessClaims, status, ...change } })
    await expect(verifier.verify(Plain, await sign({}))).rejects.toMatchObject({ code: 'revoked' })
    expect(asked).toBe(1)
    await expect(verifier.verify(Plain, await sign({ aud: 'other' }))).rejects.toMatchObject({
      code: 'audience',
    })
    const stale = await accessToken(key.signing, {
      claims: { ...accessClaims, status },
      now: new Date(NOON.getTime() - 400_000),
    })
    await expect(verifier.verify(Plain, stale)).rejects.toMatchObject({ code: 'expired' })
    expect(asked).toBe(1)
  })
})
