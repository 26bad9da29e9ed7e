import { describe, expect, test } from 'vitest'
import { after, EIGHT_HOURS, fifty, present, type Subject } from './store.fixture.ts'

export function refreshTokensContract({ store, place, newGrant }: Subject): void {
  describe('rotating a refresh token', () => {
    test('each rotation is the next generation and leaves the rest as it is', async () => {
      const grant = await newGrant()
      const first = await store.grants.rotate(present(grant, 0), after(10), 10)
      expect(first).toEqual({ outcome: 'rotated', grant: { ...grant, generation: 1 } })
      const second = await store.grants.rotate(present(grant, 1), after(20), 10)
      expect(second).toEqual({ outcome: 'rotated', grant: { ...grant, generation: 2 } })
    })

    test('race F-33: fifty callers inside the grace get one successor; one after it ends the grant', async () => {
      const grant = await newGrant()
      const results = await fifty(() => store.grants.rotate(present(grant, 0), after(10), 10))
      expect(results.filter(({ outcome }) => outcome === 'rotated')).toHaveLength(1)
      expect(results.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(49)
      for (const result of results) expect(result).toMatchObject({ grant: { ...grant, generation: 1 } })
      expect(await store.grants.rotate(present(grant, 0), after(20), 10)).toEqual({ outcome: 'reused' })
      expect(await store.grants.find(grant.id, after(20))).toBeUndefined()
      expect((await store.grants.rotate(present(grant, 1), after(20), 10)).outcome).toBe('unknown')
      expect(await place.events(grant.id)).toEqual(['refresh.reused'])
    })

    test('race F-32: without a grace one caller gets a successor and the grant ends', async () => {
      const grant = await newGrant()
      const results = await fifty(() => store.grants.rotate(present(grant, 0), after(10), 0))
      const outcomes = results.map(({ outcome }) => outcome)
      expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'reused')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'unknown')).toHaveLength(48)
      expect(await store.grants.find(grant.id, after(10))).toBeUndefined()
      expect(await place.events(grant.id)).toEqual(['refresh.reused'])
    })

    test('two generations back is reuse, however soon', async () => {
      const grant = await newGrant()
      await store.grants.rotate(present(grant, 0), after(10), 10)
      await store.grants.rotate(present(grant, 1), after(10), 10)
      expect((await store.grants.rotate(present(grant, 0), after(10), 10)).outcome).toBe('reused')
    })

    test('F-41: a clock that was set back does not stretch the grace', async () => {
      const grant = await newGrant()
      await store.grants.rotate(present(grant, 0), after(3600), 10)
      expect((await store.grants.rotate(present(grant, 0), after(5), 10)).outcome).toBe('reused')
    })

    test('another client, a generation to come, an unknown or expired grant: unknown and untouched', async () => {
      const grant = await newGrant()
      const rotate = (over: object, now = after(10)) =>
        store.grants.rotate({ ...present(grant, 0), ...over }, now, 10)
      expect((await rotate({ clientId: 'birch' })).outcome).toBe('unknown')
      expect((await rotate({ generation: 1 })).outcome).toBe('unknown')
      expect((await rotate({ grantId: 'nobody' })).outcome).toBe('unknown')
      expect((await rotate({}, after(EIGHT_HOURS))).outcome).toBe('unknown')
      expect(await store.grants.find(grant.id, after(10))).toEqual(grant)
      await rotate({})
      expect((await rotate({ clientId: 'birch' }, after(11))).outcome).toBe('unknown')
      expect((await rotate({ clientId: 'birch' }, after(60))).outcome).toBe('unknown')
      expect(await store.grants.find(grant.id, after(60))).toMatchObject({ generation: 1 })
      expect(await place.events(grant.id)).toEqual([])
    })
  })
}
