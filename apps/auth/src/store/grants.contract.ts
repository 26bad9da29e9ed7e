import { describe, expect, test } from 'vitest'
import { after, EIGHT_HOURS, fifty, type Subject } from './store.fixture.ts'

export function grantsContract({ store, place, newGrant }: Subject): void {
  describe('grants', () => {
    test('a live grant is found by id and by index', async () => {
      const grant = await newGrant()
      expect(await store.grants.find(grant.id, after(2))).toEqual(grant)
      expect(await store.grants.findByIndex(grant.index, after(2))).toEqual(grant)
      expect(await store.grants.findByIndex(grant.index, after(EIGHT_HOURS))).toBeUndefined()
      expect(await store.grants.findByIndex(grant.index + 1, after(2))).toBeUndefined()
    })

    test('its client revokes it once, another client never', async () => {
      const grant = await newGrant()
      expect(await store.grants.revoke(grant.id, 'birch', after(2))).toBe(false)
      const won = await fifty(() => store.grants.revoke(grant.id, 'alder', after(2)))
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(await store.grants.find(grant.id, after(2))).toBeUndefined()
      expect(await place.events(grant.id)).toEqual(['grant.revoked'])
    })

    test('those of a client that live are found one after the other', async () => {
      const [first, second] = [await newGrant({ clientId: 'rowan' }), await newGrant({ clientId: 'rowan' })]
      const gone = await newGrant({ clientId: 'rowan' })
      await store.grants.revoke(gone.id, 'rowan', after(2))
      const living = (from: number) => store.grants.living({ clientId: 'rowan', after: from }, after(3))
      const all = [first, second].map(({ index, sessionId }) => ({ index, sessionId }))
      expect(await living(0)).toEqual(all)
      expect(await living(first.index)).toEqual(all.slice(1))
      expect(await living(second.index)).toEqual([])
    })

    test('the status list gets the indices revoked since a time, within its range', async () => {
      const [early, late, alive] = [await newGrant(), await newGrant(), await newGrant()]
      await store.grants.revoke(early.id, 'alder', after(5000))
      await store.grants.revoke(late.id, 'alder', after(5060))
      const all = Number.MAX_SAFE_INTEGER
      expect((await store.grants.revokedSince(after(5000), early.index, all)).sort()).toEqual(
        [early.index, late.index].sort(),
      )
      expect(await store.grants.revokedSince(after(5001), 0, all)).toEqual([late.index])
      expect(await store.grants.revokedSince(after(5000), late.index, alive.index)).toEqual([late.index])
      expect(await store.grants.revokedSince(after(5000), 0, early.index)).toEqual([])
    })
  })
}
