import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapter, SqlQuery, Transaction } from '@prisma/driver-adapter-utils'
import { despiteConflicts } from './conflicts.ts'
import { ServerGoneError, translate } from './postgresql-errors.ts'

const CONNECTIONS = 10
/** How long a caller waits for a connection, for a lock, and for its statement. */
const PATIENCE_MS = 5000

export interface ConnectionOptions {
  /** Without it `?connection_limit=` of the URL, or ten. */
  connections?: number
  /** A migration takes as long as it takes, and waits for that of another process. */
  isPatient?: boolean
}

/**
 * The connections of this process, for Prisma's client and for the statements of our own. Unlike the adapter's own,
 *
 * - everybody waits for a limited time: for a connection, for a lock, for a statement, for a transaction that does nothing;
 * - a single statement that met a conflict is tried again, since it was taken back; so is a reading one whose connection was lost;
 * - COMMIT is this adapter's to send, so a connection goes back whatever becomes of it.
 *
 * @throws StoreBusyError from its methods when that time is over, or the server is away
 * @throws ConflictError within a transaction: all of it can be tried again
 */
export async function openConnections(
  url: string,
  options: ConnectionOptions = {},
): Promise<SqlDriverAdapter> {
  const pool = await new PrismaPg({
    connectionString: withoutOwnParameters(url),
    max: options.connections ?? connectionLimit(url),
    connectionTimeoutMillis: PATIENCE_MS,
    keepAlive: true,
    application_name: 'grove-auth',
    ...(options.isPatient
      ? { idleTimeoutMillis: 0 }
      : {
          statement_timeout: PATIENCE_MS,
          lock_timeout: PATIENCE_MS,
          idle_in_transaction_session_timeout: 2 * PATIENCE_MS,
          // Should the server be unreachable in the middle of a statement, nobody there keeps the time.
          query_timeout: 2 * PATIENCE_MS,
        }),
  }).connect()

  const single = <T>(query: SqlQuery, run: () => Promise<T>): Promise<T> =>
    despiteConflicts(() => retryingReads(query, () => translated(run)))

  return {
    provider: pool.provider,
    adapterName: pool.adapterName,
    queryRaw: (query) => single(query, () => pool.queryRaw(storable(query))),
    executeRaw: (query) => single(query, () => pool.executeRaw(storable(query))),
    executeScript: (script) => translated(() => pool.executeScript(script)),
    startTransaction: async (isolation) => guarded(await translated(() => pool.startTransaction(isolation))),
    getConnectionInfo: () => pool.getConnectionInfo?.() ?? { supportsRelationJoins: false },
    dispose: () => pool.dispose(),
  }
}

function guarded(transaction: Transaction): Transaction {
  let isOpen = true

  /** Whatever the last statement brings, the connection goes back to the others, and once. */
  const finish = async (sql: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    try {
      await translated(() => transaction.executeRaw({ sql, args: [], argTypes: [] }))
    } catch (error) {
      // What was not committed is rolled back when its connection ends.
      if (sql === 'COMMIT') throw error
    } finally {
      await transaction.rollback() // to this adapter only: give the connection back
    }
  }

  return {
    provider: transaction.provider,
    adapterName: transaction.adapterName,
    options: { usePhantomQuery: true },
    queryRaw: (query) => translated(() => transaction.queryRaw(storable(query))),
    executeRaw: (query) => translated(() => transaction.executeRaw(storable(query))),
    commit: () => finish('COMMIT'),
    rollback: () => finish('ROLLBACK'),
  }
}

// NUL, also as JSON writes it, and half of a pair, which JSON writes so when it is alone.
const NOT_STORABLE = /\0|\\u0000|\\ud[89a-f][0-9a-f]{2}/g

/** PostgreSQL refuses a text with such a character. Nothing that is meant has one, so another stands for it: � finds nothing. */
function storable(query: SqlQuery): SqlQuery {
  const isOdd = (arg: unknown): boolean =>
    typeof arg === 'string' ? arg.search(NOT_STORABLE) >= 0 : Array.isArray(arg) && arg.some(isOdd)
  const replaced = (arg: unknown): unknown => {
    if (Array.isArray(arg)) return arg.map(replaced)
    return typeof arg === 'string' ? arg.replace(NOT_STORABLE, standIn) : arg
  }
  return query.args.some(isOdd) ? { ...query, args: query.args.map(replaced) } : query
}

/** In the form that it was found in, since JSON may have a backslash before it. */
function standIn(found: string): string {
  return found === '\0' ? '\ufffd' : '\\ufffd'
}

async function translated<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw translate(error)
  }
}

/** A connection that the server closed since is noticed by whoever uses it next. Reading twice does no harm. */
async function retryingReads<T>(query: SqlQuery, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof ServerGoneError) || !/^\s*SELECT\b/i.test(query.sql)) throw error
    return await run()
  }
}

function connectionLimit(url: string): number {
  const asked = Number(new URL(url).searchParams.get('connection_limit'))
  return Number.isSafeInteger(asked) && asked > 0 ? asked : CONNECTIONS
}

/** The driver takes what it does not know for a setting of the server. */
function withoutOwnParameters(url: string): string {
  const own = new URL(url)
  own.searchParams.delete('connection_limit')
  return own.href
}
