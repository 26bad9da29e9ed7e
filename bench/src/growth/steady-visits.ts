import { setTimeout as sleep } from 'node:timers/promises'
import { client } from '../provider/registration.ts'
import type { Populated } from './populated.ts'

/** What callers saw, in milliseconds. */
export interface Seen {
  hop: number[]
  refresh: number[]
  failures: string[]
}

/** So many hops a second, each with a refresh, however long they take, until told to end. */
export function visitSteadily({ party, cookie }: Populated, aSecond: number): { end(): Promise<Seen> } {
  const seen: Seen = { hop: [], refresh: [], failures: [] }
  const underWay = new Set<Promise<void>>()
  let isOver = false

  async function timed<Result>(times: number[], operation: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now()
    const result = await operation()
    times.push(performance.now() - startedAt)
    return result
  }

  async function visit(): Promise<void> {
    try {
      const tokens = await timed(seen.hop, () => party.signOn(cookie(), client.resource))
      await timed(seen.refresh, () => party.refresh(tokens))
    } catch (error) {
      seen.failures.push(String(error))
    }
  }

  async function keepVisiting(): Promise<void> {
    const startedAt = performance.now()
    for (let count = 1; !isOver; count++) {
      const visiting: Promise<void> = visit().finally(() => underWay.delete(visiting))
      underWay.add(visiting)
      await sleep(Math.max(0, startedAt + (count * 1000) / aSecond - performance.now()))
    }
    await Promise.all(underWay)
  }

  const visits = keepVisiting()
  return {
    async end() {
      isOver = true
      await visits
      return seen
    },
  }
}
