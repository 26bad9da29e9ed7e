import { describe, expect, test } from 'vitest'
import { replayStoreContract } from '../testing/index.ts'
import { issue, LogoutToken, memoryReplayStore, verifyOnce } from './index.ts'
import { logoutClaims, NOON, stoppedClock, testKey, verifierFor } from './issuer.fixture.ts'

const inSeconds = (seconds: number) => new Date(NOON.getTime() + seconds * 1000)

replayStoreContract('in memory', async (now) => ({
  store: memoryReplayStore({ now }),
  close: async () => {},
}))

test('PO-4 a replay store in memory refuses when it is full of living entries, and forgets none of them (F-66)', async () => {
  const { now, move } = stoppedClock()
  const store = memoryReplayStore({ now, most: 3 })
  for (const jti of ['a', 'b', 'c']) expect(await store.spend(jti, inSeconds(60))).toBe(true)
  expect(await store.spend('d', inSeconds(120))).toBe(false)
  expect(await store.spend('a', inSeconds(120))).toBe(false)
  move(60)
  for (const jti of ['d', 'e', 'f']) expect(await store.spend(jti, inSeconds(120))).toBe(true)
  expect(await store.spend('g', inSeconds(120))).toBe(false)
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

  test('may be used for the first time as late as the verifier takes it, clocks apart included', async () => {
    const key = await testKey()
    const { now, move } = stoppedClock()
    const verifier = await verifierFor(key, { now, toleranceSeconds: 60 })
    const store = memoryReplayStore({ now })
    const text = await issue(LogoutToken, logoutClaims, { key: key.signing, now: NOON, lifetimeSeconds: 120 })
    move(179)
    await expect(verifyOnce(verifier, LogoutToken, text, store)).resolves.toBeDefined()
    await expect(verifyOnce(verifier, LogoutToken, text, store)).rejects.toMatchObject({ code: 'used' })
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
