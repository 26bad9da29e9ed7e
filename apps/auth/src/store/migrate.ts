import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { SqlDriverAdapter, SqlQueryable } from '@prisma/driver-adapter-utils'
import { queryOn, stamp } from './statement.ts'

/** What is wrong with the database, as the rest of a sentence that begins with its name. */
export class UnfitDatabase extends Error {}

/** What differs between the databases when they are migrated. */
export interface History {
  /** The folder. */
  migrations: URL
  /** Creates the table, as Prisma's command line does. */
  table: string
  /** The tables that there are in the end. */
  models: readonly string[]
  /** Finds the names of all tables, as `name`. */
  tables: string
  /** All of it or nothing, beginning with the statement that records it, which fails if that was done before. */
  apply(connection: SqlDriverAdapter, record: string, sql: string): Promise<void>
}

/**
 * Applies what is pending in the history's folder, as `prisma migrate deploy` does and with the same history, but through
 * the driver: no command line, no engine. Several processes may start together.
 * `last`: goes no further than this one, for rows that were written when there was no other.
 */
export async function migrate(connection: SqlDriverAdapter, history: History, last?: string): Promise<void> {
  await checkOwner(connection, history)
  await connection.executeScript(history.table)

  const names = await migrationNames(history.migrations)
  const applied = await appliedMigrations(connection)
  const unknown = [...applied].find((name) => !names.includes(name))
  if (unknown) {
    throw new UnfitDatabase(`was upgraded by a newer version (${unknown}): start that version`)
  }
  for (const name of names) {
    if (!applied.has(name)) await apply(connection, history, name)
    if (name === last) return
  }

  const after = await tables(connection, history)
  const missing = history.models.find((model) => !after.has(model))
  if (missing) throw new UnfitDatabase(`lacks the table ${missing}: restore it from a backup`)
}

/** @throws UnfitDatabase when another program keeps its tables there */
export async function checkOwner(connection: SqlDriverAdapter, history: History): Promise<void> {
  const before = await tables(connection, history)
  if (before.size > 0 && !before.has('_prisma_migrations')) {
    throw new UnfitDatabase('belongs to another program')
  }
}

async function apply(connection: SqlDriverAdapter, history: History, name: string): Promise<void> {
  const sql = await readFile(new URL(`${name}/migration.sql`, history.migrations), 'utf8')
  try {
    await history.apply(connection, recordOf(name, sql), sql)
  } catch (error) {
    if ((await appliedMigrations(connection)).has(name)) return // another process was first
    throw error
  }
}

/** Its id is made of the name: of two processes one inserts it, the other stops there. */
function recordOf(name: string, sql: string): string {
  const row = [sha256(name).slice(0, 36), sha256(sql), name, stamp(new Date()), stamp(new Date())]
  const values = row.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')
  return `INSERT INTO "_prisma_migrations"
    ("id", "checksum", "migration_name", "started_at", "finished_at", "applied_steps_count") VALUES (${values}, 1)`
}

/** Also of a database that is being read only; fails where there is no history. */
export async function appliedMigrations(connection: SqlQueryable): Promise<Set<string>> {
  const rows = await queryOn(connection)(
    'SELECT "migration_name" AS "name", "finished_at" AS "finishedAt" FROM "_prisma_migrations" WHERE "rolled_back_at" IS NULL',
  )
  const halfDone = rows.find(({ finishedAt }) => finishedAt === null)
  if (halfDone) {
    throw new UnfitDatabase(`has a migration that failed (${halfDone.name}): see prisma migrate resolve`)
  }
  return new Set(rows.map(({ name }) => String(name)))
}

async function tables(connection: SqlDriverAdapter, history: History): Promise<Set<string>> {
  const rows = await queryOn(connection)(history.tables)
  return new Set(rows.map(({ name }) => String(name)))
}

/** What this program knows of, in order. */
export async function migrationNames(folder: URL): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
