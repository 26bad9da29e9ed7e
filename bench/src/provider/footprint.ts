import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { number, printTable, whole } from '../table.ts'
import { groveOnPostgresql } from './contestants/grove.ts'
import { GROVE, R } from './contestants/index.ts'
import { run } from './load.ts'
import { PEERS } from './peers.ts'
import { close, open, type Running, SESSIONS } from './running.ts'

const IN_FLIGHT = 16
/** Those that a team would choose from. */
const MEASURED = [GROVE, groveOnPostgresql, R]

/** What a provider keeps, in bytes. */
export interface Footprint {
  name: string
  rss: number
  /** Of the heap, collected: after all hops more than after the first tenth of them. */
  heapGrowth: number
  /** On disk; `undefined` where nothing is kept there. */
  perSession: number | undefined
  perHop: number | undefined
}

/** Starts every provider anew for this: the database of a server that has ended can be measured. */
export async function measureFootprints(
  folder: string,
  { sessions, hops }: { sessions: number; hops: number },
): Promise<Footprint[]> {
  const footprints = []
  for (const [place, contestant] of MEASURED.entries()) {
    const own = join(folder, String(place))
    const during = async <T>(use: (running: Running) => Promise<T>) => {
      const running = await open(contestant, own)
      const result = await use(running)
      await close(running)
      return { result, bytes: bytesIn(own) }
    }
    const empty = await during(({ visitor }) => visitor.logIn(SESSIONS))
    const withSessions = await during(({ visitor }) => visitor.logIn(sessions))
    const before = await during(({ visitor }) => visitor.logIn(SESSIONS))
    const after = await during(async ({ server, visitor }) => {
      await visitor.logIn(SESSIONS)
      await run(visitor.hop, hops / 10, IN_FLIGHT)
      const early = await server.collected()
      await run(visitor.hop, hops * 0.9, IN_FLIGHT)
      const { rss } = await server.usage()
      return { rss, heapGrowth: (await server.collected()).heapUsed - early.heapUsed }
    })
    const loggingIn = before.bytes - withSessions.bytes
    const kept = contestant.hasFile
      ? {
          perSession: (withSessions.bytes - empty.bytes) / sessions,
          perHop: (after.bytes - before.bytes - loggingIn) / hops,
        }
      : { perSession: undefined, perHop: undefined }
    footprints.push({ name: contestant.name, ...after.result, ...kept })
  }
  return footprints
}

function bytesIn(folder: string): number {
  const file = readdirSync(folder).find((name) => name.endsWith('.db'))
  if (!file) return 0
  return Number(execFileSync(process.execPath, ['database-size.mjs', join(folder, file)], { cwd: PEERS }))
}

export function printFootprints(footprints: readonly Footprint[], hops: number): void {
  const bytes = (value: number | undefined) => (value === undefined ? '–' : whole(value))
  printTable(
    `What is kept, after ${whole(hops)} hops`,
    ['', 'RSS, MB', 'growth of the heap, MB', 'bytes on disk a hop', 'bytes on disk a session'],
    footprints.map(({ name, rss, heapGrowth, perHop, perSession }) => [
      name,
      number(rss / 1e6),
      number(heapGrowth / 1e6),
      bytes(perHop),
      bytes(perSession),
    ]),
  )
}
