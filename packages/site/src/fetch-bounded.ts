import { readAtMost } from '@grove/jwt'
import { tracedFetch } from './traces.ts'

const TIMEOUT_MS = 3_000
const MOST_BYTES = 1_000_000

/**
 * `fetch` from one server to another: the whole answer, a million bytes at most, within three seconds or what `signal` says. `fetch`
 * alone may forget its signal while a body is read (nodejs/undici#4984). Where traces are recorded, the other server is told of the present one.
 * @throws the reason of the signal; RangeError for a larger answer; and what `fetch` throws
 */
export async function fetchBounded(
  url: string | URL,
  init: RequestInit = {},
  get: typeof fetch = tracedFetch(fetch),
): Promise<Response> {
  const signal = init.signal ?? AbortSignal.timeout(TIMEOUT_MS)
  const response = await get(url, { ...init, signal })
  const body = response.body && (await readAtMost(response.body, MOST_BYTES, signal))
  return new Response(body?.length ? body : null, response)
}
