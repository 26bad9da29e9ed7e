import type { Tracer } from '@grove/traces'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import { StoreBusyError } from '../domain/store.ts'
import { openConnection } from './connection.ts'
import type { OpenDatabase } from './database.ts'
import { DatabaseFile } from './database-file.ts'
import { SQLITE } from './dialect.ts'
import { PrismaClient } from './generated/sqlite/client.ts'
import { NO_LOCKS } from './locks.ts'
import { checkOwner, migrate, UnfitDatabase } from './migrate.ts'
import { reasonOf } from './sqlite-errors.ts'
import { SQLITE_HISTORY } from './sqlite-history.ts'
import { type Query, queryOn, statementIn } from './statement.ts'
import { traced } from './traced.ts'

// A transaction may have to wait for another process first.
const TRANSACTIONS = { maxWait: 10_000, timeout: 10_000 }

/**
 * Opens the database, creates it on the first start, and brings it up to date.
 * @param url `file:` and a path, absolute or from the working directory
 * @throws Error one sentence, when the file is damaged, cannot be written, or belongs to a newer version
 */
export async function openSqlite(url: string, tracer?: Tracer): Promise<OpenDatabase> {
  const file = new DatabaseFile(url)
  await file.prepare()
  let connection: SqlDriverAdapter | undefined
  try {
    connection = await openConnection(file.url)
    await checkOwner(connection, SQLITE_HISTORY) // before anything is changed
    await checkPragmas(queryOn(connection, SQLITE))
    await migrate(connection, SQLITE_HISTORY)
    // Perhaps nothing was written so far, and the first login is too late to find out that nothing can be. (BEGIN IMMEDIATE would
    // not tell: it is satisfied with reading where writing is forbidden.)
    await connection.executeScript('DELETE FROM "UsedToken" WHERE false')
    await file.settle()
    return share(connection, tracer)
  } catch (error) {
    await connection?.dispose()
    if (error instanceof StoreBusyError) throw error
    const reason = error instanceof UnfitDatabase ? error.message : reasonOf(error)
    throw new Error(`The database ${file.path} ${reason}`, { cause: error })
  }
}

async function checkPragmas(query: Query): Promise<void> {
  const pragma = async (text: string) => {
    const [row] = await query(`PRAGMA ${text}`)
    return String(Object.values(row ?? {})[0])
  }
  // Readers and the writer do not wait for each other; it is a property of the file.
  if ((await pragma('journal_mode = WAL')) !== 'wal')
    throw new UnfitDatabase('cannot keep a log (WAL): put it on a local disk')
  // With NORMAL a power failure brings spent codes and refresh tokens back to life.
  if ((await pragma('synchronous')) !== '2') throw new UnfitDatabase('must run with synchronous=FULL')
  if ((await pragma('quick_check(1)')) !== 'ok')
    throw new UnfitDatabase('is damaged: restore it from a backup')
}

/** Prisma's client and the hot statements, on one connection. */
function share(connection: SqlDriverAdapter, tracer: Tracer | undefined): OpenDatabase {
  const { provider, adapterName } = connection
  const watched = tracer ? traced(connection, tracer) : connection
  const adapter = { provider, adapterName, connect: async () => watched }
  return {
    // `minimal`, because Prisma's longer messages quote values.
    prisma: new PrismaClient({ adapter, errorFormat: 'minimal', transactionOptions: TRANSACTIONS }),
    query: queryOn(watched, SQLITE),
    sharedQuery: queryOn(connection, SQLITE),
    statement: statementIn(SQLITE),
    locks: NO_LOCKS,
  }
}
