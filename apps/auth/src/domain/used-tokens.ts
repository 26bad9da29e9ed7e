import type { ReplayStore } from '@grove/jwt'

/** What was used once, over all processes and restarts. */
export interface UsedTokens extends ReplayStore {
  /**
   * The same store as one owner sees it: while `most` tokens of his are remembered, give or take those that come at the same moment, he is
   * refused, and nobody else is. A name that he used is used for him alone.
   */
  shareOf(owner: string, most: number): ReplayStore
}
