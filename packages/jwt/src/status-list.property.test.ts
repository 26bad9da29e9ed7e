import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeStatusList, encodeStatusList, statusAt } from './index.ts'
import { segment } from './issuer.fixture.ts'

// The seed is stated, so that what fails once fails again.
const SEED = 1950
const RUNS = 300

const entries = fc.array(fc.boolean(), { minLength: 1, maxLength: 3_000, size: 'max' })
const MOST_BYTES = 375

test('any set of indices is packed and unpacked: those are revoked, and no other (SL-3)', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(entries, async (isRevoked) => {
      const revoked = isRevoked.flatMap((is, idx) => (is ? [idx] : []))
      const list = await decodeStatusList(await encodeStatusList(revoked, isRevoked.length), MOST_BYTES)
      expect(list).toHaveLength(Math.ceil(isRevoked.length / 8))
      expect(isRevoked.map((_, idx) => statusAt(list, 1, idx) === 1)).toEqual(isRevoked)
    }),
    { seed: SEED, numRuns: RUNS },
  )
})

/** The draft's packing, drawn as text: bit 0 of the first byte is the first digit. */
function drawn(statuses: number[], bits: number): Uint8Array {
  const digits = statuses
    .map((status) => [...status.toString(2).padStart(bits, '0')].reverse().join(''))
    .join('')
  const bytes = digits.match(/.{1,8}/g) ?? []
  return Uint8Array.from(bytes, (byte) => Number.parseInt([...byte.padEnd(8, '0')].reverse().join(''), 2))
}

test.each([1, 2, 4, 8])(
  'a status of %d bits is read where it was drawn, and none beyond the end (SL-3, SL-6)',
  { timeout: 60_000 },
  (bits) => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** bits - 1), { size: 'max', maxLength: 200 }), (statuses) => {
        const list = drawn(statuses, bits)
        expect(statuses.map((_, idx) => statusAt(list, bits, idx))).toEqual(statuses)
        const places = (list.length * 8) / bits
        const beyond = [places, places + 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]
        expect(beyond.map((idx) => statusAt(list, bits, idx))).toEqual(beyond.map(() => undefined))
      }),
      { seed: SEED, numRuns: RUNS },
    )
  },
)

// Lists, lists with something done to them, bytes that are no list, and text that is not even bytes.
const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 })
const packed = fc
  .tuple(bytes, fc.oneof(fc.nat(1_000), fc.nat(100_000)))
  .map(([part, length]) => new Uint8Array(deflateSync(Buffer.alloc(length, part))))
const spoiled = fc
  .tuple(packed, fc.nat(), fc.nat(255))
  .map(([good, at, byte]) => good.with(at % good.length, byte))
const cut = fc.tuple(packed, fc.nat()).map(([good, at]) => good.subarray(0, at % good.length))
const lists = fc.oneof(
  packed.map(segment),
  fc.oneof(spoiled, cut, bytes).map(segment),
  fc.string({ unit: 'binary' }),
)

test('a list of just as many bytes as may is unpacked, one of a byte more is not (SL-9)', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(bytes, async (list) => {
      const lst = segment(new Uint8Array(deflateSync(list)))
      expect(await decodeStatusList(lst, list.length)).toEqual(list)
      await expect(decodeStatusList(lst, list.length - 1)).rejects.toThrow(RangeError)
    }),
    { seed: SEED, numRuns: RUNS / 3 },
  )
})

test('whatever is unpacked, at most as many bytes come out as may, or an error (SL-9)', {
  timeout: 60_000,
}, async () => {
  const ends = { unpacked: 0, tooLarge: 0, broken: 0 }
  await fc.assert(
    fc.asyncProperty(lists, fc.nat(2_000), async (lst, most) => {
      const result = await decodeStatusList(lst, most).catch((error: unknown) => error)
      if (result instanceof Uint8Array) {
        expect(result.length).toBeLessThanOrEqual(most)
        ends.unpacked += 1
      } else {
        expect(result).toBeInstanceOf(Error)
        ends[result instanceof RangeError ? 'tooLarge' : 'broken'] += 1
      }
    }),
    { seed: SEED, numRuns: 2 * RUNS },
  )
  expect(Math.min(...Object.values(ends))).toBeGreaterThan(RUNS / 6)
})
