import { openSql } from '@grove/auth/testing'
import { type Cluster, openCluster } from './cluster.ts'
import type { Databases } from './databases.ts'
import type { Fault, Tally } from './fault.ts'
import { oneName } from './races.logins.ts'
import { oneCode, oneRefreshToken, refreshAgainstLogout } from './races.tokens.ts'

/** F-28: what holds at READ COMMITTED, which is what the other races are played at, holds at the strictest level. */
async function strict(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const sql = await openSql(cluster.databaseUrl)
  const [level] = await sql.query('SHOW default_transaction_isolation')
  await sql.close()
  tally.same('the level', level?.default_transaction_isolation, 'serializable')
  await oneCode(cluster, rounds, tally)
  await oneRefreshToken(cluster, rounds, tally)
  await refreshAgainstLogout(cluster, rounds, tally)
  await oneName(cluster, Math.ceil(rounds / 10), tally)
}

async function openStrict(databases: Databases): Promise<Cluster> {
  const databaseUrl = (await databases.create()) ?? ''
  const sql = await openSql(databaseUrl)
  const name = new URL(databaseUrl).pathname.slice(1)
  await sql.query(`ALTER DATABASE "${name}" SET default_transaction_isolation = 'serializable'`)
  await sql.close()
  return await openCluster(2, { databaseUrl })
}

export const ISOLATION: readonly Fault[] = [
  {
    id: 'F-28',
    does: 'F-31, F-33, F-34 and F-39 on a database whose transactions are SERIALIZABLE, over two processes',
    rounds: { long: 20 },
    processes: 2,
    on: ['PostgreSQL'],
    open: openStrict,
    play: strict,
  },
]
