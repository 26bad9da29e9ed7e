import { median, quantile, ratios } from '../measure.ts'
import { type Figures, inTurns } from '../provider/contest.ts'
import { runFor } from '../provider/load.ts'
import { client } from '../provider/registration.ts'
import type { Tokens } from '../provider/relying-party.ts'
import { number, printBudget } from '../table.ts'
import type { Populated } from './populated.ts'
import type { GrowthPace } from './section.ts'

const IN_FLIGHT = 16
const WARM_UP_MS = 4_000
const MOST = 1.2

/** What a hop and a refresh cost at the second, in what they cost at the first; in turns. */
export async function compareWithEmpty(
  populated: readonly Populated[],
  pace: GrowthPace,
  state: string,
): Promise<void> {
  for (const verb of ['hop', 'refresh'] as const) {
    const turns = []
    for (const one of populated) {
      const operation = verb === 'hop' ? () => hop(one) : await refreshing(one, pace.grants)
      await runFor(operation, WARM_UP_MS, IN_FLIGHT)
      turns.push({ ...one, ready: async () => () => runFor(operation, pace.roundMs, IN_FLIGHT) })
    }
    const [empty, full] = await inTurns(turns, pace.rounds)
    if (empty && full) printComparison(verb, state, empty, full)
  }
}

async function hop({ party, cookie }: Populated): Promise<void> {
  await party.signOn(cookie(), client.resource)
}

/** Of so many grants, one after the other. */
async function refreshing({ party, cookie }: Populated, grants: number) {
  const lanes: Tokens[][] = Array.from({ length: IN_FLIGHT }, () => [])
  const fillLane = async (own: Tokens[]) => {
    while (own.length < grants / IN_FLIGHT) own.push(await party.signOn(cookie(), client.resource))
  }
  await Promise.all(lanes.map(fillLane))
  return async (lane: number) => {
    const tokens = lanes[lane]?.shift()
    if (tokens) lanes[lane]?.push(await party.refresh(tokens))
  }
}

function printComparison(verb: string, state: string, empty: Figures, full: Figures): void {
  const shares = ratios(full, empty)
  const half = [0.25, 0.75].map((part) => number(quantile(shares, part))).join('…')
  const [cpu, waits] = [
    [full, empty].map(({ rounds }) => number(median(rounds))),
    [full, empty].map(({ took }) => [0.5, 0.99].map((share) => number(quantile(took, share))).join(' / ')),
  ]
  const words = `${verb} when ${state} ≤ ${MOST} × empty: ${number(median(shares))} × (half of the rounds: ${half})`
  printBudget(
    median(shares) <= MOST,
    `${words}; ${cpu?.join(' and ')} µs of CPU, p50 / p99 ${waits?.join(' and ')} ms`,
  )
}
