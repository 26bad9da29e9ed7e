import type { Algorithm } from '@grove/jwt'
import { compare, type Measured, type Pace, type Trial } from '../measure.ts'
import type { Effort } from '../section.ts'
import { printTable, whole, withSpread } from '../table.ts'
import { printBudgets } from './budgets.ts'
import { type Contestant, contestantsFor } from './contestants.ts'
import { keysFor } from './keys.ts'
import { printMemory } from './memory.ts'
import { doesTheJob } from './same-job.ts'
import { type Claims, claimsOf, type WorkingSet, workingSet } from './tokens.ts'

const ALGORITHMS: readonly Algorithm[] = ['ES256', 'Ed25519', 'RS256', 'HS256']

/** Every operation by every contestant: `results.hot.get('jose')`. */
export type Results = Record<'sign' | 'cold' | 'hot' | 'random', Map<string, Measured>>

/** What it costs to sign and to verify, beside what others cost. */
export async function measureJwt(effort: Effort): Promise<void> {
  for (const alg of ALGORITHMS) {
    const size = effort.isQuick ? 1000 : 10_000
    const { contestants, results } = await measureAlgorithm(alg, size, effort)
    printTable(
      `${alg}: µs of CPU per operation, median (least…most) of the rounds`,
      ['', 'sign', 'verify cold', 'verify hot', `verify, ${whole(size)} tokens at random`],
      contestants.map(({ name }) => [name, ...Object.values(results).map((of) => withSpread(of.get(name)))]),
    )
    printBudgets(alg, results)
  }
  await printMemory(effort)
}

async function measureAlgorithm(alg: Algorithm, size: number, { isQuick }: Effort) {
  const keys = await keysFor(alg)
  const tokens = workingSet(keys, size)
  const contestants = await contestantsFor(keys)
  for (const contestant of contestants) await doesTheJob(contestant, keys)

  const pace = isQuick ? { rounds: 3, roundMs: 10, inFlight: 16 } : { rounds: 21, roundMs: 20, inFlight: 16 }
  // What runs in the thread pool varies most, and it is judged by a few percent.
  const longer = isQuick ? pace : { ...pace, rounds: 51, roundMs: 30 }
  const measure = async <Input>(trials: Trial<Input>[], at: Pace = pace) =>
    new Map((await compare(trials, at)).map((measured) => [measured.name, measured]))
  const sign = await measure(signTrials(contestants))
  const cold = await measure(verifyTrials(contestants, 'cold', tokens.any), longer)
  const hot = await measure(verifyTrials(contestants, 'hot', tokens.one))
  for (const contestant of contestants) await remember(contestant, tokens)
  const random = await measure(verifyTrials(contestants, 'random', tokens.any))
  const results: Results = { sign, cold, hot, random }
  return { contestants, results }
}

/** Shows each token once to those that remember. */
async function remember({ cold, random }: Contestant, tokens: WorkingSet): Promise<void> {
  if (random && random !== cold) await Promise.all(tokens.each().map(random))
}

function signTrials(contestants: readonly Contestant[]): Trial<Claims>[] {
  const prepare = (count: number) => Array.from({ length: count }, (_, place) => claimsOf(place))
  return contestants.flatMap(({ name, sign }) => (sign ? { name, prepare, work: sign } : []))
}

function verifyTrials(
  contestants: readonly Contestant[],
  operation: 'cold' | 'hot' | 'random',
  prepare: (count: number) => string[],
): Trial<string>[] {
  return contestants.flatMap(({ name, [operation]: work }) => (work ? { name, prepare, work } : []))
}
