import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { openSql } from '@grove/auth/testing'
import { type Cluster, logsIn, tokensFor } from './cluster.ts'
import type { Fault, Tally } from './fault.ts'
import { isFile } from './held.ts'
import { execute, FLAWS_OF_FILES, FLAWS_OF_SERVERS, type Flaw, PASSWORD_OF_NOBODY } from './unfit.flaws.ts'

const NOBODY = 65_534

/** F-25: a process that cannot work with its database does not start, says why, and leaves it as it was. */
async function unfit(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const { browser } = await logsIn(cluster.at(0), 14)
  await cluster.processes[0]?.stop()
  let copies = 0
  for (let round = 0; round < rounds; round++)
    for (const flaw of isFile(cluster.databaseUrl) ? FLAWS_OF_FILES : FLAWS_OF_SERVERS) {
      copies += 1
      await refuses(flaw, await copyOf(cluster.databaseUrl, copies))
    }
  cluster.processes[0] = await cluster.start()
  await tokensFor(cluster.at(0), await browser.authorize('alder', { prompt: 'none' }))

  async function refuses(flaw: Flaw, copy: string) {
    await flaw.make?.(copy, tally)
    const databaseUrl = flaw.url?.(copy) ?? copy
    const before = await fingerprintOf(databaseUrl)
    // Root may write everywhere.
    const uid = flaw.isForOthers && process.getuid?.() === 0 ? NOBODY : undefined
    const said = await cluster.start({ settings: { DATABASE_URL: databaseUrl }, uid }).then(
      async (started) => {
        await started.kill()
        return 'it started'
      },
      (error: Error) => error.message,
    )
    tally.count(flaw.name)
    tally.expect(/^it ended at once with 1: /.test(said) && flaw.says.test(said), `${flaw.name}: ${said}`)
    tally.expect(
      !/\n\s+at |:\/\/postgres:/.test(said) && !said.includes(PASSWORD_OF_NOBODY),
      `more than that: ${said}`,
    )
    tally.same(`what was there (${flaw.name})`, await fingerprintOf(databaseUrl), before)
  }
}

async function copyOf(databaseUrl: string, number: number): Promise<string> {
  const isInFile = isFile(databaseUrl)
  const name = isInFile ? pathOf(databaseUrl) : new URL(databaseUrl).pathname.slice(1)
  const sql = await openSql(isInFile ? databaseUrl : new URL('/postgres', databaseUrl).href)
  if (isInFile) await sql.query(`VACUUM INTO '${name}_${number}'`)
  else await sql.query(`CREATE DATABASE "${name}_${number}" TEMPLATE "${name}"`)
  await sql.close()
  if (isInFile) await execute(`${databaseUrl}_${number}`, 'PRAGMA journal_mode = WAL')
  return `${databaseUrl}_${number}`
}

const pathOf = (databaseUrl: string): string => databaseUrl.slice('file:'.length)

/** All bytes of a file; of a server what its tables are, and how many rows each has. */
async function fingerprintOf(databaseUrl: string): Promise<string> {
  if (isFile(databaseUrl)) {
    const bytes = await readFile(pathOf(databaseUrl)).catch(() => undefined)
    return bytes ? createHash('sha256').update(bytes).digest('hex') : 'nothing'
  }
  const sql = await openSql(databaseUrl)
  const tables = `SELECT tablename::text AS "name" FROM pg_catalog.pg_tables WHERE schemaname = 'public' ORDER BY 1`
  try {
    const counts: string[] = []
    for (const { name } of await sql.query(tables)) {
      const [row] = await sql.query(`SELECT count(*)::text AS "rows" FROM "${name}"`)
      counts.push(`${name} ${row?.rows}`)
    }
    return counts.join(', ')
  } catch {
    return 'nothing'
  } finally {
    await sql.close()
  }
}

export const UNFIT: readonly Fault[] = [
  {
    id: 'F-25',
    does: 'a damaged, cut, emptied, read-only, older, newer or foreign database at the start',
    rounds: { long: 2 },
    processes: 1,
    play: unfit,
  },
]
