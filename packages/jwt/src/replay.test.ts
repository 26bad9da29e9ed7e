import { describe, expect, test } from 'vitest'
import { issue, LogoutToken, memoryReplayStore, verifyOnce } from './index.ts'
import { logoutClaims, NOON, stoppedClock, testKey, verifierFor } from './issuer.fixture.ts'

const inSeconds = (seconds: number) => new Date(NOON.getTime() + seconds * 1000)

describe('a replay store in memory', () => {
  test('fifty callers, one winner', async () => {
    const store = memoryReplayStore({ now: () => NOON })
    const wins = await Promise.all(Array.from({ length: 50 }, () => store.spend('a', inSeconds(60))))
    expect(wins.filter(Boolean)).toHaveLength(1)
    expect(await store.spend('b', inSeconds(60))).toBe(true)
  })

  test('forgets what has expired, not a moment sooner', async () => {
    const { now, move } = stoppedClock()
    const store = memoryReplayStore({ now })
    expect(await store.spend('a', inSeconds(60))).toBe(true)
    move(59.999)
    expect(await store.spend('a', inSeconds(120))).toBe(false)
    move(0.001)
    expect(await store.spend('a', inSeconds(120))).toBe(true)
  })

  test('what has expired cannot be spent, so not twice either', async () => {
    const store = memoryReplayStore({ now: () => NOON })
    expect(await store.spend('a', NOON)).toBe(false)
    expect(await store.spend('a', inSeconds(-1))).toBe(false)
  })

  test('refuses when it is full of living entries, and forgets none of them (F-66)', async () => {
    const { now, move } = stoppedClock()
    const store = memoryReplayStore({ now, most: 3 })
    for (const jti of ['a', 'b', 'c']) expect(await store.spend(jti, inSeconds(60))).toBe(true)
    expect(await store.spend('d', inSeconds(120))).toBe(false)
    expect(await store.spend('a', inSeconds(120))).toBe(false)
    move(60)
    for (const jti of ['d', 'e', 'f']) expect(await store.spend(jti, inSeconds(120))).toBe(true)
    expect(await store.spend('g', inSeconds(120))).toBe(false)
  })

  test.each(['__proto__', 'constructor', '', 'a'.repeat(255)])(
    'takes %j for what it is, a name',
    async (jti) => {
      const store = memoryReplayStore({ now: () => NOON })
      expect([await store.spend(jti, inSeconds(60)), await store.spend(jti, inSeconds(60))]).toEqual([
        true,
        false,
      ])
    },
  )
})

describe('a token that may be used once', () => {
  test('is used once by fifty callers, and the others learn why', async () => {
    const key = await testKey()
    const verifier = await verifierFor(key)
    const store = memoryReplayStore({ now: () => NOON })
    const text = await issue(LogoutToken, logoutClaims, { key: key.signing, now: NOON, lifetimeSeconds: 120 })
    const uses = await Promise.allSettled(
      Array.from({ length: 50 }, () => verifyOnce(verifier, LogoutToken, text, store)),
    )
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const reasons = uses.flatMap((use) => (use.status === 'rejected' ? [use.reason.code] : []))
    expect(new Set(reasons)).toEqual(new Set(['used']))
  })

  test('is not spent when it is bad', async () => {
    const [key, stranger] = await Promise.all([testKey(), testKey()])
    const store = memoryReplayStore({ now: () => NOON })
    const sign = (signer: typeof key) =>
      issue(LogoutToken, logoutClaims, { key: signer.signing, now: NOON, lifetimeSeconds: 120 })
    const verifier = await verifierFor(key)
    await expect(verifyOnce(verifier, LogoutToken, await sign(stranger), store)).rejects.toThrow()
    await expect(verifyOnce(verifier, LogoutToken, await sign(key), store)).resolves.toBeDefined()
  })

  test('stays used for as long as any verifier would take it, clocks apart included', async () => {
    const key = await testKey()
    const { now, move } = stoppedClock()
    const verifier = await verifierFor(key, { now })
    const store = memoryReplayStore({ now })
    const text = await issue(LogoutToken, logoutClaims, { key: key.signing, now: NOON, lifetimeSeconds: 120 })
    await verifyOnce(verifier, LogoutToken, text, store)
    for (const [seconds, code] of [
      [120, 'used'],
      [9.999, 'used'],
      [0.001, 'expired'],
      [60, 'expired'],
    ] as const) {
      move(seconds)
      await expect(verifyOnce(verifier, LogoutToken, text, store)).rejects.toMatchObject({ code })
    }
    // A server whose clock is 59 s behind, with the widest tolerance, shares the store.
    expect(await store.spend('logout-1', inSeconds(300))).toBe(true)
  })
})
