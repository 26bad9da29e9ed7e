import { describe, expect, test } from 'vitest'
import { replayStoreContract } from '../testing/index.ts'
import { issue, LogoutToken, memoryReplayStore, type ReplayStore, verifyOnce } from './index.ts'
import { logoutClaims, NOON, stoppedClock, testKey, verifierFor } from './issuer.fixture.ts'

const inSeconds = (seconds: number) => new Date(NOON.getTime() + seconds * 1000)

replayStoreContract('in memory', async (now) => ({
  store: memoryReplayStore({ now }),
  close: async () => {},
}))

replayStoreContract('in memory, as one of its callers sees it', async (now) => ({
  store: memoryReplayStore({ now }).shareOf('alice'),
  close: async () => {},
}))

describe('one replay store of many callers (PO-4, F-66)', () => {
  /** Spends names of his own until he is refused: how many that were. */
  async function greedy(store: ReplayStore, name: string, seconds = 60): Promise<number> {
    for (let n = 0; ; n += 1) if (!(await store.spend(`${name} ${n}`, inSeconds(seconds)))) return n
  }

  test('whoever takes all that he can leaves as much to the others as he has', async () => {
    const store = memoryReplayStore({ now: () => NOON, most: 100 })
    expect(await greedy(store.shareOf('mallory'), 'm')).toBe(50)
    expect(await greedy(store.shareOf('trudy'), 't')).toBe(25)
    for (let n = 0; n < 5; n += 1)
      expect(await store.shareOf(`user ${n}`).spend(`u ${n}`, inSeconds(60))).toBe(true)
  })

  test('what anybody spent stays spent for all, whoever was refused since', async () => {
    const store = memoryReplayStore({ now: () => NOON, most: 100 })
    expect(await store.shareOf('alice').spend('a', inSeconds(60))).toBe(true)
    await greedy(store.shareOf('mallory'), 'm')
    await greedy(store, 'nobody')
    for (const one of [store.shareOf('alice'), store.shareOf('mallory'), store.shareOf('new'), store])
      expect([await one.spend('a', inSeconds(60)), await one.spend('m 0', inSeconds(60))]).toEqual([
        false,
        false,
      ])
  })

  test('what has expired is no longer held by him who spent it', async () => {
    const { now, move } = stoppedClock()
    const store = memoryReplayStore({ now, most: 100 })
    const [mallory, alice] = [store.shareOf('mallory'), store.shareOf('alice')]
    expect(await greedy(mallory, 'm')).toBe(50)
    move(60)
    // Names that are spent anew by somebody else, before anything was swept.
    for (let n = 0; n < 20; n += 1) expect(await alice.spend(`m ${n}`, inSeconds(120))).toBe(true)
    expect(await greedy(mallory, 'again', 120)).toBe(40)
    expect(await greedy(alice, 'a', 120)).toBe(10)
  })
})

test('a full replay store looks for what has expired once a second, not at each refusal', async () => {
  const { now, move } = stoppedClock()
  const store = memoryReplayStore({ now, most: 1 })
  expect(await store.spend('a', inSeconds(0.5))).toBe(true)
  expect(await store.spend('b', inSeconds(60))).toBe(false)
  move(0.9)
  expect(await store.spend('b', inSeconds(60))).toBe(false)
  move(0.1)
  expect(await store.spend('b', inSeconds(60))).toBe(true)
})

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
