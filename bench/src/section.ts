/** How thorough a run is. */
export interface Effort {
  isQuick: boolean
}

/** One part of the bench, that can be run alone. It prints what it finds. */
export type Section = (effort: Effort) => Promise<void>
