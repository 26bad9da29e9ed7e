import { setTimeout as sleep } from 'node:timers/promises'
import { StoreBusyError } from '../domain/store.ts'

/** The database took back what was done, since another transaction was in the way: a deadlock, say. Nothing was changed. */
export class ConflictError extends Error {}

const MOST_TRIES = 5
const LONGEST_PAUSE_MS = 20

/**
 * Runs it again when it met a conflict, a few times, each after a moment of its own.
 * @throws StoreBusyError when there is no end of it
 */
export async function despiteConflicts<T>(run: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
      if (tried === MOST_TRIES) throw new StoreBusyError(error)
    }
    await sleep(Math.random() * LONGEST_PAUSE_MS * tried)
  }
}
