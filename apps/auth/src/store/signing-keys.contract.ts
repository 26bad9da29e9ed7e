import { describe, expect, test } from 'vitest'
import { after, aKey, fifty, type Subject } from './store.fixture.ts'

export function signingKeysContract({ store, place }: Subject): void {
  describe('signing keys', () => {
    test('a withdrawn key is gone from any state, with its event, and another takes its place in the same step', async () => {
      const [current, next] = [aKey({ algorithm: 'HS256', state: 'current' }), aKey({ algorithm: 'HS256' })]
      await store.keys.apply([current, next].map((key) => ({ change: 'add', key })))
      const changes = [
        { change: 'withdraw', keyId: current.id, at: after(1) },
        { change: 'promote', keyId: next.id, at: after(1) },
      ] as const
      const won = await fifty(() => store.keys.apply([...changes]))
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(await place.events(current.id)).toEqual(['key.created', 'key.withdrawn'])
      const left = (await store.keys.all()).filter(({ algorithm }) => algorithm === 'HS256')
      expect(left.map(({ id, state }) => [id, state])).toEqual([[next.id, 'current']])
      expect(await store.keys.apply([{ change: 'withdraw', keyId: next.id, at: after(2) }])).toBe(true)
    })

    test('a key goes from next to current to retiring to nothing, with its events', async () => {
      const key = aKey({ algorithm: 'RS256' })
      const find = async () => (await store.keys.all()).find(({ id }) => id === key.id)
      expect(await store.keys.apply([{ change: 'add', key }])).toBe(true)
      expect(await find()).toEqual(key)
      const move = (change: 'promote' | 'retire' | 'drop', at: Date) =>
        store.keys.apply([{ change, keyId: key.id, at }])
      expect(await move('retire', after(1))).toBe(false)
      expect(await move('promote', after(2))).toBe(true)
      expect(await move('promote', after(3))).toBe(false)
      expect(await find()).toEqual({ ...key, state: 'current', since: after(2) })
      expect(await move('retire', after(4))).toBe(true)
      expect(await move('drop', after(5))).toBe(true)
      expect(await find()).toBeUndefined()
      expect(await place.events(key.id)).toEqual([
        'key.created',
        'key.promoted',
        'key.retired',
        'key.dropped',
      ])
    })

    test('all changes or none', async () => {
      const [first, second] = [aKey({ algorithm: 'Ed25519' }), aKey({ algorithm: 'Ed25519' })]
      expect(
        await store.keys.apply([
          { change: 'add', key: first },
          { change: 'add', key: second },
        ]),
      ).toBe(false)
      expect((await store.keys.all()).filter(({ algorithm }) => algorithm === 'Ed25519')).toEqual([])
      expect(await place.events(first.id)).toEqual([])
    })

    test('race: fifty rotate at once, there is one current and one next key', async () => {
      const won = await fifty(() => store.keys.apply([{ change: 'add', key: aKey({ state: 'current' }) }]))
      expect(won.filter(Boolean)).toHaveLength(1)
      await store.keys.apply([{ change: 'add', key: aKey() }])
      const keys = (await store.keys.all()).filter(({ algorithm }) => algorithm === 'ES256')
      const id = (state: string) => keys.find((key) => key.state === state)?.id ?? ''
      const rotated = await fifty(() =>
        store.keys.apply([
          { change: 'retire', keyId: id('current'), at: after(1) },
          { change: 'promote', keyId: id('next'), at: after(1) },
          { change: 'add', key: aKey({ since: after(1) }) },
        ]),
      )
      expect(rotated.filter(Boolean)).toHaveLength(1)
      const states = (await store.keys.all()).filter(({ algorithm }) => algorithm === 'ES256')
      expect(states.map(({ state }) => state).sort()).toEqual(['current', 'next', 'retiring'])
    })
  })
}
