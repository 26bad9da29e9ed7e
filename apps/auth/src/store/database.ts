import type { Tracer } from '@grove/traces'
import type { Prisma, PrismaClient } from './generated/sqlite/client.ts'
import type { Locks } from './locks.ts'
import type { Query, Statement } from './statement.ts'

/** A database that is open and up to date. The types of SQLite's client stand for both: they are made of the same models. */
export interface OpenDatabase {
  prisma: PrismaClient
  /** Runs a statement of our own, past Prisma. */
  query: Query
  /** The same for a statement that answers several callers at once, and so is part of no trace. */
  sharedQuery: Query
  /** Puts one into a transaction of Prisma's. */
  statement: Statement
  locks: Locks
}

export interface Database extends OpenDatabase {
  /** All of it happens or nothing. `work` may run again, when another transaction was in its way. */
  transact<T>(work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T>
}

/** Loads the client and the driver of the database that the URL names, and not those of the other. */
export async function openDatabase(databaseUrl: string, tracer?: Tracer): Promise<OpenDatabase> {
  const database = isPostgresql(databaseUrl)
    ? await (await import('./postgresql.ts')).openPostgresql(databaseUrl, tracer)
    : await (await import('./sqlite.ts')).openSqlite(databaseUrl, tracer)
  // Prisma closes what it has used, and statements of our own go past it.
  await database.prisma.$connect()
  return database
}

export function isPostgresql(databaseUrl: string): boolean {
  return /^postgres(ql)?:/.test(databaseUrl)
}
