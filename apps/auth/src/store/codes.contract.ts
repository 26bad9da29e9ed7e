import { describe, expect, test } from 'vitest'
import { after, aGrant, EIGHT_HOURS, fifty, type Subject } from './store.fixture.ts'

export function codesContract({ store, place, accountId, newSession, newGrant }: Subject): void {
  describe('redeeming a code', () => {
    test('the grant carries the session, the account and what was asked for', async () => {
      const session = await newSession({ loginClientId: 'birch' })
      const fresh = aGrant(session.id)
      const result = await store.grants.redeem(fresh, after(1))
      expect(result).toMatchObject({
        outcome: 'redeemed',
        grant: { ...fresh, generation: 0, loginClientId: 'birch', expiresAt: session.expiresAt },
      })
      expect(result).toMatchObject({ grant: { account: { id: accountId, claims: { name: 'Alice' } } } })
    })

    test('race F-31: of fifty callers one wins, and the reuse revokes the grant', async () => {
      const session = await newSession()
      const code = aGrant(session.id)
      const outcomes = (await fifty(() => store.grants.redeem(code, after(1)))).map(({ outcome }) => outcome)
      expect(outcomes.filter((outcome) => outcome === 'redeemed')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'used')).toHaveLength(49)
      expect(await store.grants.find(code.id, after(1))).toBeUndefined()
      expect(await place.events(code.id)).toEqual(['code.reused'])
    })

    test('a spent code of another client changes nothing', async () => {
      const grant = await newGrant()
      const foreign = aGrant(grant.sessionId, { id: grant.id, clientId: 'birch' })
      expect((await store.grants.redeem(foreign, after(2))).outcome).toBe('used')
      expect(await store.grants.find(grant.id, after(2))).toEqual(grant)
      expect(await place.events(grant.id)).toEqual([])
    })

    test('an expired or unknown session gives nothing', async () => {
      const session = await newSession()
      expect((await store.grants.redeem(aGrant(session.id), after(EIGHT_HOURS))).outcome).toBe(
        'session_ended',
      )
      expect((await store.grants.redeem(aGrant('nobody'), after(1))).outcome).toBe('session_ended')
    })

    test('a statement that fails fails for the item that broke it, not for those beside it', async () => {
      const session = await newSession()
      const broken = aGrant(session.id, { clientId: null as never })
      const results = await Promise.allSettled(
        Array.from({ length: 9 }, (_, n) =>
          store.grants.redeem(n === 4 ? broken : aGrant(session.id), after(1)),
        ),
      )
      expect(results.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1)
      expect(results[4]?.status).toBe('rejected')
      expect(results[5]).toMatchObject({ value: { outcome: 'redeemed' } })
    })

    test('many at once: each gets its own grant, and no two the same index (SL-11)', async () => {
      const sessions = await fifty(() => newSession())
      const grants = await fifty((n) => newGrant({ sessionId: sessions[n]?.id, scope: `scope ${n}` }))
      grants.forEach((grant, n) => {
        expect(grant).toMatchObject({ sessionId: sessions[n]?.id, scope: `scope ${n}` })
      })
      expect(new Set(grants.map(({ index }) => index)).size).toBe(50)
    })
  })
}
