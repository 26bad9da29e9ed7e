import { TokenError } from './errors.ts'
import type { CommonClaims, TokenKind } from './kinds.ts'
import type { Verified, Verifier } from './verify.ts'

/** Remembers which `jti` was used, until the token that carries it has expired anyway. */
export interface ReplayStore {
  /** `true` for the first caller, `false` for all others, however many come at once, and for what has expired. */
  spend(jti: string, expiresAt: Date): Promise<boolean>
}

/**
 * Verifies a token and spends it: the second use fails (RFC 7519 §4.1.7).
 * @throws TokenError `used`, and what `verify` throws
 */
export async function verifyOnce<Claims extends CommonClaims & { jti: string }>(
  verifier: Verifier,
  kind: TokenKind<Claims>,
  text: string,
  store: ReplayStore,
): Promise<Verified<Claims>> {
  const token = await verifier.verify(kind, text)
  // A minute longer than it lives, because the verifier tolerates clocks that are apart.
  const isFirst = await store.spend(token.claims.jti, new Date((token.claims.exp + 60) * 1000))
  if (!isFirst) throw new TokenError('used', `the ${kind.name} was used before`)
  return token
}

export interface MemoryReplayStore extends ReplayStore {
  /**
   * The same store as one caller sees it. He is refused while he holds as much of it as is free, so whatever he takes, as much is
   * left for the others. A name that he used is used for all.
   */
  shareOf(owner: string): ReplayStore
}

/** For one process. Bounded: when it is full of living entries it refuses, for a guard that forgets is no guard. */
export function memoryReplayStore({
  now = () => new Date(),
  most = 100_000,
}: {
  now?: () => Date
  most?: number
} = {}): MemoryReplayStore {
  const spent = new Map<string, { expiresAt: number; owner: string | undefined }>()
  const held = new Map<string, number>()
  let sweptAt = Number.NEGATIVE_INFINITY

  function isFull(owner: string | undefined): boolean {
    const free = most - spent.size
    return free <= 0 || (owner !== undefined && (held.get(owner) ?? 0) >= free)
  }

  function count(owner: string | undefined, change: 1 | -1): void {
    if (owner === undefined) return
    const holds = (held.get(owner) ?? 0) + change
    if (holds > 0) held.set(owner, holds)
    else held.delete(owner)
  }

  function sweep(clock: number): void {
    // Who is refused may ask again and again: the whole is looked through once a second at most.
    if (Math.abs(clock - sweptAt) < 1_000) return
    sweptAt = clock
    for (const [jti, { expiresAt, owner }] of spent) {
      if (expiresAt > clock) continue
      spent.delete(jti)
      count(owner, -1)
    }
  }

  async function spend(owner: string | undefined, jti: string, expiresAt: Date): Promise<boolean> {
    const clock = now().getTime()
    if (isFull(owner)) sweep(clock)
    const before = spent.get(jti)
    const isUsed = before !== undefined && before.expiresAt > clock
    if (isUsed || expiresAt.getTime() <= clock || isFull(owner)) return false
    if (before) count(before.owner, -1)
    count(owner, 1)
    spent.set(jti, { expiresAt: expiresAt.getTime(), owner })
    return true
  }

  return {
    spend: (jti, expiresAt) => spend(undefined, jti, expiresAt),
    shareOf: (owner) => ({ spend: (jti, expiresAt) => spend(owner, jti, expiresAt) }),
  }
}
