import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RedeemOutcome, RotateOutcome } from '../domain/grants.ts'
import type { Store } from '../domain/store.ts'
import { CHILD } from '../testing/built.fixture.ts'
import { openStore } from './index.ts'
import type { ChildCall } from './store.child.ts'
import { aGrant, anAccount, aSession } from './store.fixture.ts'

const AUTH = fileURLToPath(new URL('../..', import.meta.url))
const NOW = new Date('2026-11-23T09:00:01.000Z')

/** What two processes on one database keep to. */
export function processesContract(name: string, url: string): void {
  describe(`two processes on ${name}`, () => keeps(url))
}

function keeps(url: string): void {
  let store: Store
  let sessionId: string

  beforeAll(async () => {
    store = await openStore(url)
    const account = anAccount()
    const session = aSession(account.id)
    sessionId = session.id
    await store.accounts.addMissing([account])
    await store.sessions.start(session)
  })
  afterAll(() => store.close())

  test('F-23: over two processes of fifty callers one redeems and one rotates', async () => {
    const child = await startChild(url)
    for (let round = 0; round < 10; round++) {
      const code = aGrant(sessionId)
      const redeemed = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          n % 2 ? store.grants.redeem(code, NOW) : child.call<RedeemOutcome>('grants.redeem', [code, NOW]),
        ),
      )
      expect(redeemed.filter(({ outcome }) => outcome === 'redeemed')).toHaveLength(1)
      expect(redeemed.filter(({ outcome }) => outcome === 'used')).toHaveLength(49)

      const kept = aGrant(sessionId)
      await store.grants.redeem(kept, NOW)
      const presented = { grantId: kept.id, clientId: kept.clientId, generation: 0 }
      const rotated = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          n % 2
            ? store.grants.rotate(presented, NOW, 10)
            : child.call<RotateOutcome>('grants.rotate', [presented, NOW, 10]),
        ),
      )
      expect(rotated.filter(({ outcome }) => outcome === 'rotated')).toHaveLength(1)
      expect(rotated.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(49)
      for (const result of rotated) expect(result).toMatchObject({ grant: { id: kept.id, generation: 1 } })
    }
    child.process.disconnect()
    await child.ended()
  }, 60_000)

  test('F-23: of a hundred calls from two processes one spends the jti', async () => {
    const child = await startChild(url)
    const inAMinute = new Date(Date.now() + 60_000)
    for (let round = 0; round < 10; round++) {
      const jti = `shared-${round}`
      const spent = await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          n % 2
            ? store.usedTokens.spend(jti, inAMinute)
            : child.call<boolean>('usedTokens.spend', [jti, inAMinute]),
        ),
      )
      expect(spent.filter((isFirst) => isFirst === true)).toHaveLength(1)
      expect(spent.filter((isFirst) => isFirst === false)).toHaveLength(99)
    }
    child.process.disconnect()
    await child.ended()
  }, 60_000)

  test('F-72: tries in two processes are counted together', async () => {
    const child = await startChild(url)
    const args = ['shared', new Date(NOW.getTime() + 60_000), NOW] as const
    const hits = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        n % 2 ? store.rateLimits.hit(...args) : child.call<{ count: number }>('rateLimits.hit', [...args]),
      ),
    )
    const numbers = hits.map(({ count }) => count).toSorted((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
    child.process.disconnect()
    await child.ended()
  }, 60_000)

  test('two processes write side by side, and no write fails or is lost', async () => {
    const child = await startChild(url)
    const codes = Array.from({ length: 400 }, () => aGrant(sessionId))
    const results = await Promise.all(
      codes.map((code, n) =>
        n % 2 ? store.grants.redeem(code, NOW) : child.call<RedeemOutcome>('grants.redeem', [code, NOW]),
      ),
    )
    expect(results.every(({ outcome }) => outcome === 'redeemed')).toBe(true)
    const logins = Array.from({ length: 60 }, (_, n) => {
      const session = aSession((results[0] as { grant: { account: { id: string } } }).grant.account.id)
      return (n % 2 ? store.sessions.start(session) : child.call('sessions.start', [session])).then(
        () => session.id,
      )
    })
    for (const id of await Promise.all(logins)) expect(await store.sessions.find(id, NOW)).toBeDefined()
    child.process.disconnect()
    await child.ended()
  }, 60_000)

  test('F-10: killed between the statement and the answer, a code stays spent', async () => {
    const code = aGrant(sessionId)
    const child = await startChild(url)
    void child.call('grants.redeem', [code, NOW], true)
    await child.ended()
    expect((await store.grants.redeem(code, NOW)).outcome).toBe('used')
  }, 60_000)

  test('F-10: killed at any moment, every code that was answered is spent and every other is whole', async () => {
    const answered = new Set<string>()
    const sent: string[] = []
    const killOne = async () => {
      const child = await startChild(url)
      const flood = setInterval(() => {
        const code = aGrant(sessionId)
        sent.push(code.id)
        void child.call<RedeemOutcome>('grants.redeem', [code, NOW]).then(() => answered.add(code.id))
      }, 1)
      await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 20))
      child.process.kill('SIGKILL')
      clearInterval(flood)
      await child.ended()
    }
    for (let round = 0; round < 10; round++) await Promise.all([killOne(), killOne()])

    const outcomes = new Map<string, string>()
    for (const id of sent)
      outcomes.set(id, (await store.grants.redeem(aGrant(sessionId, { id }), NOW)).outcome)
    expect(answered.size).toBeGreaterThan(0)
    for (const id of answered) expect(outcomes.get(id)).toBe('used')
    for (const outcome of outcomes.values()) expect(['used', 'redeemed']).toContain(outcome)
  }, 120_000)

  test('F-34 F-38: over two processes a refresh, a redemption or a fresh login against a logout leaves nothing alive', async () => {
    const child = await startChild(url)
    const accountId = (await store.sessions.find(sessionId, NOW))?.account.id ?? ''
    for (let round = 0; round < 20; round++) {
      const session = aSession(accountId)
      await store.sessions.start(session)
      const [kept, late] = [aGrant(session.id), aGrant(session.id)]
      await store.grants.redeem(kept, NOW)
      const presented = { grantId: kept.id, clientId: kept.clientId, generation: 0 }
      const ends = () => child.call('sessions.end', [session.id, new Set(['alder']), NOW])
      const others = () => [
        store.grants.rotate(presented, NOW, 10),
        store.grants.redeem(late, NOW),
        store.sessions.renew(session.id, session, NOW),
      ]
      await Promise.all(round % 2 ? [ends(), ...others()] : [...others(), ends()])
      expect(await store.sessions.find(session.id, NOW)).toBeUndefined()
      expect(await store.grants.find(kept.id, NOW)).toBeUndefined()
      expect(await store.grants.find(late.id, NOW)).toBeUndefined()
      expect(await store.logouts.ofSession(session.id)).toHaveLength(1)
    }
    child.process.disconnect()
    await child.ended()
  }, 60_000)

  test('F-38: over two processes of fifty callers one ends the session, and each logout it owes is claimed once', async () => {
    const child = await startChild(url)
    const accountId = (await store.sessions.find(sessionId, NOW))?.account.id ?? ''
    const session = aSession(accountId)
    const clients = Array.from({ length: 10 }, (_, n) => `client-${n}`)
    await store.sessions.start(session)
    for (const clientId of clients) await store.grants.redeem(aGrant(session.id, { clientId }), NOW)
    const end = [session.id, new Set(clients), NOW] as const
    const owed = await spread(
      child,
      'sessions.end',
      () => [...end],
      () => store.sessions.end(...end),
    )
    expect(owed.map(({ length }) => length).sort()).toEqual([...Array(49).fill(0), 10])

    const soon = new Date(NOW.getTime() + 30_000)
    const claim = [NOW, soon, 3] as const
    const claims = await spread(
      child,
      'logouts.claimDue',
      () => [...claim],
      () => store.logouts.claimDue(...claim),
    )
    const ofThis = claims.flat().filter((logout) => logout.sessionId === session.id)
    expect(ofThis.map(({ clientId }) => clientId).sort()).toEqual(clients)
    child.process.disconnect()
    await child.ended()
  }, 60_000)
}

interface Child {
  process: ChildProcess
  call<T>(verb: string, args: unknown[], dies?: boolean): Promise<T>
  ended(): Promise<unknown>
}

/** Another process with the same database open. */
async function startChild(url: string): Promise<Child> {
  const child = fork(CHILD, [url], { cwd: AUTH, execArgv: [], serialization: 'advanced' })
  const waiting = new Map<number, (result: never) => void>()
  child.on('message', ({ id, result }: { id: number; result: never }) => waiting.get(id)?.(result))
  await once(child, 'message')
  let last = 0
  return {
    process: child,
    call: (verb, args, dies = false) =>
      new Promise((resolve) => {
        last += 1
        waiting.set(last, resolve)
        child.send({ id: last, verb, args, dies } satisfies ChildCall, () => {})
      }),
    ended: async () => child.exitCode ?? child.signalCode ?? once(child, 'exit'),
  }
}

/** Half of the calls here and half there, all at once. */
const spread = <T>(
  child: Child,
  verb: string,
  args: (n: number) => unknown[],
  here: (n: number) => Promise<T>,
) => Promise.all(Array.from({ length: 50 }, (_, n) => (n % 2 ? here(n) : child.call<T>(verb, args(n)))))
