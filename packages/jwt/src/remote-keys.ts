import { isObject } from './claims.ts'
import { fetchText, keep } from './kept.ts'
import { importPublicKeys, type KeySet, type KeySource, type NamedKey, select } from './keys.ts'

export interface RemoteKeysOptions {
  /** The issuer's JWKS, or who finds its address: https, or http on this very machine. Redirects are not followed. */
  url: string | (() => Promise<string>)
  fetch?: typeof fetch
  now?: () => Date
}

interface Keys {
  keys: NamedKey[]
  revision: number
  /** What they were made from. */
  text: string
}

const MOST_BYTES = 100_000
const MOST_KEYS = 50
// A removed key is gone from here after twice this time at the latest, as long as the issuer answers.
const FRESH_MS = 5 * 60_000
// How long good tokens still pass when the issuer is down.
const USABLE_MS = 60 * 60_000
const LONGEST_BACK_OFF_MS = 30_000
const COOL_DOWN_MS = 30_000
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

  async function load(last: Keys | undefined) {
    const set = await fetchKeySet(trusted(typeof url === 'string' ? url : await url()), get)
    const text = JSON.stringify(set)
    const value =
      last?.text === text
        ? last
        : { text, keys: await importPublicKeys(set), revision: (last?.revision ?? 0) + 1 }
    return { value, freshMs: FRESH_MS, usableMs: USABLE_MS }
  }
  let lookedAt = Number.NEGATIVE_INFINITY
  const kept = keep(load, { name: 'the keys of the issuer', now, longestBackOffMs: LONGEST_BACK_OFF_MS })

  return {
    revision: () => kept.peek()?.revision,
    async find(wanted) {
      const isFirst = kept.last() === undefined
      const known = await kept.get()
      const keys = select(known.keys, wanted)
      const hasJustLooked = isFirst || Math.abs(now().getTime() - lookedAt) < COOL_DOWN_MS
      if (keys.length > 0 || wanted.kid === undefined || hasJustLooked)
        return { keys, revision: known.revision }
      // However fresh the keys are: an issuer may change them just before it signs.
      await kept.renew()
      lookedAt = now().getTime()
      const { keys: renewed, revision } = await kept.get()
      return { keys: select(renewed, wanted), revision }
    },
  }
}

function trusted(url: string): string {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))) return url
  throw new TypeError(`keys come over https or from this machine, not from ${url}`)
}

async function fetchKeySet(url: string, get: typeof fetch): Promise<KeySet> {
  const { status, text } = await fetchText(get, url, MOST_BYTES, {
    accept: 'application/jwk-set+json, application/json',
  })
  if (status !== 200) throw new Error(`the JWKS answered ${status}`)
  const jwks: unknown = JSON.parse(text)
  if (!isObject(jwks) || !Array.isArray(jwks.keys)) throw new Error('the JWKS is not a key set')
  if (jwks.keys.length > MOST_KEYS) throw new Error(`the JWKS holds more than ${MOST_KEYS} keys`)
  return { keys: jwks.keys.filter(isObject) }
}
