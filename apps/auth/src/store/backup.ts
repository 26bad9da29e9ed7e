import { type ColumnType, ColumnTypeEnum, type SqlQueryable } from '@prisma/driver-adapter-utils'
import { BACKED_UP, type BackedUp, type BackupRow, type Counts, writeBackup } from './backup-file.ts'
import { backupSideOf } from './backup-side.ts'
import { appliedMigrations, UnfitDatabase } from './migrate.ts'
import { queryOn, stamp } from './statement.ts'

const PAGE = 500

/** The rows after a place, in the order of their keys. Every place is after the first one. */
const PAGES: Record<BackedUp, { first: string | number; key: string; sql: string }> = {
  Account: { first: '', key: 'id', sql: 'SELECT * FROM "Account" WHERE "id" > $1 ORDER BY "id" LIMIT $2' },
  AuditEvent: {
    first: 0,
    key: 'n',
    sql: 'SELECT * FROM "AuditEvent" WHERE "n" > $1::bigint ORDER BY "n" LIMIT $2',
  },
}

/**
 * Writes what is worth keeping to a new file: people, and what happened. Nothing that opens a door is in it but hashes of passwords:
 * no session, no grant, no key. Servers go on meanwhile.
 * @throws Error one sentence, and there is no file then
 */
export async function backUp(databaseUrl: string, path: string, now: Date): Promise<Counts> {
  const side = await backupSideOf(databaseUrl)
  return await side.atOneMoment(databaseUrl, async (connection) => {
    const query = queryOn(connection)
    const tables = (await query(side.history.tables)).map(({ name }) => name)
    if (!tables.includes('_prisma_migrations')) throw new UnfitDatabase('is not one of Grove')
    const [place] = await query('SELECT coalesce(max("n"), 0) AS "last" FROM "Grant"')
    const header = {
      madeAt: now.toISOString(),
      database: side.kind,
      migrations: [...(await appliedMigrations(connection))].toSorted(),
      lastPlace: Number(place?.last),
    }
    return await writeBackup(path, header, rowsOf(connection, side.dialect.statement))
  })
}

async function* rowsOf(
  connection: SqlQueryable,
  inDialect: (sql: string) => string,
): AsyncGenerator<BackupRow> {
  for (const table of BACKED_UP) {
    const { first, key, sql } = PAGES[table]
    let place: unknown = first
    for (let count = PAGE; count === PAGE; ) {
      const rows = await page(connection, inDialect(sql), [place, PAGE])
      for (const row of rows) yield { table, row }
      count = rows.length
      place = rows.at(-1)?.[key]
    }
  }
}

async function page(connection: SqlQueryable, sql: string, args: unknown[]): Promise<BackupRow['row'][]> {
  const argTypes = args.map(() => ({ scalarType: 'unknown', arity: 'scalar' }) as const)
  const { columnNames, columnTypes, rows } = await connection.queryRaw({ sql, args, argTypes })
  return rows.map((row) =>
    Object.fromEntries(columnNames.map((name, n) => [name, kept(row[n], columnTypes[n])])),
  )
}

/** As both kinds of database take it. */
function kept(value: unknown, type: ColumnType | undefined): BackupRow['row'][string] {
  if (value === null) return null
  switch (type) {
    case ColumnTypeEnum.Json:
      return JSON.parse(String(value))
    case ColumnTypeEnum.DateTime:
      return stamp(new Date(String(value)))
    case ColumnTypeEnum.Int32:
    case ColumnTypeEnum.Int64:
      return Number(value)
    default:
      return String(value)
  }
}
