import { base64url } from 'jose'
import { issue } from './issue.ts'
import type { SigningKey } from './keys.ts'
import { StatusListToken } from './kinds.ts'
import { type Compress, encodeStatusList } from './status-list.ts'

export interface StatusPublisherOptions {
  issuer: string
  /** The key that signs now. */
  key: () => SigningKey
  /** Entries of each list. Fixed, so that the end of a list says nothing about how many tokens there are. */
  size: number
  /** How long a copy may be used before it is fetched again: the longest way from a revocation to its effect. */
  ttlSeconds: number
  /** How long a copy serves while the issuer is down: longer than a token of the list lives. */
  lifetimeSeconds: number
  compress?: Compress
}

export interface PublishedList {
  /** The signed list, to be served as `application/statuslist+jwt`. */
  token: string
  /** Changes with the token, and only with it. */
  etag: string
}

export interface StatusPublisher {
  /**
   * The list at `uri` in which these indices are revoked (Token Status List, draft-21 §5.1). As long as they are the same it is
   * the same text, signed anew once a minute.
   * @throws RangeError if an index is outside of the list
   */
  publish(uri: string, revoked: readonly number[], now: Date): Promise<PublishedList>
}

const SIGN_AGAIN_MS = 60_000
const MOST_KEPT = 256

/** Signs status lists, and keeps what it signed for as long as it is true. */
export function createStatusPublisher(options: StatusPublisherOptions): StatusPublisher {
  const { issuer, key, size, ttlSeconds, lifetimeSeconds, compress } = options
  const kept = new Map<string, PublishedList & { revoked: string; signedAt: number }>()

  return {
    async publish(uri, revoked, now) {
      const content = revoked.join()
      const last = kept.get(uri)
      const age = now.getTime() - (last?.signedAt ?? 0)
      if (last?.revoked === content && age >= 0 && age < SIGN_AGAIN_MS) return last

      const status_list = { bits: 1, lst: await encodeStatusList(revoked, size, compress) }
      const claims = { iss: issuer, sub: uri, ttl: ttlSeconds, status_list }
      const token = await issue(StatusListToken, claims, { key: key(), lifetimeSeconds, now })
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
      const etag = `"${base64url.encode(new Uint8Array(digest, 0, 16))}"`
      const list = { token, etag, revoked: content, signedAt: now.getTime() }
      const [oldest = uri] = kept.keys()
      if (kept.size >= MOST_KEPT) kept.delete(oldest) // names that were made up must not fill the memory
      kept.set(uri, list)
      return list
    },
  }
}
