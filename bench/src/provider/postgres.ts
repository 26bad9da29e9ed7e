import { readdirSync, readFileSync } from 'node:fs'
import { startPostgres as startServer } from '@grove/auth/testing/postgres'

/** A real PostgreSQL of the bench's own, which waits for the disk as one in production does. */
export interface Postgres {
  /** Its URL. */
  createDatabase(name: string): Promise<string>
  /** Microseconds of all its processes, since the first look; `NaN` where the system does not tell (it is Linux that does). */
  cpuMicros(): Promise<number>
  stop(): Promise<void>
}

export async function startPostgres(): Promise<Postgres> {
  const server = await startServer({ fsync: 'on' })
  const micros = cpuOf(await server.pid())
  return { createDatabase: server.createDatabase, cpuMicros: async () => micros(), stop: server.stop }
}

/** Of a process and its children. What a child used counts on when it has ended, up to the last look at it. */
function cpuOf(parent: number): () => number {
  const used = new Map<number, number>()
  return () => {
    for (const pid of [parent, ...childrenOf(parent)]) used.set(pid, nanosecondsOf(pid) ?? used.get(pid) ?? 0)
    const sum = [...used.values()].reduce((total, nanos) => total + nanos, 0)
    return process.platform === 'linux' ? sum / 1_000 : Number.NaN
  }
}

/** The first number of `schedstat`: time on the processor, in nanoseconds. */
function nanosecondsOf(pid: number): number | undefined {
  const text = read(`/proc/${pid}/schedstat`)
  return text === undefined ? undefined : Number(text.split(' ')[0])
}

function childrenOf(parent: number): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      // What follows the name, which is in brackets and may have spaces: state, and the parent.
      const [, ppid] = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ') ?? []
      return Number(ppid) === parent
    })
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined // it has ended meanwhile
  }
}
