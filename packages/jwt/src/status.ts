import { type Fetched, fetchText, type Kept, keep } from './kept.ts'
import { StatusListToken, type StatusReference } from './kinds.ts'
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
  ttlMs: number
  /** Milliseconds since 1970. */
  expiresAt: number
}

const MOST_BYTES = 6_000_000
const DEFAULT_TTL_MS = 5_000
const LEAST_TTL_MS = 1_000
// Revocations should count soon after the issuer is back.
const LONGEST_BACK_OFF_MS = 1_000
// A list that no token has named for an hour is of no use: access tokens live for minutes.
const UNUSED_MS = 60 * 60_000

/** Keeps the issuer's status lists in memory, so that a check is one bit and never a call (Token Status List, draft-21 §8). */
export function createStatusLists({
  issuer,
  verifier,
  fetch: get = fetch,
  now = () => new Date(),
}: StatusListsOptions): StatusLists {
  const lists = new Map<string, { list: Kept<List>; usedAt: number }>()
  const clock = () => now().getTime()

  async function load(uri: string, last: List | undefined): Promise<Fetched<List>> {
    // "Not modified" cannot prolong a list, so one that has expired is asked for afresh.
    const known = last && last.expiresAt > clock() ? last.etag : null
    const headers = { accept: 'application/statuslist+jwt', ...(known && { 'if-none-match': known }) }
    const { status, text, etag } = await fetchText(get, uri, MOST_BYTES, headers)
    if (status !== 200 && !(known && status === 304)) throw new Error(`the status list answered ${status}`)
    const list = last && status === 304 ? last : { etag, ...(await read(uri, text.trim())) }
    return { value: list, freshMs: list.ttlMs, usableMs: list.expiresAt - clock() }
  }

  async function read(uri: string, text: string): Promise<Omit<List, 'etag'>> {
    const { sub, status_list, ttl, exp } = (await verifier.verify(StatusListToken, text)).claims
    if (sub !== uri) throw new Error('the status list is another one')
    const bytes = await decodeStatusList(status_list.lst, MOST_BYTES)
    const ttlMs = Math.max(LEAST_TTL_MS, ttl === undefined ? DEFAULT_TTL_MS : ttl * 1000)
    return { bytes, bits: status_list.bits, ttlMs, expiresAt: exp * 1000 }
  }

  function listAt(uri: string): Kept<List> {
    const known = lists.get(uri)
    if (known) return known.list
    forgetUnused()
    const rules = { name: 'the status list', now, longestBackOffMs: LONGEST_BACK_OFF_MS }
    const list = keep<List>((last) => load(uri, last), rules)
    lists.set(uri, { list, usedAt: clock() })
    return list
  }

  function forgetUnused(): void {
    for (const [uri, { usedAt }] of lists) if (Math.abs(clock() - usedAt) > UNUSED_MS) lists.delete(uri)
  }

  return {
    peek({ uri, idx }) {
      const kept = lists.get(uri)
      if (!kept) return undefined
      kept.usedAt = clock()
      const list = kept.list.peek()
      if (list) return statusOf(list, idx)
      // A token that was revoked stays so: for that, no list is too old.
      const last = kept.list.last()
      return last && statusOf(last, idx) === 'revoked' ? 'revoked' : undefined
    },
    async check({ uri, idx }) {
      return uri.startsWith(`${issuer}/`) ? statusOf(await listAt(uri).get(), idx) : 'revoked'
    },
    async refresh() {
      forgetUnused()
      await Promise.allSettled([...lists.values()].map(({ list }) => list.renew(true)))
    },
  }
}

// Unknown values and places beyond the end are revoked too (draft-21 §7, §8.3).
function statusOf({ bytes, bits }: List, index: number): TokenStatus {
  return statusAt(bytes, bits, index) === 0 ? 'valid' : 'revoked'
}
