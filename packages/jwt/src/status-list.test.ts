import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeStatusList, encodeStatusList, statusAt } from './index.ts'

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

const file = new URL('../../../../shared/vectors/status-list/encodings.json', import.meta.url)
const reason = existsSync(file) ? '' : ' (skipped: the vectors are not beside this repository)'
describe.skipIf(reason)(`the draft's own test vectors (SL-3)${reason}`, () => {
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
  const { vectors, short }: { vectors: Vector[]; short: Short[] } = reason
    ? { vectors: [], short: [] }
    : JSON.parse(readFileSync(file, 'utf8'))

  test(`${vectors.length} lists of a million entries`, async () => {
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
  })

  test(`${short.length} short lists, decoded, and the one-bit ones encoded again`, async () => {
    for (const { bits, bytes, status_list } of short) {
      expect([...(await decodeStatusList(status_list.lst, 100))]).toEqual(bytes)
      if (bits !== 1) continue
      const set = Array.from({ length: bytes.length * 8 }, (_, idx) => idx)
      const revoked = set.filter((idx) => ((bytes[idx >> 3] ?? 0) >> (idx & 7)) & 1)
      const again = await encodeStatusList(revoked, bytes.length * 8)
      expect([...(await decodeStatusList(again, 100))]).toEqual(bytes)
    }
  })
})
