import { type Measured, median, quantile, ratios } from '../measure.ts'
import { number, printBudget, whole } from '../table.ts'
import type { Results } from './contest.ts'
import { GROVE, R } from './contestants/index.ts'
import type { Footprint } from './footprint.ts'
import { OPERATIONS, type OperationName } from './operations.ts'

/** Of R, which is node-oidc-provider with better-sqlite3 in the same run. */
const SHARE: Record<OperationName, number> = {
  hop: 0.5,
  refresh: 0.5,
  userinfo: 1,
  'first userinfo': 1,
  introspection: 1,
  jwks: 1,
}
const MOST_RSS = 150e6
const MOST_BYTES_A_HOP = 1_000
const MOST_BYTES_A_SESSION = 2_000
// Less than this is the engine's own, such as compiled code.
const MOST_GROWTH = 4e6

/** At 16 in flight. */
export function printCpuBudgets(results: Results): void {
  console.log(`\nBudgets: CPU at 16 in flight in R, which is ${R.name}`)
  for (const name of OPERATIONS) {
    const figures = results[name][16] ?? []
    const shares = ratios(of(figures, GROVE.name), of(figures, R.name))
    const share = SHARE[name]
    const half = [0.25, 0.75].map((part) => number(quantile(shares, part))).join('…')
    const words = `${name} ≤ ${share.toFixed(1)} R: ${number(median(shares))} R (half of the rounds: ${half})`
    printBudget(median(shares) <= share, words)
  }
}

export function printFootprintBudgets(footprints: readonly Footprint[]): void {
  const { rss, heapGrowth, perHop = 0, perSession = 0 } = of(footprints, GROVE.name)
  console.log('\nBudgets: what is kept')
  printBudget(rss <= MOST_RSS, `RSS ≤ 150 MB: ${number(rss / 1e6)} MB`)
  printBudget(heapGrowth <= MOST_GROWTH, `no growth of the heap: ${number(heapGrowth / 1e6)} MB`)
  printBudget(perHop <= MOST_BYTES_A_HOP, `≤ 1 kB a hop: ${whole(perHop)} bytes`)
  printBudget(perSession <= MOST_BYTES_A_SESSION, `≤ 2 kB a session: ${whole(perSession)} bytes`)
}

function of<Named extends Measured | Footprint>(all: readonly Named[], name: string): Named {
  const found = all.find((one) => one.name === name)
  if (!found) throw new Error(`${name} was not measured`)
  return found
}
