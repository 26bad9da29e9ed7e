import { chown, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Browser, codeIn, openSql, redeem } from '@grove/auth/testing'
import { type Cluster, logsIn, openCluster, SPENT, tokensFor, verdictOf } from './cluster.ts'
import type { Databases } from './databases.ts'
import type { Fault, Tally } from './fault.ts'
import { reads } from './locked.ts'
import { openSmallDisk, type SmallDisk } from './small-disk.ts'

const REFUSED = '503 temporarily_unavailable'
/** What a database writes before the log of a small one has to grow. */
const MOST_WRITES = 5_000

interface OnSmallDisk extends Cluster {
  disk: SmallDisk
}

async function openOnSmallDisk(databases: Databases): Promise<OnSmallDisk> {
  const empty = await databases.create()
  const disk = await openSmallDisk(empty ? '16m' : '6m')
  const databaseUrl = empty ? await onTablespace(empty, disk.folder) : `file:${join(disk.folder, 'auth.db')}`
  const cluster = await openCluster(1, { databaseUrl }).catch(async (error) => {
    await disk.remove()
    throw error
  })
  return {
    ...cluster,
    disk,
    async close() {
      await cluster.close()
      if (empty) await leaveTablespace(empty)
      await disk.remove()
    },
  }
}

/** Its tables are on the small disk, its log is not: a PostgreSQL that cannot write its log stops. */
async function onTablespace(databaseUrl: string, folder: string): Promise<string> {
  const inside = join(folder, 'data')
  await mkdir(inside)
  const sql = await openSql(new URL('/postgres', databaseUrl).href)
  const [place] = await sql.query('SHOW data_directory')
  const { uid, gid } = await stat(String(place?.data_directory))
  await chown(inside, uid, gid)
  await sql.query(`CREATE TABLESPACE small LOCATION '${inside}'`)
  await sql.query(`ALTER DATABASE "${nameIn(databaseUrl)}" SET TABLESPACE small`)
  await sql.close()
  return databaseUrl
}

async function leaveTablespace(databaseUrl: string): Promise<void> {
  const sql = await openSql(new URL('/postgres', databaseUrl).href)
  await sql.query(`DROP DATABASE "${nameIn(databaseUrl)}" WITH (FORCE)`)
  await sql.query('DROP TABLESPACE small')
  await sql.close()
}

const nameIn = (databaseUrl: string): string => new URL(databaseUrl).pathname.slice(1)

/** F-24: nothing is said to be done that was not stored, reading goes on, and all is well once there is room. */
async function fullDisk(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const { disk } = cluster as OnSmallDisk // `open` made it
  const provider = cluster.at(0)
  const { browser, response } = await logsIn(provider, 9)
  const tokens = await tokensFor(provider, response)
  for (let round = 0; round < rounds; round++) {
    await disk.fill()
    const acknowledged: string[] = []
    const refused = await redeemsUntilRefused(cluster, browser, acknowledged, tally)
    let isFull = true
    const reading = reads(cluster, { browser, tokens }, () => isFull, tally)
    const logins = await Promise.all([10, 11, 12].map((person) => logsIn(provider, person)))
    for (const login of logins) {
      const { status } = login.response
      tally.count(`login ${status}`)
      const isThere = (await login.browser.authorize('alder', { prompt: 'none' })).headers.get('location')
      const isIn = isThere?.includes('code=') ?? false
      tally.same('a login that was answered', [status, isIn], status === 303 ? [303, true] : [503, false])
    }
    await pause(500)
    isFull = false
    await reading
    const said = cluster.processes[0]?.said() ?? ''
    tally.expect(/full|no room|No space/i.test(said), `the log does not say why: ${said.slice(-300)}`)

    await disk.makeRoom()
    tally.same('the refused code', (await verdictOf(redeem(provider, 'alder', refused))).verdict, '200')
    tally.same('the next login', (await logsIn(provider, 13)).response.status, 303)
    const again = await Promise.all(
      acknowledged.slice(-100).map((code) => verdictOf(redeem(provider, 'alder', code))),
    )
    const verdicts = [...new Set(again.map(({ verdict }) => verdict))]
    tally.same('acknowledged codes, once more', verdicts, acknowledged.length > 0 ? [SPENT] : [])
  }
}

/** @returns the code that was refused */
async function redeemsUntilRefused(
  cluster: Cluster,
  browser: Browser,
  acknowledged: string[],
  tally: Tally,
): Promise<string> {
  for (let written = 0; written < MOST_WRITES; written++) {
    const code = codeIn(await browser.authorize('alder'))
    const { verdict } = await verdictOf(redeem(cluster.at(0), 'alder', code))
    tally.count(`redemption ${verdict}`)
    if (verdict === '200') acknowledged.push(code)
    else {
      tally.same('the first redemption without room', verdict, REFUSED)
      return code
    }
  }
  throw new Error('the disk did not become full')
}

export const DISK: readonly Fault[] = [
  {
    id: 'F-24',
    does: 'the disk of the database is full, to the last page, and then has room again',
    rounds: { long: 3 },
    processes: 1,
    open: openOnSmallDisk,
    play: fullDisk,
  },
]
