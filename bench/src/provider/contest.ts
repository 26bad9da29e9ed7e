import type { Measured } from '../measure.ts'
import { run, runFor } from './load.ts'
import { OPERATIONS, type Operation, type OperationName } from './operations.ts'
import { type Running, SESSIONS } from './running.ts'
import type { Server } from './server.ts'

/** How many requests are under way at once. */
export const IN_FLIGHT = [1, 16, 64] as const
export type InFlight = (typeof IN_FLIGHT)[number]

/** Microseconds of CPU for one operation, round by round, and how long callers waited. */
export interface Figures extends Measured {
  /** Of the database's own processes, beside that of the provider. */
  database: number[]
  /** Milliseconds, of all rounds. */
  took: number[]
}

/** By operation, then by how many are in flight; one for each provider. */
export type Results = Record<OperationName, Partial<Record<InFlight, Figures[]>>>

export interface Pace {
  rounds: number
  /** Of a round of one provider. */
  roundMs: number
  warmUpMs: number
  /** Tokens that are never shown again, for a round. */
  freshTokens: number
}

/** All providers take turns, and each comes first equally often, so that whatever disturbs the machine hits all alike. */
export async function contest(running: readonly Running[], pace: Pace): Promise<Results> {
  const results: Partial<Results> = {}
  for (const name of OPERATIONS) {
    results[name] = {}
    for (const inFlight of name === 'first userinfo' ? ([16] as const) : IN_FLIGHT)
      results[name][inFlight] = await compare(running, name, inFlight, pace)
  }
  return results as Results // every operation was measured
}

async function compare(
  running: readonly Running[],
  name: OperationName,
  inFlight: InFlight,
  pace: Pace,
): Promise<Figures[]> {
  const turns: Turn[] = []
  for (const { name: provider, isForgetful, server, visitor } of running) {
    if (isForgetful) await visitor.logIn(SESSIONS)
    const prepared = () => visitor.prepare(name, inFlight, pace.freshTokens)
    const operation = await prepared()
    const isUsedUp = name === 'first userinfo'
    const load = (once: Operation) => run(once, pace.freshTokens, inFlight)
    await (isUsedUp ? load(operation) : runFor(operation, pace.warmUpMs, inFlight))
    turns.push({
      name: provider,
      server,
      ready: async () => {
        const fresh = isUsedUp ? await prepared() : operation
        return () => (isUsedUp ? load(fresh) : runFor(fresh, pace.roundMs, inFlight))
      },
    })
  }
  return await inTurns(turns, pace.rounds)
}

/** What one provider does in each round. */
export interface Turn {
  name: string
  server: Server
  /** What need not be measured; then what is, which says how long each operation took. */
  ready(): Promise<() => Promise<number[]>>
}

export async function inTurns(turns: readonly Turn[], rounds: number): Promise<Figures[]> {
  const entries = turns.map((turn) => {
    const figures: Figures = { name: turn.name, rounds: [], database: [], took: [] }
    return { turn, figures }
  })
  for (let round = 0; round < rounds; round++)
    for (let place = 0; place < entries.length; place++) {
      const entry = entries[(place + round) % entries.length]
      if (entry) await measure(entry.turn.server, entry.figures, await entry.turn.ready())
    }
  return entries.map(({ figures }) => figures)
}

async function measure(server: Server, figures: Figures, load: () => Promise<number[]>): Promise<void> {
  const before = await used(server)
  const took = await load()
  const after = await used(server)
  figures.rounds.push((after.own - before.own) / took.length)
  figures.database.push((after.database - before.database) / took.length)
  figures.took.push(...took)
}

async function used(server: Server): Promise<{ own: number; database: number }> {
  const [{ cpuMicros: own }, database = 0] = await Promise.all([server.usage(), server.databaseMicros?.()])
  return { own, database }
}
