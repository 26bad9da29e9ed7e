import { setTimeout as sleep } from 'node:timers/promises'
import type { Tracer } from '@grove/traces'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import type { OpenDatabase } from './database.ts'
import { POSTGRESQL } from './dialect.ts'
import { PrismaClient } from './generated/postgresql/client.ts'
import type { PrismaClient as Client } from './generated/sqlite/client.ts'
import { ROW_LOCKS } from './locks.ts'
import { migrate, UnfitDatabase } from './migrate.ts'
import { openConnections } from './postgresql-connection.ts'
import { reasonOf, ServerGoneError } from './postgresql-errors.ts'
import { POSTGRESQL_HISTORY } from './postgresql-history.ts'
import { type Query, queryOn, statementIn } from './statement.ts'
import { traced } from './traced.ts'

// A transaction may have to wait for a connection and for locks first.
const TRANSACTIONS = { maxWait: 10_000, timeout: 10_000 }
/** The lock that Prisma's command line takes too. */
export const MIGRATION_LOCK = 72_707_369
const START_PATIENCE_MS = 15_000
const START_PAUSE_MS = 250

/**
 * Opens the database and brings it up to date; processes that start together do that one after the other. A server that is
 * still starting is waited for.
 * @param url `postgres:`, as the driver takes it
 * @throws Error one sentence without the password, when the database cannot be reached or used
 */
export async function openPostgresql(url: string, tracer?: Tracer): Promise<OpenDatabase> {
  let connections: SqlDriverAdapter | undefined
  try {
    await whenThere(() => bringUpToDate(url))
    connections = await openConnections(url)
    await connections.queryRaw({ sql: 'SELECT 1', args: [], argTypes: [] })
    return share(connections, tracer)
  } catch (error) {
    await connections?.dispose()
    const reason = error instanceof UnfitDatabase ? error.message : reasonOf(error)
    throw new Error(`The database ${nameOf(url)} ${reason}`, { cause: error })
  }
}

async function whenThere<T>(run: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + START_PATIENCE_MS; ; await sleep(START_PAUSE_MS)) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof ServerGoneError) || Date.now() > deadline) throw error
    }
  }
}

/** On one connection of its own, since the lock belongs to it, and is gone with it. */
async function bringUpToDate(url: string): Promise<void> {
  const connection = await openConnections(url, { connections: 1, isPatient: true })
  try {
    const query = queryOn(connection)
    await checkServer(query)
    await connection.executeRaw({ sql: `SELECT pg_advisory_lock(${MIGRATION_LOCK})`, args: [], argTypes: [] })
    await migrate(connection, POSTGRESQL_HISTORY)
    // Perhaps nothing was written so far, and the first login is too late to find out that nothing can be.
    await query('DELETE FROM "UsedToken" WHERE false')
  } finally {
    await connection.dispose()
  }
}

async function checkServer(query: Query): Promise<void> {
  const setting = async (name: string) => String((await query(`SHOW ${name}`))[0]?.[name])
  // With `off` a crash of the server brings spent codes and refresh tokens back to life.
  if ((await setting('synchronous_commit')) === 'off')
    throw new UnfitDatabase('must run with synchronous_commit=on')
  if ((await setting('server_encoding')) !== 'UTF8')
    throw new UnfitDatabase('must be encoded in UTF8: create it so')
}

function share(connections: SqlDriverAdapter, tracer: Tracer | undefined): OpenDatabase {
  const { provider, adapterName } = connections
  const watched = tracer ? traced(connections, tracer) : connections
  const adapter = { provider, adapterName, connect: async () => watched }
  return {
    // `minimal`, because Prisma's longer messages quote values. Both clients are made of one set of models, and so are their types.
    prisma: new PrismaClient({
      adapter,
      errorFormat: 'minimal',
      transactionOptions: TRANSACTIONS,
    }) as unknown as Client,
    query: queryOn(watched),
    sharedQuery: queryOn(connections),
    statement: statementIn(POSTGRESQL),
    locks: ROW_LOCKS,
  }
}

/** For people; the password stays out. */
export function nameOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${pathname.slice(1)} at ${host}`
}
