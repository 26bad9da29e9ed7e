import { readAtMost } from './read-at-most.ts'

// Web streams, not node:zlib: the verifier also runs where there is no Node.
type Format = 'deflate' | 'deflate-raw'
type Bytes = Uint8Array<ArrayBuffer>

/** Compresses; `deflate` is the zlib format (RFC 1950), `deflate-raw` the bare one (RFC 1951). */
export async function deflate(bytes: Bytes, format: Format): Promise<Bytes> {
  const deflated = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format))
  return await readAtMost(deflated, Number.POSITIVE_INFINITY)
}

/**
 * Decompresses, and stops once `mostBytes` have come out, so that a small input cannot fill the memory (RFC 8725 §3.6).
 * @throws RangeError beyond `mostBytes`; another Error if the input is not of this format
 */
export async function inflate(bytes: Bytes, format: Format, mostBytes: number): Promise<Bytes> {
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format))
  return await readAtMost(inflated, mostBytes)
}
