import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import { Prisma } from './generated/sqlite/client.ts'
import { UnfitDatabase } from './sqlite-errors.ts'
import { queryOn, stamp } from './statement.ts'

const MIGRATIONS = new URL('../../prisma/sqlite/migrations/', import.meta.url)

const HISTORY_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`

/**
 * Applies what is pending in prisma/sqlite/migrations, as `prisma migrate deploy` does and with the same history, but through
 * the driver: no command line, no engine. Several processes may start together.
 */
export async function migrate(connection: SqlDriverAdapter): Promise<void> {
  const before = await tables(connection)
  if (before.size > 0 && !before.has('_prisma_migrations')) {
    throw new UnfitDatabase('belongs to another program')
  }
  await connection.executeScript(HISTORY_TABLE)

  const names = await migrationNames()
  const applied = await appliedMigrations(connection)
  const unknown = [...applied].find((name) => !names.includes(name))
  if (unknown) {
    throw new UnfitDatabase(`was upgraded by a newer version (${unknown}): start that version`)
  }
  for (const name of names) if (!applied.has(name)) await apply(connection, name)

  const after = await tables(connection)
  const missing = Object.keys(Prisma.ModelName).find((model) => !after.has(model))
  if (missing) throw new UnfitDatabase(`lacks the table ${missing}: restore it from a backup`)
}

async function apply(connection: SqlDriverAdapter, name: string): Promise<void> {
  const sql = await readFile(new URL(`${name}/migration.sql`, MIGRATIONS), 'utf8')
  try {
    await connection.executeScript(asTransaction(name, sql))
  } catch (error) {
    await connection.executeScript('PRAGMA foreign_keys = ON')
    if ((await appliedMigrations(connection)).has(name)) return // another process was first
    throw error
  }
}

/** The row comes first, with an id made of the name: of two processes one inserts it, the other stops there. */
function asTransaction(name: string, sql: string): string {
  const row = [sha256(name).slice(0, 36), sha256(sql), name, stamp(new Date()), stamp(new Date())]
  const values = row.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')
  return `PRAGMA foreign_keys = OFF;
    BEGIN IMMEDIATE;
    INSERT INTO "_prisma_migrations"
      ("id", "checksum", "migration_name", "started_at", "finished_at", "applied_steps_count") VALUES (${values}, 1);
    ${sql}
    ;COMMIT;
    PRAGMA foreign_keys = ON;`
}

async function appliedMigrations(connection: SqlDriverAdapter): Promise<Set<string>> {
  const rows = await queryOn(connection)(
    'SELECT "migration_name" AS "name", "finished_at" AS "finishedAt" FROM "_prisma_migrations" WHERE "rolled_back_at" IS NULL',
  )
  const halfDone = rows.find(({ finishedAt }) => finishedAt === null)
  if (halfDone) {
    throw new UnfitDatabase(`has a migration that failed (${halfDone.name}): see prisma migrate resolve`)
  }
  return new Set(rows.map(({ name }) => String(name)))
}

async function tables(connection: SqlDriverAdapter): Promise<Set<string>> {
  const rows = await queryOn(connection)(
    `SELECT "name" FROM "sqlite_master" WHERE "type" = 'table' AND "name" NOT LIKE 'sqlite_%'`,
  )
  return new Set(rows.map(({ name }) => String(name)))
}

async function migrationNames(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
