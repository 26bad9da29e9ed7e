import { createHash } from 'node:crypto'
import { encodeStatusList, issue, StatusListToken, type StatusReference } from '@grove/jwt'
import type { GrantStore } from './grants.ts'
import type { Keyring } from './keyring.ts'

// A list has a fixed size, so its end says nothing about how many grants there are; the next million starts the next list.
const LIST_SIZE = 2 ** 20
/** How long a site may use its copy: the longest time from a revocation to its effect where no push arrived. */
export const STATUS_LIST_TTL_SECONDS = 5
// Longer than an access token lives, so that sites can go on with the last list while this server is down.
const LIST_LIFETIME_SECONDS = 900
const SIGN_AGAIN_SECONDS = 60
// Only grants whose last access token may still live need a bit: the list stays tiny at any scale.
const REVOKED_WITHIN_SECONDS = 420

export function statusReference(issuer: string, grantIndex: number): StatusReference {
  return { idx: grantIndex % LIST_SIZE, uri: `${issuer}/status/${Math.floor(grantIndex / LIST_SIZE)}` }
}

/** The grant that a token's status reference stands for. */
export function grantIndexOf({ idx, uri }: StatusReference): number {
  return Number(uri.slice(uri.lastIndexOf('/') + 1)) * LIST_SIZE + idx
}

export interface StatusPublisher {
  /** The signed list number `list` as it is now (Token Status List, draft-21 §5.1). Equal content has an equal `etag`. */
  publish(list: number, now: Date): Promise<{ token: string; etag: string }>
}

export function createStatusPublisher(issuer: string, grants: GrantStore, keyring: Keyring): StatusPublisher {
  const published = new Map<number, { revoked: string; signedAt: number; token: string; etag: string }>()

  return {
    async publish(list, now) {
      const since = new Date(now.getTime() - REVOKED_WITHIN_SECONDS * 1000)
      const indices = await grants.revokedSince(since, list * LIST_SIZE, (list + 1) * LIST_SIZE)
      const revoked = indices.join()
      const last = published.get(list)
      const ageSeconds = (now.getTime() - (last?.signedAt ?? 0)) / 1000
      if (last && last.revoked === revoked && ageSeconds >= 0 && ageSeconds < SIGN_AGAIN_SECONDS) return last

      const lst = await encodeStatusList(
        indices.map((index) => index % LIST_SIZE),
        LIST_SIZE,
      )
      const claims = {
        iss: issuer,
        sub: `${issuer}/status/${list}`,
        ttl: STATUS_LIST_TTL_SECONDS,
        status_list: { bits: 1, lst },
      }
      const token = await issue(StatusListToken, claims, {
        key: keyring.current('ES256'),
        lifetimeSeconds: LIST_LIFETIME_SECONDS,
        now,
      })
      const etag = `"${createHash('sha256').update(token).digest('base64url').slice(0, 22)}"`
      const fresh = { revoked, signedAt: now.getTime(), token, etag }
      if (list < 4096) published.set(list, fresh) // a made-up list number must not fill the memory
      return fresh
    },
  }
}
