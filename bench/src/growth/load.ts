import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../measure.ts'
import { inTurns, type Figures, type Turn } from '../provider/contest.ts'
import { runFor } from '../provider/load.ts'
import { client } from '../provider/registration.ts'
import type { RelyingParty, Tokens } from '../provider/relying-party.ts'
import type { Server } from '../provider/server.ts'

/** A provider, and the logins that come to it, in no order. */
export interface Populated {
  name: string
  server: Server
  party: RelyingParty
  cookie(): string
}

export type Verb = 'hop' | 'refresh'

const IN_FLIGHT = 16
const WARM_UP_MS = 2_000

/** What a hop and a refresh cost at each of them, in turns. */
export async function compareSizes(
  populated: readonly Populated[],
  { verb, rounds, roundMs, grants }: { verb: Verb; rounds: number; roundMs: number; grants: number },
): Promise<Figures[]> {
  const turns: Turn[] = []
  for (const one of populated) {
    const operation = verb === 'hop' ? hopAt(one) : await refreshAt(one, grants)
    await runFor(operation, WARM_UP_MS, IN_FLIGHT)
    turns.push({ ...one, ready: async () => () => runFor(operation, roundMs, IN_FLIGHT) })
  }
  return await inTurns(turns, rounds)
}

const hopAt =
  ({ party, cookie }: Populated) =>
  async () => {
    await party.signOn(cookie(), client.resource)
  }

/** Of so many grants, one after the other. */
async function refreshAt({ party, cookie }: Populated, grants: number) {
  const lanes: Tokens[][] = Array.from({ length: IN_FLIGHT }, () => [])
  await Promise.all(
    lanes.map(async (own) => {
      while (own.length < grants / IN_FLIGHT) own.push(await party.signOn(cookie(), client.resource))
    }),
  )
  return async (lane: number) => {
    const tokens = lanes[lane]?.shift()
    if (tokens) lanes[lane]?.push(await party.refresh(tokens))
  }
}

/** What callers see while something else goes on: hops and refreshes at a steady rate, in milliseconds. */
export interface Seen {
  hop: number[]
  refresh: number[]
  failures: string[]
}

/** So many of each a second, until it is told to end. */
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
    const tokens = await timed(seen.hop, () => party.signOn(cookie(), client.resource))
    await timed(seen.refresh, () => party.refresh(tokens))
  }
  async function keepVisiting(): Promise<void> {
    const startedAt = performance.now()
    for (let count = 1; !isOver; count++) {
      const visiting = visit()
        .catch((error) => void seen.failures.push(String(error)))
        .finally(() => underWay.delete(visiting))
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

export function latencyOf(times: readonly number[]): number[] {
  return [0.5, 0.99, 1].map((share) => quantile(times, share))
}
