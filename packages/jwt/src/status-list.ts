import { base64url } from 'jose'
import { deflate, inflate } from './streams.ts'

/** Makes the zlib format (RFC 1950). */
export type Compress = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>

/**
 * Token Status List (draft-21) §4.1, one bit an entry: packs the revoked indices of a list of `size` entries. Web streams leave
 * no choice of level; who has a better `compress`, such as node:zlib at its best level, saves up to a fifth.
 * @throws RangeError if an index is outside of the list
 */
export async function encodeStatusList(
  revoked: Iterable<number>,
  size: number,
  compress: Compress = (bytes) => deflate(bytes, 'deflate'),
): Promise<string> {
  const bytes = new Uint8Array(Math.ceil(size / 8))
  for (const index of revoked) {
    if (!Number.isInteger(index) || index < 0 || index >= size)
      throw new RangeError(`index ${index} is outside of a list of ${size}`)
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
  }
  return base64url.encode(await compress(bytes))
}

/**
 * Unpacks `lst`.
 * @throws RangeError when it would be larger than `mostBytes`
 */
export async function decodeStatusList(lst: string, mostBytes: number): Promise<Uint8Array> {
  return await inflate(new Uint8Array(base64url.decode(lst)), 'deflate', mostBytes)
}

/** The status at `index`, `bits` wide (1, 2, 4 or 8), from the least significant bit on; `undefined` beyond the end. */
export function statusAt(list: Uint8Array, bits: number, index: number): number | undefined {
  const byte = list[Math.floor((index * bits) / 8)]
  return byte === undefined ? undefined : (byte >> ((index * bits) % 8)) & (2 ** bits - 1)
}
