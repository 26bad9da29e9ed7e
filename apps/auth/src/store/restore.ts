import { ColumnTypeEnum, type SqlDriverAdapter, type SqlQueryable } from '@prisma/driver-adapter-utils'
import { lastForgottenPlace } from '../domain/status-list.ts'
import {
  BACKED_UP,
  type BackedUp,
  type BackupHeader,
  type BackupRow,
  type Counts,
  checkBackup,
  openBackup,
  UnfitBackup,
} from './backup-file.ts'
import { type BackupSide, backupSideOf } from './backup-side.ts'
import { ITEMS } from './dialect.ts'
import { migrate, migrationNames } from './migrate.ts'
import { type Query, queryOn, stamp } from './statement.ts'

const BATCH = 500

const LAST_PLACE = 'SELECT coalesce(max("n"), 0) AS "last" FROM "Grant"'
const RESTORED = `
  INSERT INTO "AuditEvent" ("at", "type", "reason") VALUES ($1::timestamp(3), 'database.restored', $2)`

/** What a database of before must not bring back: who was logged in, what clients held and were allowed, and keys that sign. */
const FORGET = [
  'DELETE FROM "Grant"',
  'DELETE FROM "Session"',
  'DELETE FROM "Consent"',
  'DELETE FROM "SigningKey"',
]

/**
 * Fills an empty database from a backup, of either kind. Nothing that was spent or revoked is alive in it, since nothing in it is alive:
 * everybody logs in again, and the first server that starts makes new keys.
 * @throws Error one sentence, and nothing was changed then
 */
export async function restore(
  databaseUrl: string,
  path: string,
  now: Date,
): Promise<{ header: BackupHeader; counts: Counts }> {
  const side = await backupSideOf(databaseUrl)
  const checked = await checkBackup(path)
  const { madeAt, lastPlace } = checked.header
  const last = await lastMigration(path, side, checked.header)
  await side.whereNothingIs(databaseUrl, async (connection) => {
    await migrate(connection, side.history, last)
    await inOneTransaction(connection, async (tx) => {
      await load(tx, side, path)
      await settle(queryOn(tx, side.dialect), side, { lastPlace, madeAt, now })
    })
    await migrate(connection, side.history)
  })
  return checked
}

/**
 * Makes a database safe that came back by means of its own, such as a snapshot: forgets what it must not bring back.
 * @throws Error one sentence, and nothing was changed then
 */
export async function restoreInPlace(databaseUrl: string, now: Date): Promise<void> {
  const side = await backupSideOf(databaseUrl)
  await side.whereNobodyIs(databaseUrl, async (connection) => {
    await migrate(connection, side.history)
    await inOneTransaction(connection, async (tx) => {
      const query = queryOn(tx, side.dialect)
      const lastPlace = Number((await query(LAST_PLACE))[0]?.last)
      for (const sql of FORGET) await query(sql)
      await settle(query, side, { lastPlace, madeAt: 'in place', now })
    })
  })
}

/** Up to where the tables are made before they are filled, so that what came later meets the rows. */
async function lastMigration(
  path: string,
  side: BackupSide,
  { database, migrations }: BackupHeader,
): Promise<string | undefined> {
  const known = await migrationNames(new URL(`../../prisma/${database}/migrations/`, import.meta.url))
  const unknown = migrations.find((name) => !known.includes(name))
  if (unknown)
    throw new UnfitBackup(path, `was made by a newer version (${unknown}): restore it with that version`)
  if (database === side.kind) return migrations.at(-1)
  if (migrations.length === known.length) return undefined
  throw new UnfitBackup(
    path,
    `is of an older version and of the other kind of database: restore it into ${database}, and take a backup of that`,
  )
}

async function inOneTransaction(
  connection: SqlDriverAdapter,
  work: (tx: SqlQueryable) => Promise<void>,
): Promise<void> {
  const tx = await connection.startTransaction()
  try {
    await work(tx)
  } catch (error) {
    await tx.rollback()
    throw error
  }
  await tx.commit()
}

async function load(tx: SqlQueryable, side: BackupSide, path: string): Promise<void> {
  const query = queryOn(tx, side.dialect)
  const into = new Map(
    await Promise.all(BACKED_UP.map(async (table) => [table, await columnsOf(tx, table)] as const)),
  )
  let batch: BackupRow[] = []
  const store = async () => {
    const [first] = batch
    const columns = first && into.get(first.table)
    if (!columns) return
    const values = batch.map(({ row }) => valuesOf(row, columns, path))
    batch = []
    await query(insertInto(first.table, columns), values).catch((error: Error) => {
      throw new UnfitBackup(path, `does not go into the database: ${error.message}`)
    })
  }
  const { rows } = await openBackup(path)
  for await (const row of rows) {
    if (batch.length === BATCH || (batch[0] && batch[0].table !== row.table)) await store()
    batch.push(row)
  }
  await store()
}

/** The columns of a table with the SQL that reads a value of that type from place `?` of an item. */
type Columns = readonly { name: string; read: string }[]

async function columnsOf(tx: SqlQueryable, table: BackedUp): Promise<Columns> {
  const sql = { Account: 'SELECT * FROM "Account" LIMIT 0', AuditEvent: 'SELECT * FROM "AuditEvent" LIMIT 0' }
  const { columnNames, columnTypes } = await tx.queryRaw({ sql: sql[table], args: [], argTypes: [] })
  return columnNames.map((name, n) => ({ name, read: READ[columnTypes[n] ?? -1] ?? 'item.value->>?' }))
}

const READ: Record<number, string> = {
  [ColumnTypeEnum.Json]: `nullif(item.value->?, 'null')`,
  [ColumnTypeEnum.DateTime]: '(item.value->>?)::timestamp(3)',
  [ColumnTypeEnum.Int32]: '(item.value->>?)::bigint',
  [ColumnTypeEnum.Int64]: '(item.value->>?)::bigint',
}

/** The names are those that the database has, and none from the file. */
function insertInto(table: BackedUp, columns: Columns): string {
  const names = columns.map(({ name }) => `"${name}"`).join(', ')
  const values = columns.map(({ read }, place) => read.replace('?', String(place))).join(', ')
  return `INSERT INTO "${table}" (${names}) SELECT ${values} FROM ${ITEMS}`
}

function valuesOf(row: BackupRow['row'], columns: Columns, path: string): unknown[] {
  if (Object.keys(row).length !== columns.length || columns.some(({ name }) => row[name] === undefined))
    throw new UnfitBackup(path, 'has other columns than its version of the database')
  return columns.map(({ name }) => row[name])
}

/** What holds whichever way a database came back. */
async function settle(
  query: Query,
  side: BackupSide,
  { lastPlace, madeAt, now }: { lastPlace: number; madeAt: string; now: Date },
): Promise<void> {
  await side.giveOutAfter(query, lastForgottenPlace(lastPlace))
  await query(RESTORED, stamp(now), madeAt)
}
