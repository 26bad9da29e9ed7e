import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import { UnfitBackup } from './backup-file.ts'
import type { BackupSide } from './backup-side.ts'
import { POSTGRESQL } from './dialect.ts'
import { UnfitDatabase } from './migrate.ts'
import { MIGRATION_LOCK, nameOf } from './postgresql.ts'
import { openConnections } from './postgresql-connection.ts'
import { reasonOf } from './postgresql-errors.ts'
import { POSTGRESQL_HISTORY } from './postgresql-history.ts'
import { queryOn } from './statement.ts'

const HAS_ROWS = `
  SELECT 1 AS "one" WHERE EXISTS (SELECT 1 FROM "Account") OR EXISTS (SELECT 1 FROM "SigningKey")
    OR EXISTS (SELECT 1 FROM "AuditEvent")`

const OTHERS = `
  SELECT 1 AS "one" FROM pg_catalog.pg_stat_activity
  WHERE datname = current_database() AND application_name = 'grove-auth' AND pid <> pg_backend_pid() LIMIT 1`

export const POSTGRESQL_SIDE: BackupSide = {
  kind: 'postgresql',
  history: POSTGRESQL_HISTORY,
  dialect: POSTGRESQL,

  async atOneMoment(url, read) {
    return await on(url, async (connection) => {
      const snapshot = await connection.startTransaction('REPEATABLE READ')
      return await read(snapshot).finally(() => snapshot.rollback())
    })
  },

  async whereNothingIs(url, fill) {
    await on(url, async (connection) => {
      await keepServersOut(connection)
      const query = queryOn(connection)
      const tables = (await query(POSTGRESQL_HISTORY.tables)).map(({ name }) => name)
      // Tables without a row are what a restore leaves that failed.
      const mayHaveRows = ['Account', 'SigningKey', 'AuditEvent'].every((table) => tables.includes(table))
      if (mayHaveRows && (await query(HAS_ROWS)).length > 0)
        throw new UnfitDatabase('is not empty: create another, and name it in DATABASE_URL')
      await fill(connection)
    })
  },

  async whereNobodyIs(url, change) {
    await on(url, async (connection) => {
      await keepServersOut(connection)
      if ((await queryOn(connection)(OTHERS)).length > 0)
        throw new UnfitDatabase('is open in another process: stop auth first')
      await change(connection)
    })
  },

  async giveOutAfter(query, place) {
    await query(`SELECT setval(pg_get_serial_sequence('"Grant"', 'n'), $1::bigint)`, place)
    await query(`
      SELECT setval(pg_get_serial_sequence('"AuditEvent"', 'n'), coalesce(max("n"), 0) + 1, false) FROM "AuditEvent"`)
  },
}

/** Whoever starts brings the database up to date first, and waits for this lock. It is gone with the connection. */
async function keepServersOut(connection: SqlDriverAdapter): Promise<void> {
  await connection.executeRaw({ sql: `SELECT pg_advisory_lock(${MIGRATION_LOCK})`, args: [], argTypes: [] })
}

async function on<T>(url: string, work: (connection: SqlDriverAdapter) => Promise<T>): Promise<T> {
  let connection: SqlDriverAdapter | undefined
  try {
    connection = await openConnections(url, { connections: 1, isPatient: true })
    return await work(connection)
  } catch (error) {
    // Of the backup's file, or of the system.
    if (error instanceof UnfitBackup || (error instanceof Error && 'syscall' in error)) throw error
    const reason = error instanceof UnfitDatabase ? error.message : reasonOf(error)
    throw new Error(`The database ${nameOf(url)} ${reason}`, { cause: error })
  } finally {
    await connection?.dispose()
  }
}
