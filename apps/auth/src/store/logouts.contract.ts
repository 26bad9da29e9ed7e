import { describe, expect, test } from 'vitest'
import { after, EIGHT_HOURS, fifty, type Subject } from './store.fixture.ts'

export function logoutsContract({ store, place, accountId, newSession, newGrant }: Subject): void {
  describe('logout deliveries', () => {
    async function oweLogouts(count: number) {
      const session = await newSession()
      const clients = Array.from({ length: count }, (_, n) => `client-${n}`)
      await Promise.all(clients.map((clientId) => newGrant({ sessionId: session.id, clientId })))
      await store.sessions.end(session.id, new Set(clients), after(2))
      return session
    }
    const drain = () => store.logouts.claimDue(after(EIGHT_HOURS), after(1e9), 1e6)

    test('race: fifty claim ten that are due, each goes to one caller', async () => {
      await drain()
      const session = await oweLogouts(10)
      const claimed = (await fifty(() => store.logouts.claimDue(after(3), after(33), 3))).flat()
      expect(claimed).toHaveLength(10)
      expect(new Set(claimed.map(({ id }) => id)).size).toBe(10)
      expect(claimed[0]).toMatchObject({ sessionId: session.id, accountId, attempts: 0 })
      expect(await store.logouts.claimDue(after(32), after(60), 100)).toEqual([])
      expect(await store.logouts.claimDue(after(33), after(60), 100)).toHaveLength(10)
    })

    test('delivered, to be tried again, given up', async () => {
      await drain()
      const session = await oweLogouts(3)
      const [a, b, c] = await store.logouts.claimDue(after(3), after(33), 3)
      const failed = (retryAt: Date | null) => ({ outcome: 'failed', reason: 'HTTP 500', retryAt }) as const
      await store.logouts.record(a?.id ?? 0, { outcome: 'delivered' }, after(4))
      await store.logouts.record(a?.id ?? 0, failed(after(10)), after(5))
      await store.logouts.record(b?.id ?? 0, failed(after(10)), after(4))
      await store.logouts.record(c?.id ?? 0, failed(null), after(4))
      const due = await store.logouts.claimDue(after(100), after(200), 10)
      expect(due).toEqual([{ ...b, attempts: 1 }])
      expect((await store.logouts.ofSession(session.id)).map(({ delivered }) => delivered)).toEqual([
        true,
        false,
        false,
      ])
      const events = (await place.events(session.id)).filter((type) => type.startsWith('logout'))
      expect(events).toEqual(['logout.delivered', 'logout.failed', 'logout.failed'])
    })
  })
}
