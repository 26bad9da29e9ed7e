import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openConnection } from '../store/connection.ts'

/**
 * What stands in a PostgreSQL database at one moment, in a file for SQLite without any rule of its own: so both kinds are
 * judged by the same statements.
 */
export async function copyToSqlite(databaseUrl: string): Promise<{ url: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'oracle-'))
  const url = `file:${join(folder, 'copy.db')}`
  const copy = await openConnection(url)
  for (const table of await tablesOf(databaseUrl)) {
    const columns = table.columns.map((column) => `"${column}"`).join(', ')
    const rows = table.rows.map((row) => `(${row.map(literal).join(', ')})`)
    await copy.executeScript(`CREATE TABLE "${table.name}" (${columns})`)
    if (rows.length > 0) await copy.executeScript(`INSERT INTO "${table.name}" VALUES ${rows.join(', ')}`)
  }
  await copy.dispose()
  return { url, remove: () => rm(folder, { recursive: true }) }
}

interface Table {
  name: string
  columns: string[]
  rows: unknown[][]
}

async function tablesOf(databaseUrl: string): Promise<Table[]> {
  const { openConnections } = await import('../store/postgresql-connection.ts')
  const connection = await openConnections(databaseUrl, { connections: 1 })
  // All of its statements see the same moment.
  const snapshot = await connection.startTransaction('REPEATABLE READ')
  const read = (sql: string) => snapshot.queryRaw({ sql, args: [], argTypes: [] })
  const names = await read(
    `SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'`,
  )
  const tables: Table[] = []
  for (const name of names.rows.flat().map(String)) {
    const { columnNames: columns, rows } = await read(`SELECT * FROM "${name}"`)
    tables.push({ name, columns, rows })
  }
  await snapshot.rollback()
  await connection.dispose()
  return tables
}

function literal(value: unknown): string {
  if (value === null || typeof value === 'number') return String(value)
  return `'${String(value).replaceAll("'", "''")}'`
}
