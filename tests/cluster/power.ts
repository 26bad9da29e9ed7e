import { writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { askOracle, openSql, redeem } from '@grove/auth/testing'
import { type Cluster, providerAt, SPENT, verdictOf } from './cluster.ts'
import { type Fact, keepsBusy, lostFacts } from './facts.ts'
import type { Fault, Tally } from './fault.ts'
import { type OnOwnServer, onOwnServer } from './own-server.ts'
import { copyAsAfterPowerLoss, type Place, placeInLog } from './wal.ts'

const CUTS = 20
const PEOPLE = 6
/** What has to be known before the power may fail. */
const FACTS = 40

/** F-12: the power fails at any moment. What was answered is there, and nothing that is there is damaged. */
async function powerLoss(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const path = cluster.databaseUrl.slice('file:'.length)
  const known: { fact: Fact; place: Place }[] = []
  const begun = await placeInLog(path) // before that there was no key, and no database to speak of
  const hear = async (fact: Fact) => void known.push({ fact, place: await placeInLog(path) })
  for (let round = 0; round < rounds; round++) {
    const isOver = busy(cluster, hear, tally)
    const told = known.length
    while (known.length < told + FACTS) await pause(50)
    await pause(tally.random() * 500)
    // Nothing moves while the files are copied, as nothing does without power.
    const pid = cluster.processes[0]?.pid ?? 0
    process.kill(pid, 'SIGSTOP')
    const { salt, bytes } = await placeInLog(path)
    const before = [...known]
    const disk = `${path}.${round}`
    await copyAsAfterPowerLoss(path, disk)
    process.kill(pid, 'SIGCONT')
    await isOver()

    const ofThisLog = before.filter(({ place }) => place.salt === salt)
    const written = Math.max(0, ...ofThisLog.map(({ place }) => place.bytes))
    tally.expect(bytes >= written, 'the log is shorter than it was')
    const least = salt === begun.salt ? begun.bytes : 0
    const anywhere = () => Math.floor(least + tally.random() * (bytes - least))
    const cuts = [Math.max(least, written), ...Array.from({ length: CUTS }, anywhere)]
    for (const [n, cut] of cuts.entries()) {
      const copy = `${disk}.${n}`
      await copyAsAfterPowerLoss(disk, copy, cut)
      // A sector that was being written has anything in it.
      await writeFile(`${copy}-wal`, Buffer.alloc(Math.floor(tally.random() * 8192), tally.random() * 256), {
        flag: 'a',
      })
      const due = before
        .filter(({ place }) => place.salt !== salt || place.bytes <= cut)
        .map(({ fact }) => fact)
      if (n === 0) tally.same('facts that the cut may not lose', due.length, before.length)
      await judge(`file:${copy}`, due)
      if (n === 0) await cannotBeUsedAgain(cluster, `file:${copy}`, due)
    }
  }

  async function judge(databaseUrl: string, due: Fact[]) {
    tally.count('cuts')
    tally.count('facts looked up', due.length)
    const sql = await openSql(databaseUrl)
    const [integrity] = await sql.query('PRAGMA integrity_check')
    await sql.close()
    tally.same('integrity', Object.values(integrity ?? {}), ['ok'])
    tally.broken.push(...(await lostFacts(databaseUrl, due)))
    for (const sentence of await askOracle(databaseUrl, { told: ['alder'] })) tally.broken.push(sentence)
  }

  async function cannotBeUsedAgain(on: Cluster, databaseUrl: string, due: Fact[]) {
    const revived = await on.start({ settings: { DATABASE_URL: databaseUrl } })
    const provider = providerAt(() => revived.origin)
    const codes = due.flatMap(({ code }) => code ?? []).slice(-100)
    const again = await Promise.all(codes.map((code) => verdictOf(redeem(provider, 'alder', code))))
    tally.count('codes tried again', codes.length)
    tally.same('used codes', [...new Set(again.map(({ verdict }) => verdict))], [SPENT])
    await revived.kill()
  }
}

/** F-12: `pg_ctl stop -m immediate`, and the server repairs itself from its log. */
async function serverLoss(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const { crash, resume } = cluster as OnOwnServer // `open` made it
  const known: Fact[] = []
  for (let round = 0; round < rounds; round++) {
    const isOver = busy(cluster, (fact) => void known.push(fact), tally)
    const told = known.length
    while (known.length < told + FACTS) await pause(50)
    await pause(tally.random() * 500)
    await crash()
    await isOver()
    await resume()
    tally.broken.push(...(await lostFacts(cluster.databaseUrl, known)))
    tally.count('facts looked up', known.length)
    const codes = known.flatMap(({ code }) => code ?? []).slice(-100)
    const again = await Promise.all(codes.map((code) => verdictOf(redeem(cluster.at(0), 'alder', code))))
    tally.count('codes tried again', codes.length)
    tally.same('used codes', [...new Set(again.map(({ verdict }) => verdict))], [SPENT])
  }
}

/** @returns a function that ends it */
function busy(
  cluster: Cluster,
  hear: (fact: Fact) => Promise<void> | void,
  tally: Tally,
): () => Promise<void> {
  let isOver = false
  const people = Array.from({ length: PEOPLE }, (_, n) =>
    keepsBusy(cluster, 20 + n, { goesOn: () => !isOver, hear, tally }),
  )
  return async () => {
    isOver = true
    await Promise.all(people)
  }
}

export const POWER: readonly Fault[] = [
  {
    id: 'F-12',
    does: `the file and its log copied in the middle of a write and the log cut at ${CUTS + 1} places, garbage behind it`,
    rounds: { long: 6 },
    processes: 1,
    on: ['SQLite'],
    play: powerLoss,
  },
  {
    id: 'F-12',
    does: 'the server stopped at once (pg_ctl stop -m immediate) under load and started again',
    rounds: { long: 10 },
    processes: 2,
    on: ['PostgreSQL'],
    open: () => onOwnServer(2, { fsync: 'on' }),
    play: serverLoss,
  },
]
