import { createMacRing } from './secrets.ts'

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
  const macs = createMacRing(secrets, 'grove dpop nonce')
  const periodOf = (now: Date) => Math.floor(now.getTime() / 1000 / PERIOD_SECONDS)
  return {
    make: (now) => macs.make(`${periodOf(now)}`),
    isFresh(nonce, now) {
      if (nonce === undefined) return false
      const period = periodOf(now)
      return macs.fits(`${period}`, nonce) || macs.fits(`${period - 1}`, nonce)
    },
  }
}
