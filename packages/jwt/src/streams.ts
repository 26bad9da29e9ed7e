// Web streams, not node:zlib: the module also runs where there is no Node.
type Bytes = Uint8Array<ArrayBuffer>
type Format = 'deflate' | 'deflate-raw'

/**
 * The whole of a stream. Stops once more than `mostBytes` have come, whatever was announced, and when `signal` says so: `fetch`
 * alone may forget its signal while a body is read (nodejs/undici#4984).
 * @throws RangeError beyond `mostBytes`; the reason of `signal`
 */
export async function readAtMost(
  stream: ReadableStream<Bytes>,
  mostBytes: number,
  signal?: AbortSignal,
): Promise<Bytes> {
  const chunks: Bytes[] = []
  const reader = stream.getReader()
  const stop = () => void reader.cancel(signal?.reason).catch(() => {})
  if (signal?.aborted) stop()
  else signal?.addEventListener('abort', stop)
  for (let left = mostBytes; ; ) {
    const { done, value } = await reader.read()
    signal?.throwIfAborted()
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer())
    left -= value.byteLength
    if (left < 0) {
      await reader.cancel()
      throw new RangeError(`the content is larger than ${mostBytes} bytes`)
    }
    chunks.push(value)
  }
}

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
