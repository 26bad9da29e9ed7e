import { promisify } from 'node:util'
import { deflate, type ZlibOptions } from 'node:zlib'
import { createStatusPublisher, type PublishedList, type StatusReference } from '@grove/jwt'
import type { GrantStore } from './grants.ts'
import type { Keyring } from './keyring.ts'

// A list has a fixed size, so its end says nothing about how many grants there are; the next million starts the next list.
const LIST_SIZE = 2 ** 20
/** How long a site may use its copy: the longest time from a revocation to its effect where no push arrived. */
export const STATUS_LIST_TTL_SECONDS = 5
// Longer than an access token lives, so that sites can go on with the last list while this server is down.
const LIST_LIFETIME_SECONDS = 900
// Only grants whose last access token may still live need a bit: the list stays tiny at any scale.
const REVOKED_WITHIN_SECONDS = 420

export function statusReference(issuer: string, grantIndex: number): StatusReference {
  return { idx: grantIndex % LIST_SIZE, uri: `${issuer}/status/${Math.floor(grantIndex / LIST_SIZE)}` }
}

/** The grant that a token's status reference stands for. */
export function grantIndexOf({ idx, uri }: StatusReference): number {
  return Number(uri.slice(uri.lastIndexOf('/') + 1)) * LIST_SIZE + idx
}

/**
 * For a database that does not know which places were given out last: grants get those after this one. It begins a list that no site
 * holds, and leaves out all of one before, for a million grants that are not remembered.
 */
export function lastForgottenPlace(lastKnown: number): number {
  return (Math.floor(lastKnown / LIST_SIZE) + 2) * LIST_SIZE - 1
}

export interface StatusLists {
  /** The signed list number `list` as it is now. Equal content has an equal `etag`. */
  publish(list: number, now: Date): Promise<PublishedList>
}

export function createStatusLists(issuer: string, grants: GrantStore, keyring: Keyring): StatusLists {
  const publisher = createStatusPublisher({
    issuer,
    key: () => keyring.current('ES256'),
    size: LIST_SIZE,
    ttlSeconds: STATUS_LIST_TTL_SECONDS,
    lifetimeSeconds: LIST_LIFETIME_SECONDS,
    compress: (bytes) => promisify<Buffer, ZlibOptions, Buffer>(deflate)(Buffer.from(bytes), { level: 9 }),
  })
  return {
    async publish(list, now) {
      const since = new Date(now.getTime() - REVOKED_WITHIN_SECONDS * 1000)
      const indices = await grants.revokedSince(since, list * LIST_SIZE, (list + 1) * LIST_SIZE)
      const places = indices.map((index) => index % LIST_SIZE)
      return await publisher.publish(`${issuer}/status/${list}`, places, now)
    },
  }
}
