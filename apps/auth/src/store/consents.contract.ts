import { describe, expect, test } from 'vitest'
import { after, fifty, type Subject, T0 } from './store.fixture.ts'

export function consentsContract({
  store,
  place,
  accountId,
  newAccount,
  newSession,
  newGrant,
}: Subject): void {
  describe('consents', () => {
    const allow = (clientId: string, scope: string, at = T0) =>
      store.consents.allow(accountId, clientId, scope, at)

    test('what was allowed is found, and a later answer adds to it', async () => {
      expect(await store.consents.find(accountId, 'oak')).toBeUndefined()
      await allow('oak', 'openid email')
      await allow('oak', 'openid phone', after(1))
      expect(await store.consents.find(accountId, 'oak')).toEqual({
        clientId: 'oak',
        scope: 'openid email phone',
        at: after(1),
      })
      expect(await store.consents.find((await newAccount()).id, 'oak')).toBeUndefined()
      expect((await store.consents.ofAccount(accountId)).map(({ clientId }) => clientId)).toContain('oak')
      expect(await place.events('oak')).toEqual(['consent.given', 'consent.given'])
    })

    test('RT-8 withdrawing revokes every grant of that client and account, and owes it a logout for each session', async () => {
      await allow('pine', 'openid')
      const [one, two] = [await newGrant({ clientId: 'pine' }), await newGrant({ clientId: 'pine' })]
      const again = await newGrant({ clientId: 'pine', sessionId: two.sessionId })
      const others = [
        await newGrant({ clientId: 'alder', sessionId: one.sessionId }),
        await newGrant({
          clientId: 'pine',
          sessionId: (await newSession({ accountId: (await newAccount()).id })).id,
        }),
      ]
      expect(await store.consents.withdraw(accountId, 'pine', new Set(['pine']), after(2))).toBe(true)
      expect(await store.consents.find(accountId, 'pine')).toBeUndefined()
      for (const { id } of [one, two, again]) {
        expect(await store.grants.find(id, after(3))).toBeUndefined()
        expect(await place.events(id)).toEqual(['grant.revoked'])
      }
      for (const { id } of others) expect(await store.grants.find(id, after(3))).toBeDefined()
      for (const { sessionId } of [one, two])
        expect(await store.logouts.ofSession(sessionId)).toEqual([{ clientId: 'pine', delivered: false }])
      expect((await place.events('pine')).filter((type) => type.startsWith('consent'))).toEqual([
        'consent.given',
        'consent.withdrawn',
      ])
      expect(await store.consents.withdraw(accountId, 'pine', new Set(['pine']), after(3))).toBe(false)
    })

    test('race: fifty answers at once keep every scope, and fifty withdraw once', async () => {
      await fifty((n) => allow('rowan', `openid s${n}`))
      const consent = await store.consents.find(accountId, 'rowan')
      expect(consent?.scope.split(' ')).toHaveLength(51)
      const won = await fifty(() => store.consents.withdraw(accountId, 'rowan', new Set(), after(1)))
      expect(won.filter(Boolean)).toHaveLength(1)
    })
  })
}
