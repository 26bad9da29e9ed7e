import { setImmediate, setTimeout } from 'node:timers/promises'
import { random, shuffled } from './random.ts'

/** One way to do the job that a comparison is about. */
export interface Trial<Input> {
  name: string
  /** What the timed part gets, each used once. Made outside of the timed part. */
  prepare(count: number): Input[]
  /** May be synchronous: nobody pays for a promise that he did not make. */
  work(input: Input): unknown
}

export interface Pace {
  rounds: number
  /** How much CPU a round of one trial takes, about. */
  roundMs: number
  /** How many operations are under way at once, as in a server. */
  inFlight: number
}

/** One figure a round. */
export interface Measured {
  name: string
  rounds: number[]
}

const MOST_IN_A_ROUND = 40_000
const QUIET_MICROS = 300

/**
 * Microseconds of CPU per operation. All trials take turns, in another order each round (by chance), so that whatever disturbs the machine hits
 * all alike.
 */
export async function compare<Input>(trials: readonly Trial<Input>[], pace: Pace): Promise<Measured[]> {
  const contest = []
  for (const trial of trials) {
    contest.push({ trial, count: await countFor(trial, pace), rounds: [] as number[] })
  }
  const next = random()
  for (let round = 0; round < pace.rounds; round++) {
    const turns = contest.map((entry) => ({ ...entry, inputs: entry.trial.prepare(entry.count) }))
    await settle()
    for (const { trial, inputs, rounds } of shuffled(turns, next)) {
      rounds.push((await cpuMicros(trial, inputs, pace.inFlight)) / inputs.length)
    }
  }
  return contest.map(({ trial, rounds }) => ({ name: trial.name, rounds }))
}

/** Milliseconds of CPU of a single call. */
export async function cpuMs(work: () => unknown, rounds: number): Promise<Measured> {
  const trial = { name: '', prepare: () => [undefined], work }
  const measured: number[] = []
  for (let round = 0; round <= rounds; round++) {
    await settle()
    measured.push((await cpuMicros(trial, [undefined], 1)) / 1000)
  }
  return { name: '', rounds: measured.slice(1) } // the first was for warming up
}

/** How many operations fill a round. Finding out warms the code up. */
async function countFor<Input>(trial: Trial<Input>, { roundMs, inFlight }: Pace): Promise<number> {
  for (let count = inFlight; ; count *= 4) {
    const inputs = [trial.prepare(count), trial.prepare(count)]
    await settle()
    const micros: number[] = []
    for (const half of inputs) micros.push(await cpuMicros(trial, half, inFlight))
    // The lesser one: the first may be cold, and a single disturbance would make the rounds too short.
    const each = Math.min(...micros) / count
    if (4 * count * each >= 1000 * roundMs || count >= MOST_IN_A_ROUND)
      return Math.min(MOST_IN_A_ROUND, Math.ceil((1000 * roundMs) / each))
  }
}

/** Microseconds of this process, its thread pool included. */
async function cpuMicros<Input>({ work }: Trial<Input>, inputs: Input[], inFlight: number): Promise<number> {
  const next = inputs.values()
  const lane = async () => {
    for (const input of next) {
      const result = work(input)
      if (result instanceof Promise) await result
    }
  }
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: inFlight }, lane))
  return cpuSince(before)
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** Collects garbage, and waits for the threads that help with it: their CPU is nobody's in the next round. */
async function settle(): Promise<void> {
  collectGarbage()
  for (let wait = 0; wait < 50; wait++) {
    const before = process.cpuUsage()
    await setTimeout(2)
    if (cpuSince(before) < QUIET_MICROS) return
  }
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** How many times as much the first takes, round by round: in each both met the same machine. */
export function ratios(one: Measured, other: Measured): number[] {
  return one.rounds.map((micros, round) => micros / (other.rounds[round] ?? Number.NaN))
}

/** Between two values the line that joins them counts. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const lower = sorted[Math.floor(place)] ?? Number.NaN
  const upper = sorted[Math.ceil(place)] ?? Number.NaN
  return lower + (upper - lower) * (place % 1)
}

/** Bytes on the heap and beside it that `make` leaves behind, as long as its result is held. */
export async function bytesHeldBy<Held>(make: () => Promise<Held>): Promise<{ bytes: number; held: Held }> {
  const before = await bytesInUse()
  const held = await make()
  return { bytes: (await bytesInUse()) - before, held }
}

async function bytesInUse(): Promise<number> {
  for (let pass = 0; pass < 4; pass++) {
    collectGarbage()
    await setImmediate() // finalizers free what is beside the heap
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

export function collectGarbage(): void {
  if (!globalThis.gc) throw new Error('run with --expose-gc')
  globalThis.gc()
}
