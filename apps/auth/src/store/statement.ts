import { type Sql, sqltag } from '@prisma/client/runtime/client'
import type { ArgType, SqlQueryable } from '@prisma/driver-adapter-utils'
import { type Dialect, POSTGRESQL } from './dialect.ts'

export type Row = Record<string, unknown>

/** Runs one statement on the connection that Prisma's client uses; integers come back as numbers or text. An array is its `ITEMS`. */
export type Query = (sql: string, ...args: unknown[]) => Promise<Row[]>

/** The same statement for Prisma's `$executeRaw`, within a transaction. Its parameters are `$1`, `$2` … in this order. */
export type Statement = (sql: string, ...args: unknown[]) => Sql

export function queryOn(connection: SqlQueryable, dialect: Dialect = POSTGRESQL): Query {
  return async (sql, ...given) => {
    const args = argsIn(dialect, given)
    const argTypes = args.map(typeOf)
    const { columnNames, rows } = await connection.queryRaw({ sql: dialect.statement(sql), args, argTypes })
    return rows.map((row) => Object.fromEntries(columnNames.map((name, index) => [name, row[index]])))
  }
}

export function statementIn(dialect: Dialect): Statement {
  return (sql, ...given) => {
    const args = argsIn(dialect, given)
    return sqltag(dialect.statement(sql).split(/[$?]\d/), ...args)
  }
}

const argsIn = (dialect: Dialect, given: unknown[]) =>
  given.map((arg) => (Array.isArray(arg) ? dialect.items(arg) : arg))

function typeOf(arg: unknown): ArgType {
  return { scalarType: 'unknown', arity: Array.isArray(arg) ? 'list' : 'scalar' }
}

/** A time as the adapter writes it, for times inside JSON: SQLite compares them as text. */
export function stamp(time: Date): string {
  return time.toISOString().replace('Z', '+00:00')
}
