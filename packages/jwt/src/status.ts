import { KeysUnavailableError } from './errors.ts'
import { StatusListToken, type StatusReference } from './kinds.ts'
import { readText } from './remote-keys.ts'
import { decodeStatusList, statusAt } from './status-list.ts'
import type { Verifier } from './verify.ts'

export type TokenStatus = 'valid' | 'revoked'

export interface StatusLists {
  /** The bit, from memory alone; `undefined` when the list has to be fetched first. */
  peek(reference: StatusReference): TokenStatus | undefined
  /**
   * The bit. While the issuer is down the last list serves until it expires.
   * @throws KeysUnavailableError when no list can be had
   */
  check(reference: StatusReference): Promise<TokenStatus>
  /** Fetches every list in use again, now; on a failure the last one stays. Never throws. */
  refresh(): Promise<void>
  /** When the issuer last answered. */
  readonly lastContactAt: Date | undefined
}

export interface StatusListsOptions {
  /** Lists are taken from below this address only. */
  issuer: string
  /** Of the same issuer; its own `status` is `unchecked`, for nothing revokes a list. */
  verifier: Verifier
  fetch?: typeof fetch
  now?: () => Date
}

interface List {
  bytes: Uint8Array
  bits: number
  etag: string | null
  /** Milliseconds. */
  fetchedAt: number
  ttl: number
  expiresAt: number
  usedAt: number
}

const TIMEOUT_MS = 3_000
const MOST_BYTES = 6_000_000
const DEFAULT_TTL_MS = 5_000
const LEAST_TTL_MS = 1_000
const FAILURE_REMEMBERED_MS = 1_000
// A list that no token has named for an hour is of no use: access tokens live for minutes.
const UNUSED_MS = 60 * 60_000

/** Keeps the issuer's status lists in memory, so that a check is one bit and never a call (Token Status List, draft-21 §8). */
export function createStatusLists({
  issuer,
  verifier,
  fetch: get = fetch,
  now = () => new Date(),
}: StatusListsOptions): StatusLists {
  const lists = new Map<string, List>()
  const flights = new Map<string, Promise<void>>()
  const failedAt = new Map<string, number>()
  let lastContactAt: Date | undefined
  const clock = () => now().getTime()
  // A clock that was set back makes things old, never fresh for ever.
  const since = (moment = Number.NEGATIVE_INFINITY) => Math.abs(clock() - moment)

  async function load(uri: string): Promise<void> {
    const last = lists.get(uri)
    // "Not modified" cannot prolong a list, so one that has expired is asked for afresh.
    const etag = last && last.expiresAt > clock() ? last.etag : null
    try {
      const response = await get(uri, {
        headers: { accept: 'application/statuslist+jwt', ...(etag && { 'if-none-match': etag }) },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      if (last && etag && response.status === 304) last.fetchedAt = clock()
      else lists.set(uri, await read(uri, response, last?.usedAt ?? clock()))
      failedAt.delete(uri)
      lastContactAt = now()
    } catch (error) {
      failedAt.set(uri, clock())
      throw error
    }
  }

  async function read(uri: string, response: Response, usedAt: number): Promise<List> {
    if (response.status !== 200) throw new Error(`the status list answered ${response.status}`)
    const text = (await readText(response, MOST_BYTES)).trim()
    const { claims } = await verifier.verify(StatusListToken, text)
    if (claims.sub !== uri) throw new Error('the status list is another one')
    const { bits, lst } = claims.status_list
    return {
      bytes: await decodeStatusList(lst, MOST_BYTES),
      bits,
      etag: response.headers.get('etag'),
      fetchedAt: clock(),
      ttl: Math.max(LEAST_TTL_MS, claims.ttl === undefined ? DEFAULT_TTL_MS : claims.ttl * 1000),
      expiresAt: claims.exp * 1000,
      usedAt,
    }
  }

  function fetchOnce(uri: string): Promise<void> {
    const flight = flights.get(uri) ?? load(uri).finally(() => flights.delete(uri))
    flights.set(uri, flight)
    return flight
  }

  const failedJustNow = (uri: string) => since(failedAt.get(uri)) < FAILURE_REMEMBERED_MS

  function forgetUnused(): void {
    for (const [uri, list] of lists) if (since(list.usedAt) > UNUSED_MS) lists.delete(uri)
  }

  function peek({ uri, idx }: StatusReference): TokenStatus | undefined {
    const list = lists.get(uri)
    const moment = clock()
    if (!list || list.expiresAt <= moment) return undefined
    list.usedAt = moment
    const age = Math.abs(moment - list.fetchedAt)
    if (age > list.ttl) {
      // Two periods without an answer: wait for one, unless the issuer is known to be down.
      if (age > 2 * list.ttl && !failedAt.has(uri)) return undefined
      if (!failedJustNow(uri)) fetchOnce(uri).catch(() => {})
    }
    return statusAt(list.bytes, list.bits, idx) === 0 ? 'valid' : 'revoked' // unknown values and places beyond the end too
  }

  return {
    peek,

    async check(reference) {
      const { uri } = reference
      if (!uri.startsWith(`${issuer}/`)) return 'revoked'
      const known = peek(reference)
      if (known) return known
      if (failedJustNow(uri)) throw new KeysUnavailableError('the status list could not be had a moment ago')
      forgetUnused()
      let cause: unknown
      await fetchOnce(uri).catch((error) => {
        cause = error
      })
      const fetched = peek(reference) // after a failure too: the last list serves until it expires
      if (!fetched) throw new KeysUnavailableError('the status list cannot be had', { cause })
      return fetched
    },

    async refresh() {
      forgetUnused()
      await Promise.allSettled([...lists.keys()].map(fetchOnce))
    },

    get lastContactAt() {
      return lastContactAt
    },
  }
}
