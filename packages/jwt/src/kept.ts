import { KeysUnavailableError } from './errors.ts'
import { readAtMost } from './streams.ts'

/** Something of the issuer's that was fetched, and for how long it may be used. */
export interface Fetched<Value> {
  value: Value
  /** Renewed in the background from this age on, in milliseconds. */
  freshMs: number
  /** Until this age it serves while the issuer cannot be had, in milliseconds. */
  usableMs: number
}

/** One thing of the issuer's, held in memory. */
export interface Kept<Value> {
  /** From memory alone; `undefined` when it has to be waited for. What has grown old is renewed in the background. */
  peek(): Value | undefined
  /** What was fetched last, however long ago. */
  last(): Value | undefined
  /** @throws KeysUnavailableError when it cannot be had */
  get(): Promise<Value>
  /**
   * Fetches it again, now; who comes meanwhile waits for the same answer. On a failure the last one stays. `isNews`: also in the
   * pause after a failure.
   * @throws KeysUnavailableError when it cannot be had, or could not be had a moment ago
   */
  renew(isNews?: boolean): Promise<void>
}

// While nobody can be served the issuer is asked more often, so that nobody waits long once it is back.
const LONGEST_BACK_OFF_EMPTY_MS = 2_000
const TIMEOUT_MS = 3_000

/**
 * Keeps what `load` fetches: one flight at a time, renewed in the background, the last good one served while the issuer is down,
 * and after a failure a pause that doubles. A clock that is set back makes things old, never fresh for ever.
 */
export function keep<Value>(
  load: (last: Value | undefined) => Promise<Fetched<Value>>,
  { name, now, longestBackOffMs }: { name: string; now: () => Date; longestBackOffMs: number },
): Kept<Value> {
  let last: (Fetched<Value> & { at: number }) | undefined
  let flight: Promise<void> | undefined
  let failures = 0
  let failedAt = 0
  let backOffMs = 0
  const since = (moment: number) => Math.abs(now().getTime() - moment)
  const age = () => (last ? since(last.at) : Number.POSITIVE_INFINITY)
  const isUsable = () => last !== undefined && age() < last.usableMs

  async function fly(): Promise<void> {
    const at = now().getTime() // an answer that came while this machine slept is as old as its question
    try {
      last = { ...(await load(last?.value)), at }
      failures = 0
    } catch (cause) {
      failures += 1
      failedAt = now().getTime()
      const longest = isUsable() ? longestBackOffMs : Math.min(longestBackOffMs, LONGEST_BACK_OFF_EMPTY_MS)
      // Jitter keeps many servers from asking in step when the issuer is back.
      backOffMs = Math.min(longest, 500 * 2 ** failures) * (0.5 + Math.random() / 2)
      throw new KeysUnavailableError(`${name} cannot be had`, { cause })
    } finally {
      flight = undefined
    }
  }

  async function renew(isNews = false): Promise<void> {
    if (!flight && !isNews && failures > 0 && since(failedAt) < backOffMs)
      throw new KeysUnavailableError(`${name} could not be had a moment ago`)
    flight ??= fly()
    await flight
  }

  function peek(): Value | undefined {
    if (!last || !isUsable()) return undefined
    // Twice its time without an answer: wait for one, unless the issuer is known to be down.
    const mustWait = age() > 2 * last.freshMs && failures === 0
    if (age() > last.freshMs) renew().catch(() => {})
    return mustWait ? undefined : last.value
  }

  async function get(): Promise<Value> {
    const known = peek()
    if (known !== undefined) return known
    let failure: unknown
    try {
      await renew()
      // What came may be of no use any more, if the machine slept under way.
      if (peek() === undefined) await renew()
    } catch (reason) {
      failure = reason
    }
    const fetched = peek() // after a failure too: the last one serves for as long as it may
    if (fetched === undefined) throw failure ?? new KeysUnavailableError(`${name} has ended`)
    return fetched
  }

  return { peek, get, renew, last: () => last?.value }
}

/** A document of the issuer's: no redirect is followed, it is given three seconds, and `mostBytes` are read of it. */
export async function fetchText(
  get: typeof fetch,
  url: string,
  mostBytes: number,
  headers: Record<string, string>,
): Promise<{ status: number; text: string; etag: string | null }> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const { status, body, headers: answered } = await get(url, { headers, redirect: 'error', signal })
  const text = body ? new TextDecoder().decode(await readAtMost(body, mostBytes, signal)) : ''
  return { status, text, etag: answered.get('etag') }
}
