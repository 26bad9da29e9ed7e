import { expect, test } from 'vitest'
import { after, aGrant, EIGHT_HOURS, type Subject } from './store.fixture.ts'

export function sweepContract({ store, place, newGrant }: Subject): void {
  test('the sweep removes what has ended its life, and nothing earlier', async () => {
    await store.sweep(after(1e9))
    const grant = await newGrant()
    await newGrant({ sessionId: grant.sessionId })
    // A day after its end a code is still known as used.
    const day = 24 * 3600
    expect(await store.sweep(after(EIGHT_HOURS + day))).toBe(0)
    expect((await store.grants.redeem(aGrant(grant.sessionId, { id: grant.id }), after(1))).outcome).toBe(
      'used',
    )
    expect(await store.sweep(after(EIGHT_HOURS + day + 1))).toBe(3)
    expect((await store.grants.redeem(aGrant(grant.sessionId, { id: grant.id }), after(1))).outcome).toBe(
      'session_ended',
    )
    expect(await place.events(grant.sessionId)).toEqual(['login.succeeded'])
    expect(await store.sweep(after(91 * day))).toBeGreaterThan(0)
    expect(await place.events(grant.sessionId)).toEqual([])
  })

  test('SL-11: an index is never given again, also when the grants that had the last ones are gone', async () => {
    const { index } = await newGrant()
    await store.sweep(after(EIGHT_HOURS + 25 * 3600))
    expect(await store.grants.findByIndex(index, after(2))).toBeUndefined()
    const next = await newGrant()
    expect(next.index).toBeGreaterThan(index)
    await store.sweep(after(EIGHT_HOURS + 25 * 3600))
    const later = await place.open()
    await later.close()
    expect((await newGrant()).index).toBeGreaterThan(next.index)
  })

  // The store tells by its own clock what has expired, so these times are real ones.
  test('the sweep removes a used token when it has expired, and not earlier', async () => {
    const soon = Date.now() + 60_000
    await store.sweep(new Date(soon - 1))
    expect(await store.usedTokens.spend('swept', new Date(soon))).toBe(true)
    expect(await store.sweep(new Date(soon - 1))).toBe(0)
    expect(await store.usedTokens.spend('swept', new Date(soon))).toBe(false)
    expect(await store.sweep(new Date(soon))).toBe(1)
    expect(await store.usedTokens.spend('swept', new Date(soon))).toBe(true)
  })
}
