import { isObject } from './claims.ts'
import { KeysUnavailableError } from './errors.ts'
import { importPublicKeys, type KeySet, type KeySource, type NamedKey, select } from './keys.ts'
import { readAtMost } from './read-at-most.ts'

export interface RemoteKeysOptions {
  /** The issuer's JWKS, or who finds its address: https, or http on this very machine. Redirects are not followed. */
  url: string | (() => Promise<string>)
  fetch?: typeof fetch
  now?: () => Date
}

const TIMEOUT_MS = 3_000
const MOST_BYTES = 100_000
const MOST_KEYS = 50
// A removed key is gone from here after twice this time at the latest, as long as the issuer answers.
const FRESH_MS = 5 * 60_000
// How long good tokens still pass when the issuer is down.
const STALE_MS = 60 * 60_000
const COOL_DOWN_MS = 30_000
const LONGEST_BACK_OFF_MS = 30_000
// While nobody can be served the issuer is asked more often: nobody should wait long once it is back.
const LONGEST_BACK_OFF_EMPTY_MS = 2_000
const LOOPBACK = /^(.+\.)?localhost$|^127\.0\.0\.1$|^\[::1\]$/

/**
 * The issuer's published keys (RFC 7517 §5), kept in memory: one fetch at a time; renewed in the background from five minutes on;
 * the last good set serves for an hour while the issuer is down; an unknown `kid` causes one fetch in 30 seconds, however many
 * are sent.
 * @throws TypeError if the address can be spoofed
 */
export function remoteKeys({
  url,
  fetch: get = fetch,
  now = () => new Date(),
}: RemoteKeysOptions): KeySource {
  if (typeof url === 'string') trusted(url)
  let keys: NamedKey[] = []
  let known = ''
  let revision = 0
  let fetchedAt = Number.NEGATIVE_INFINITY
  let failures = 0
  let failedAt = Number.NEGATIVE_INFINITY
  let backOffMs = 0
  let flight: Promise<void> | undefined
  const clock = () => now().getTime()
  // A clock that was set back makes things old, never fresh for ever.
  const since = (moment: number) => Math.abs(clock() - moment)

  async function load(): Promise<void> {
    try {
      const set = await fetchKeySet(trusted(typeof url === 'string' ? url : await url()), get)
      const text = JSON.stringify(set)
      if (text !== known) {
        keys = await importPublicKeys(set)
        known = text
        revision += 1
      }
      fetchedAt = clock()
      failures = 0
      backOffMs = 0
    } catch (cause) {
      failures += 1
      // Jitter keeps many servers from asking in step when the issuer is back.
      const longest = isUsable(since(fetchedAt)) ? LONGEST_BACK_OFF_MS : LONGEST_BACK_OFF_EMPTY_MS
      backOffMs = Math.min(longest, 500 * 2 ** failures) * (0.5 + Math.random() / 2)
      failedAt = clock()
      throw new KeysUnavailableError('the keys of the issuer cannot be had', { cause })
    }
  }

  function refresh(): Promise<void> {
    if (flight) return flight
    if (since(failedAt) < backOffMs) {
      return Promise.reject(new KeysUnavailableError('the keys of the issuer could not be had a moment ago'))
    }
    flight = load().finally(() => {
      flight = undefined
    })
    return flight
  }

  /** Up to date, or the best there is while the issuer is down. */
  function isUsable(age: number): boolean {
    return age <= (failures === 0 ? 2 * FRESH_MS : STALE_MS)
  }

  return {
    revision() {
      const age = since(fetchedAt)
      if (age > FRESH_MS) refresh().catch(() => {}) // what is known serves meanwhile
      return isUsable(age) ? revision : undefined
    },

    async find(wanted) {
      const age = since(fetchedAt)
      if (age > FRESH_MS) {
        const refreshed = refresh()
        if (age > STALE_MS) await refreshed
        else if (isUsable(age)) refreshed.catch(() => {})
        else await refreshed.catch(() => {}) // the last good set still serves
      }
      const found = select(keys, wanted)
      const isNews = found.length === 0 && wanted.kid !== undefined && since(fetchedAt) >= COOL_DOWN_MS
      if (isNews) await refresh()
      return { keys: isNews ? select(keys, wanted) : found, revision }
    },
  }
}

function trusted(url: string): string {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))) return url
  throw new TypeError(`keys come over https or from this machine, not from ${url}`)
}

async function fetchKeySet(url: string, get: typeof fetch): Promise<KeySet> {
  const response = await get(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (response.status !== 200) throw new Error(`the JWKS answered ${response.status}`)
  const jwks: unknown = JSON.parse(await readText(response, MOST_BYTES))
  if (!isObject(jwks) || !Array.isArray(jwks.keys)) throw new Error('the JWKS is not a key set')
  if (jwks.keys.length > MOST_KEYS) throw new Error(`the JWKS holds more than ${MOST_KEYS} keys`)
  return { keys: jwks.keys.filter(isObject) }
}

/** The body as text; stops at `mostBytes`. */
export async function readText(response: Response, mostBytes: number): Promise<string> {
  return response.body ? new TextDecoder().decode(await readAtMost(response.body, mostBytes)) : ''
}
