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

/** For one process. Bounded: when it is full of living entries it refuses, for a guard that forgets is no guard. */
export function memoryReplayStore({
  now = () => new Date(),
  most = 100_000,
}: {
  now?: () => Date
  most?: number
} = {}): ReplayStore {
  const spent = new Map<string, number>()

  function sweep(clock: number): void {
    for (const [jti, expiresAt] of spent) if (expiresAt <= clock) spent.delete(jti)
  }

  return {
    async spend(jti, expiresAt) {
      const clock = now().getTime()
      if (spent.size >= most) sweep(clock)
      const isUsed = (spent.get(jti) ?? 0) > clock
      if (isUsed || expiresAt.getTime() <= clock || spent.size >= most) return false
      spent.set(jti, expiresAt.getTime())
      return true
    },
  }
}
