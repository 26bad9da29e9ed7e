import type { Cluster } from './cluster.ts'
import type { DatabaseName, Databases } from './databases.ts'

/** What came of it: how often each thing happened, and a sentence for each rule that did not hold. */
export interface Outcome {
  seed: number
  counts: Record<string, number>
  /** What was measured, as people read it. */
  measured: Record<string, string>
  broken: string[]
}

/** A race, a crash, or whatever else happens to real processes on one database. */
export interface Fault {
  id: string
  /** What is done. */
  does: string
  /** How often with every test run, if at all, and how often when somebody asks for the faults. */
  rounds: { short?: number; long: number }
  /** How many processes it is played over. */
  processes: number
  /** Where it can happen; on every database if it does not say. */
  on?: readonly DatabaseName[]
  /** Opens what it is played over, where an empty database and settings like all others are not enough. */
  open?(databases: Databases): Promise<Cluster>
  play(cluster: Cluster, rounds: number, tally: Tally): Promise<void>
}

/** This machine has not what it takes. Its message says what that is. */
export class CannotHappenHere extends Error {}

export const canHappenOn = (fault: Fault, name: DatabaseName): boolean => fault.on?.includes(name) ?? true

/** Plays it, and asks the oracle afterwards. */
export async function outcomeOf(
  fault: Fault,
  cluster: Cluster,
  rounds: number,
  seed?: number,
): Promise<Outcome> {
  const tally = new Tally(seed)
  await fault.play(cluster, rounds, tally).catch((error) => {
    tally.broken.push(`it went no further: ${error.stack}`)
  })
  for (const sentence of await cluster.oracle(tally.secrets)) tally.broken.push(`the oracle: ${sentence}`)
  return tally
}

/** Collects an outcome. */
export class Tally implements Outcome {
  /** What `random` goes by. */
  readonly seed: number
  #state: number
  /** What was used and may stand nowhere in the database. */
  readonly secrets: string[] = []
  readonly counts: Record<string, number> = {}
  readonly measured: Record<string, string> = {}
  readonly broken: string[] = []

  constructor(seed = Date.now() % 2 ** 32) {
    this.seed = seed
    this.#state = seed
  }

  /** From 0 to 1, the same again with the same seed (a linear congruential generator: moments need no better). */
  random(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return this.#state / 2 ** 32
  }

  count(what: string, times = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + times
  }

  measure(what: string, value: string): void {
    this.measured[what] = value
  }

  expect(holds: boolean, otherwise: string): void {
    if (!holds) this.broken.push(otherwise)
  }

  /** Two things that must be the same. */
  same(what: string, found: unknown, wanted: unknown): void {
    const [is, should] = [found, wanted].map((value) => JSON.stringify(value))
    this.expect(is === should, `${what}: ${is}, and not ${should}`)
  }
}
