import { type Measured, median, quantile, ratios } from '../measure.ts'
import { number, printBudget } from '../table.ts'
import { FAST_JWT_CACHE } from './contestants/fast-jwt.ts'
import { GROVE, GROVE_REVOCATION } from './contestants/grove.ts'
import { JOSE } from './contestants/jose.ts'
import type { Results } from './section.ts'

/** Judged for the algorithm that is the default; for the others it is to be known. */
const JUDGED = 'ES256'

export function printBudgets(alg: string, { cold, hot, random }: Results): void {
  console.log(`\nBudgets, ${alg}${alg === JUDGED ? '' : ` (to be known: what counts is ${JUDGED})`}`)
  const print = (isMet: boolean, words: string) => printBudget(isMet, words, { isJudged: alg === JUDGED })
  for (const name of [GROVE, GROVE_REVOCATION]) {
    const ours = of(hot, name)
    const micros = median(ours.rounds)
    print(micros <= 2.5, `verify hot ≤ 2.5 µs: ${number(micros)} µs — ${name}`)
    const faster = ratios(of(hot, FAST_JWT_CACHE), ours)
    print(
      median(faster) >= 1.5,
      `verify hot ≥ 1.5 × faster than fast-jwt's cache: ${times(faster)} — ${name}`,
    )
  }
  const slower = ratios(of(cold, GROVE), of(cold, JOSE))
  print(median(slower) <= 1.15, `verify cold ≤ 1.15 × jose: ${times(slower)}`)
  const spread = ratios(of(random, GROVE), of(random, FAST_JWT_CACHE))
  print(median(spread) <= 1, `verify at random ≤ fast-jwt's cache of 20,000: ${times(spread)}`)
}

/** The median, and where half of the rounds lie: a verdict near the edge is seen to be one. */
function times(values: readonly number[]): string {
  const [low, high] = [quantile(values, 0.25), quantile(values, 0.75)]
  return `${number(median(values))} × (half of the rounds: ${number(low)}…${number(high)})`
}

function of(results: Map<string, Measured>, name: string): Measured {
  const measured = results.get(name)
  if (!measured) throw new Error(`${name} was not measured`)
  return measured
}
