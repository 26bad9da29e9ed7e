import { type Sql, sqltag } from '@prisma/client/runtime/client'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import { type Dialect, postgresql } from './dialect.ts'

export type Row = Record<string, unknown>

/** Runs one statement on the connection that Prisma's client uses; integers come back as numbers or text. */
export type Query = (sql: string, ...args: unknown[]) => Promise<Row[]>

/** The same statement for Prisma's `$executeRaw`, within a transaction. Its parameters are `$1`, `$2` … in this order. */
export type Statement = (sql: string, ...args: unknown[]) => Sql

export function queryOn(connection: SqlDriverAdapter, dialect: Dialect = postgresql): Query {
  return async (sql, ...args) => {
    const argTypes = args.map(() => ({ scalarType: 'unknown', arity: 'scalar' }) as const)
    const { columnNames, rows } = await connection.queryRaw({ sql: dialect(sql), args, argTypes })
    return rows.map((row) => Object.fromEntries(columnNames.map((name, index) => [name, row[index]])))
  }
}

export function statementIn(dialect: Dialect): Statement {
  return (sql, ...args) => sqltag(dialect(sql).split(/[$?]\d/), ...args)
}

/** A time as the adapter writes it, for times inside JSON: SQLite compares them as text. */
export function stamp(time: Date): string {
  return time.toISOString().replace('Z', '+00:00')
}
