import { mkdtemp, rm, stat } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../measure.ts'
import { buildGrove, groveOnSqlite } from '../provider/contestants/grove.ts'
import { openWire } from '../provider/wire.ts'
import type { Effort } from '../section.ts'
import { gatherPeople, type Tally } from './people.ts'
import { printSamples, printVerdict, type Sample } from './verdict.ts'

const FULL = { minutes: 30, everySeconds: 30, people: 60, settledMinutes: 5 }
const QUICK = { minutes: 1.5, everySeconds: 2.5, people: 20, settledMinutes: 0.5 }

/** Whether anything grows under steady work that ought not to (F-113): Grove on SQLite, as it is run. */
export async function soak({ isQuick }: Effort): Promise<void> {
  const { minutes, everySeconds, people, settledMinutes } = isQuick ? QUICK : FULL
  buildGrove()
  const folder = await mkdtemp(join(tmpdir(), 'grove-soak-'))
  const server = await groveOnSqlite.start(folder)
  const wire = openWire(server.issuer)
  try {
    const crowd = await gatherPeople(wire, people)
    const samples: Sample[] = []
    let before = await server.health()
    for (let taken = 1; taken <= (minutes * 60) / everySeconds; taken++) {
      await sleep(everySeconds * 1000)
      const health = await server.health()
      const sample = { ...sampleOf(crowd.tally(), everySeconds), ...health, ...(await sizesIn(folder)) }
      const cpuShare = (health.cpuMicros - before.cpuMicros) / 1e6 / everySeconds
      const [machineLoad = Number.NaN] = loadavg()
      samples.push({ ...sample, minute: (taken * everySeconds) / 60, cpuShare, machineLoad })
      before = health
    }
    await crowd.leave()
    printSamples(samples)
    printVerdict(samples.filter(({ minute }) => minute > settledMinutes))
  } finally {
    wire.close()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function sampleOf({ operations, hops, took, failures }: Tally, seconds: number) {
  return { operationsASecond: operations / seconds, hops, hopMs: quantile(took, 0.99), failures }
}

/** Bytes: of the database, and of the log that is written back into it. */
async function sizesIn(folder: string): Promise<{ database: number; log: number }> {
  const [database, log] = await Promise.all(
    ['auth.db', 'auth.db-wal'].map(async (name) => (await stat(join(folder, name))).size),
  )
  return { database: database ?? 0, log: log ?? 0 }
}
