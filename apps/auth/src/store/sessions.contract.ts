import { describe, expect, test } from 'vitest'
import {
  after,
  aGrant,
  anAccount,
  aSession,
  EIGHT_HOURS,
  fifty,
  present,
  type Subject,
  T0,
} from './store.fixture.ts'

export function sessionsContract({
  store,
  place,
  accountId,
  newAccount,
  newSession,
  newGrant,
}: Subject): void {
  describe('sessions', () => {
    test('a live session is found with its account; starting it is an event', async () => {
      const session = await newSession()
      const found = await store.sessions.find(session.id, after(1))
      const { accountId: id, passwordHash: _, ...rest } = session
      expect(found).toMatchObject({ ...rest, account: { id, claims: { name: 'Alice' } } })
      expect(await place.events(session.id)).toEqual(['login.succeeded'])
    })

    test('an expired, ended or invented one is not', async () => {
      const session = await newSession()
      expect(await store.sessions.find(session.id, after(EIGHT_HOURS))).toBeUndefined()
      expect(await store.sessions.find('nobody', T0)).toBeUndefined()
      await store.sessions.end(session.id, new Set(), after(1))
      expect(await store.sessions.find(session.id, after(2))).toBeUndefined()
    })

    test('F-84: a text that no name has finds nothing and breaks nothing, also where the database cannot keep it', async () => {
      for (const odd of ['\0', 'a\0b', '\ud800', "'; --", '\\u0000', '$1']) {
        expect(await store.sessions.find(odd, T0)).toBeUndefined()
        expect(await store.grants.find(odd, T0)).toBeUndefined()
        expect(await store.accounts.findByEmail(odd)).toBeUndefined()
        expect((await store.rateLimits.hit(`odd ${odd}`, after(60), T0)).count).toBeGreaterThan(0)
      }
      const claims = { name: 'a\0b \ud800 c' }
      const account = { ...anAccount(), claims }
      await store.accounts.register(account, T0)
      expect((await store.accounts.findByEmail(account.email))?.claims.name).toMatch(/^a.b . c$/su)
    })

    test('F-41: what was ended stays ended when the clock is set back', async () => {
      const session = await newSession()
      const grant = await newGrant({ sessionId: session.id })
      await store.sessions.end(session.id, new Set(), after(3600))
      expect(await store.sessions.find(session.id, after(1))).toBeUndefined()
      expect(await store.grants.find(grant.id, after(1))).toBeUndefined()
      expect((await store.grants.rotate(present(grant, 0), after(1), 10)).outcome).toBe('unknown')
      expect(await store.sessions.renew(session.id, aSession(accountId), after(1))).toBe(false)
    })

    test('many at once: each caller gets its own session', async () => {
      const sessions = await fifty((n) => newSession({ secretHash: `hash ${n}` }))
      const found = await fifty((n) =>
        store.sessions.find(sessions[n]?.id ?? '', n % 2 ? T0 : after(EIGHT_HOURS)),
      )
      found.forEach((session, n) => {
        expect(session?.secretHash).toBe(n % 2 ? `hash ${n}` : undefined)
      })
    })

    test('a renewed session keeps its id; an ended one cannot be renewed', async () => {
      const session = await newSession()
      const renewed = { secretHash: 'new', authenticatedAt: after(60), loginClientId: 'birch' }
      const login = { ...aSession(accountId), ...renewed }
      expect(await store.sessions.renew(session.id, login, after(60))).toBe(true)
      expect(await store.sessions.find(session.id, after(61))).toMatchObject(renewed)
      await store.sessions.end(session.id, new Set(), after(62))
      expect(await store.sessions.renew(session.id, login, after(63))).toBe(false)
      expect(await place.events(session.id)).toEqual(['login.succeeded', 'login.succeeded', 'session.ended'])
    })

    test('ending it revokes its grants and owes a logout to each client of `tell` once', async () => {
      const session = await newSession()
      const grant = await newGrant({ sessionId: session.id })
      await newGrant({ sessionId: session.id })
      await newGrant({ sessionId: session.id, clientId: 'birch' })
      await newGrant({ sessionId: session.id, clientId: 'deaf' })
      const owed = await store.sessions.end(session.id, new Set(['alder', 'birch', 'stranger']), after(2))
      expect(owed.map(({ clientId }) => clientId).sort()).toEqual(['alder', 'birch'])
      expect(owed[0]).toMatchObject({ sessionId: session.id, accountId, attempts: 0 })
      expect((await store.grants.rotate(present(grant, 0), after(3), 10)).outcome).toBe('unknown')
      expect((await store.grants.redeem(aGrant(session.id), after(3))).outcome).toBe('session_ended')
    })

    test('those that live are found one after the other, of an account or of all', async () => {
      const { id: other } = await newAccount()
      const [first, second] = [await newSession({ accountId: other }), await newSession({ accountId: other })]
      const ended = await newSession({ accountId: other })
      await store.sessions.end(ended.id, new Set(), after(2))
      const own = [first.id, second.id].toSorted()
      const living = (from: string, accountId?: string) =>
        store.sessions.living({ accountId, after: from }, after(3))
      expect(await living('', other)).toEqual(own)
      expect(await living(own[0] ?? '', other)).toEqual(own.slice(1))
      const all: string[] = []
      for (let some = await living(''); some.length > 0; some = await living(all.at(-1) ?? ''))
        all.push(...some)
      expect(all).toEqual([...new Set(all)])
      expect(all).toEqual(expect.arrayContaining(own))
      expect(all).not.toContain(ended.id)
      expect(await store.sessions.living({ after: '' }, after(EIGHT_HOURS))).toEqual([])
    })

    test('race: fifty callers end it, one wins', async () => {
      const session = await newSession()
      await newGrant({ sessionId: session.id })
      const owed = await fifty(() => store.sessions.end(session.id, new Set(['alder']), after(2)))
      expect(owed.flat()).toHaveLength(1)
      expect(await place.events(session.id)).toEqual(['login.succeeded', 'session.ended'])
    })

    test('race F-34: a refresh against a logout leaves nothing alive', async () => {
      for (let round = 0; round < 20; round++) {
        const grant = await newGrant()
        const rotate = () => store.grants.rotate(present(grant, 0), after(2), 10)
        const end = () => store.sessions.end(grant.sessionId, new Set(), after(2))
        await Promise.all(round % 2 ? [rotate(), end()] : [end(), rotate()])
        expect(await store.grants.find(grant.id, after(3))).toBeUndefined()
      }
    })
  })
}
