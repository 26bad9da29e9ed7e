import type { Measured } from '../measure.ts'
import { type Contestant, contestants } from './contestants.ts'
import { run } from './load.ts'
import { createVisitor, OPERATIONS, type Operation, type OperationName, type Visitor } from './operations.ts'
import type { Server } from './server.ts'
import { openWire, type Wire } from './wire.ts'

export const IN_FLIGHT = 16
export const SESSIONS = 64

/** A provider that runs, and who visits it. */
export interface Running {
  name: string
  server: Server
  wire: Wire
  visitor: Visitor
}

/** Microseconds of the server's CPU for one operation, round by round. */
export type CpuResults = Record<OperationName, Measured[]>

export interface Pace {
  rounds: number
  /** Operations of a round. */
  count: Record<OperationName, number>
  warmUp: number
}

export async function startAll(folder: string): Promise<Running[]> {
  return await Promise.all(contestants.map((contestant, place) => open(contestant, `${folder}/${place}`)))
}

export async function open(contestant: Contestant, folder: string): Promise<Running> {
  const server = await contestant.start(folder)
  const wire = openWire(server.issuer)
  return { name: contestant.name, server, wire, visitor: await createVisitor(wire) }
}

export async function close({ server, wire }: Running): Promise<void> {
  wire.close()
  await server.stop()
}

/** All providers take turns, each round in another order, so that whatever disturbs the machine hits all alike. */
export async function measureCpu(running: readonly Running[], pace: Pace): Promise<CpuResults> {
  const results: Partial<CpuResults> = {}
  for (const name of OPERATIONS) results[name] = await measureOperation(running, name, pace)
  return results as CpuResults // every operation was measured
}

async function measureOperation(
  running: readonly Running[],
  name: OperationName,
  { rounds, count: counts, warmUp }: Pace,
): Promise<Measured[]> {
  const count = counts[name]
  const contest = []
  for (const { server, visitor } of running) {
    await visitor.logIn(SESSIONS)
    const operation = await visitor.prepare(name, IN_FLIGHT, count)
    await run(operation, name === 'first userinfo' ? count : warmUp, IN_FLIGHT)
    contest.push({ server, visitor, operation, rounds: [] as number[] })
  }
  for (let round = 0; round < rounds; round++) {
    // Each comes first, second and third equally often.
    for (let turn = 0; turn < contest.length; turn++) {
      const entry = contest[(turn + round) % contest.length]
      if (!entry) continue
      const operation =
        name === 'first userinfo' ? await entry.visitor.prepare(name, IN_FLIGHT, count) : entry.operation
      entry.rounds.push((await cpuMicros(entry.server, operation, count)) / count)
    }
  }
  return contest.map((entry, place) => ({ name: running[place]?.name ?? '', rounds: entry.rounds }))
}

async function cpuMicros(server: Server, operation: Operation, count: number): Promise<number> {
  const before = await server.usage()
  await run(operation, count, IN_FLIGHT)
  return (await server.usage()).cpuMicros - before.cpuMicros
}
