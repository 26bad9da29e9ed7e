import type { SqlDriverAdapter, SqlQueryable } from '@prisma/driver-adapter-utils'
import type { BackupHeader } from './backup-file.ts'
import { isPostgresql } from './database.ts'
import type { Dialect } from './dialect.ts'
import type { History } from './migrate.ts'
import type { Query } from './statement.ts'

/** What backup and restore need of each kind of database. Each throws `Error` with one sentence, without the password. */
export interface BackupSide {
  kind: BackupHeader['database']
  history: History
  dialect: Dialect
  /** Everything that `read` asks is of one moment, and servers go on meanwhile. Nothing is made or brought up to date. */
  atOneMoment<T>(url: string, read: (connection: SqlQueryable) => Promise<T>): Promise<T>
  /** Has a database without content filled, while no server can start on it. It is as it was when `fill` throws. */
  whereNothingIs(url: string, fill: (connection: SqlDriverAdapter) => Promise<void>): Promise<void>
  /** Has a database changed that no server has open. */
  whereNobodyIs(url: string, change: (connection: SqlDriverAdapter) => Promise<void>): Promise<void>
  /** The next grant gets a place after this one; and the next event, a number after the last. */
  giveOutAfter(query: Query, place: number): Promise<void>
}

/** Loads the driver of the database that the URL names, and not that of the other. */
export async function backupSideOf(databaseUrl: string): Promise<BackupSide> {
  if (isPostgresql(databaseUrl)) return (await import('./postgresql-backup.ts')).POSTGRESQL_SIDE
  return (await import('./sqlite-backup.ts')).SQLITE_SIDE
}
