import { describe, expect, test } from 'vitest'
import { after, fifty, type Subject, T0 } from './store.fixture.ts'

export function rateLimitsContract({ store, place }: Subject): void {
  describe('rate limits', () => {
    const hit = (key: string, seconds: number, window = 60) =>
      store.rateLimits.hit(key, after(seconds + window), after(seconds))

    test('each try is told its number and the end of its window, which the next does not move', async () => {
      expect(await hit('one', 0)).toEqual({ count: 1, endsAt: after(60) })
      expect(await hit('one', 30)).toEqual({ count: 2, endsAt: after(60) })
      expect(await hit('another', 30)).toEqual({ count: 1, endsAt: after(90) })
      expect(await hit('one', 60)).toEqual({ count: 1, endsAt: after(120) })
    })

    test('what is forgiven is taken back, and never below nothing', async () => {
      await hit('forgiven', 0)
      await hit('forgiven', 0)
      await store.rateLimits.forgive('forgiven')
      expect((await hit('forgiven', 1)).count).toBe(2)
      for (let n = 0; n < 5; n++) await store.rateLimits.forgive('forgiven')
      expect((await hit('forgiven', 1)).count).toBe(1)
      await store.rateLimits.forgive('nothing')
    })

    test('F-75: a clock that was ahead for a while resets no count, and leaves no window longer than it is', async () => {
      await hit('jump', 3_600)
      expect(await hit('jump', 0)).toEqual({ count: 2, endsAt: after(60) })
      expect((await hit('jump', -3_600)).count).toBe(3)
    })

    test('race F-72: of fifty tries at once, on two connections, each has a number of its own', async () => {
      const other = await place.open()
      const counts = await fifty(async (n) => {
        const { rateLimits } = n % 2 ? store : other
        return (await rateLimits.hit('race', after(60), T0)).count
      })
      expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
      await other.close()
    })
  })
}
