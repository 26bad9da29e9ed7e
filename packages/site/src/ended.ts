import type { AccessTokenClaims, StatusReference } from '@grove/jwt'
import type { State } from './state.ts'

/** What can end a session before its token does: its `sid`, its grant, its account. */
export interface Endable {
  endKeys: readonly string[]
  /** When this site's session was made. Milliseconds. */
  startedAt: number
}

// Longer than any access token lives, with clocks apart: after that, what was ended is expired as well.
const REMEMBERED_MS = 15 * 60_000
const SWEEP_ABOVE = 10_000

const sidKey = (sid: string) => `sid ${sid}`
const accountKey = (id: string) => `account ${id}`
const grantKey = ({ uri, idx }: StatusReference) => `grant ${uri} ${idx}`

export function endKeys({ sub, sid, status }: AccessTokenClaims): string[] {
  return [accountKey(sub), ...(sid ? [sidKey(sid)] : []), ...(status ? [grantKey(status.status_list)] : [])]
}

/**
 * What this site knew of the provider's session up to `at` is over. The same `sid` may come back later: who ended one site on one
 * device stays signed in at the provider there.
 */
export function endSession(state: State, sid: string, at: Date, now: Date): void {
  remember(state, sidKey(sid), now, at.getTime())
}

/** Signed out of this site: the grant is over, and the same `sid` may sign in again. */
export function endGrant(state: State, grant: StatusReference, now: Date): void {
  remember(state, grantKey(grant), now, Number.POSITIVE_INFINITY)
}

/** All sessions of an account that were made up to `at` are over (Back-Channel Logout 1.0 §2.7, a token with only `sub`). */
export function endAccount(state: State, accountId: string, at: Date, now: Date): void {
  remember(state, accountKey(accountId), now, at.getTime())
}

export function hasEnded(state: State, { endKeys, startedAt }: Endable, now: Date): boolean {
  if (state.ended.size === 0) return false
  return endKeys.some((key) => {
    const end = state.ended.get(key)
    return end !== undefined && end.until > now.getTime() && startedAt <= end.startedBefore
  })
}

function remember({ ended }: State, key: string, now: Date, startedBefore: number): void {
  if (ended.size > SWEEP_ABOVE)
    for (const [old, { until }] of ended) if (until <= now.getTime()) ended.delete(old)
  ended.set(key, { until: now.getTime() + REMEMBERED_MS, startedBefore })
}
