import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'

export type Row = Record<string, unknown>

/** Runs one statement on the connection that Prisma's client uses; integers come back as text. */
export type Query = (sql: string, ...args: unknown[]) => Promise<Row[]>

export function queryOn(connection: SqlDriverAdapter): Query {
  return async (sql, ...args) => {
    const argTypes = args.map(() => ({ scalarType: 'unknown', arity: 'scalar' }) as const)
    const { columnNames, rows } = await connection.queryRaw({ sql, args, argTypes })
    return rows.map((row) => Object.fromEntries(columnNames.map((name, index) => [name, row[index]])))
  }
}

/** A time as the adapter writes it, for times inside JSON: SQLite compares them as text. */
export function stamp(time: Date): string {
  return time.toISOString().replace('Z', '+00:00')
}
