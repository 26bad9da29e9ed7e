import { createHmac, hkdfSync } from 'node:crypto'
import { isEqual } from './secrets.ts'

const PERIOD_SECONDS = 60

/**
 * Nonces for DPoP proofs (RFC 9449 §8): they say when they were made, so none is stored and every process of this server knows
 * those of the others.
 */
export interface DpopNonces {
  make(now: Date): string
  /** Ours, and made in this minute or the last. */
  isFresh(nonce: string | undefined, now: Date): boolean
}

/** `secrets`: a key ring, newest first. */
export function createDpopNonces(secrets: readonly string[]): DpopNonces {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'grove dpop nonce', 32)))
  const periodOf = (now: Date) => Math.floor(now.getTime() / 1000 / PERIOD_SECONDS)
  const mac = (key: Buffer, period: number) =>
    createHmac('sha256', key).update(`${period}`).digest('base64url')
  const [newest] = keys
  if (!newest) throw new TypeError('at least one secret is needed')
  return {
    make: (now) => mac(newest, periodOf(now)),
    isFresh(nonce, now) {
      if (nonce === undefined) return false
      const periods = [periodOf(now), periodOf(now) - 1]
      return keys.some((key) => periods.some((period) => isEqual(mac(key, period), nonce)))
    },
  }
}
