import { describe, expect, test } from 'vitest'
import { decodeStatusList, encodeStatusList, statusAt } from './index.ts'
import { isPresent, read, titled } from './vectors.fixture.ts'

test('what is packed is unpacked (SL-3)', async () => {
  for (const size of [1, 8, 9, 1000, 2 ** 20]) {
    const revoked = [0, Math.floor(size / 2), size - 1]
    const bytes = await decodeStatusList(await encodeStatusList(revoked, size), 2 ** 17)
    expect(bytes).toHaveLength(Math.ceil(size / 8))
    const found = Array.from({ length: size }, (_, idx) => idx).filter((idx) => statusAt(bytes, 1, idx) !== 0)
    expect(found).toEqual([...new Set(revoked)])
  }
  for (const bad of [-1, 8]) await expect(encodeStatusList([bad], 8)).rejects.toThrow(RangeError)
})

interface Vector {
  bits: number
  size: number
  statuses: Record<string, number>
  status_list: { lst: string }
}
interface Short {
  bits: number
  bytes: number[]
  status_list: { lst: string }
}
const encodings = () => read<{ vectors: Vector[]; short: Short[] }>('status-list/encodings.json')

describe.skipIf(!isPresent)(titled("the draft's own lists (SL-3)"), () => {
  test('a million entries: each one that is listed has its status, all others are 0', async () => {
    const { vectors } = encodings()
    for (const { bits, size, statuses, status_list } of vectors) {
      const bytes = await decodeStatusList(status_list.lst, (size * bits) / 8)
      const found: Record<string, number> = {}
      for (let idx = 0; idx < size; idx++) {
        const status = statusAt(bytes, bits, idx)
        if (status) found[idx] = status
      }
      expect(found).toEqual(statuses)
      expect(statusAt(bytes, bits, size)).toBeUndefined()
    }
    console.info('status lists of a million entries:', vectors.length)
    expect(vectors.length).toBeGreaterThan(1)
  })

  test('short lists are decoded, and those of one bit encoded again', async () => {
    const { short } = encodings()
    for (const { bits, bytes, status_list } of short) {
      expect([...(await decodeStatusList(status_list.lst, 100))]).toEqual(bytes)
      if (bits !== 1) continue
      const set = Array.from({ length: bytes.length * 8 }, (_, idx) => idx)
      const revoked = set.filter((idx) => ((bytes[idx >> 3] ?? 0) >> (idx & 7)) & 1)
      const again = await encodeStatusList(revoked, bytes.length * 8)
      expect([...(await decodeStatusList(again, 100))]).toEqual(bytes)
    }
    console.info('short status lists:', short.length)
    expect(short.filter(({ bits }) => bits === 1).length).toBeGreaterThan(0)
    expect(short.length).toBeGreaterThan(1)
  })
})
