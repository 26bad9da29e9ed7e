import { describe, expect, test } from 'vitest'
import { after, EIGHT_HOURS, fifty, type Subject, T0 } from './store.fixture.ts'

export function devicesContract({ store, place, newAccount, newSession, newGrant }: Subject): void {
  describe('devices', () => {
    test('the live sessions of an account, newest first, each with the clients that hold something alive', async () => {
      const { id } = await newAccount()
      const phone = await newSession({ accountId: id, device: 'Safari on iPhone' })
      const desk = await newSession({ accountId: id, authenticatedAt: after(10) })
      const over = await newSession({ accountId: id })
      await store.sessions.end(over.id, new Set(), after(1))
      for (const clientId of ['alder', 'alder', 'birch']) await newGrant({ sessionId: phone.id, clientId })
      const gone = await newGrant({ sessionId: phone.id, clientId: 'cedar' })
      await store.grants.revoke(gone.id, 'cedar', after(2))
      const devices = await store.sessions.ofAccount(id, after(20))
      expect(devices.map(({ sessionId }) => sessionId)).toEqual([desk.id, phone.id])
      expect(devices[0]).toMatchObject({ device: null, clientIds: [] })
      expect(devices[1]).toMatchObject({ device: 'Safari on iPhone', authenticatedAt: T0 })
      expect(devices[1]?.clientIds.toSorted()).toEqual(['alder', 'birch'])
      expect(await store.sessions.ofAccount(id, after(EIGHT_HOURS))).toEqual([])
    })

    test('7.4.5 leaving one client revokes what it holds in that session, and nothing else', async () => {
      const session = await newSession()
      const first = await newGrant({ sessionId: session.id })
      const second = await newGrant({ sessionId: session.id })
      const birch = await newGrant({ sessionId: session.id, clientId: 'birch' })
      const elsewhere = await newGrant()
      const leave = () => store.sessions.leave(session.id, 'alder', new Set(['alder']), after(2))
      expect((await fifty(leave)).filter(Boolean)).toHaveLength(1)
      for (const { id } of [first, second]) {
        expect(await store.grants.find(id, after(3))).toBeUndefined()
        expect(await place.events(id)).toEqual(['grant.revoked'])
      }
      for (const { id } of [birch, elsewhere]) expect(await store.grants.find(id, after(3))).toBeDefined()
      expect(await store.sessions.find(session.id, after(3))).toBeDefined()
      expect(await store.logouts.ofSession(session.id)).toEqual([{ clientId: 'alder', delivered: false }])
    })

    test('a client that came back after it was told is told again when the session ends', async () => {
      await store.logouts.claimDue(after(EIGHT_HOURS), after(1e9), 1e6)
      const session = await newSession()
      await newGrant({ sessionId: session.id })
      await store.sessions.leave(session.id, 'alder', new Set(['alder']), after(2))
      const [told] = await store.logouts.claimDue(after(3), after(33), 10)
      await store.logouts.record(told?.id ?? 0, { outcome: 'delivered' }, after(4))
      await newGrant({ sessionId: session.id })
      expect(await store.sessions.end(session.id, new Set(['alder']), after(5))).toHaveLength(1)
      expect(await store.logouts.ofSession(session.id)).toEqual([{ clientId: 'alder', delivered: false }])
    })
  })
}
