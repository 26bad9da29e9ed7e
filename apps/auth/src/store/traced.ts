import type { Attributes, Span, SpanStart, Tracer } from '@grove/traces'
import type { SqlDriverAdapter, SqlQueryable, Transaction } from '@prisma/driver-adapter-utils'
import { gather } from './gather.ts'
import type { Collect } from './hot.ts'

const SYSTEMS: Readonly<Record<string, string>> = { postgres: 'postgresql' }

/**
 * The same connection, with a span for each statement that runs in a trace: which kind of statement and which table, never its text or
 * its values. What no request waits for is left out.
 */
export function traced(connection: SqlDriverAdapter, tracer: Tracer): SqlDriverAdapter {
  const system = SYSTEMS[connection.provider] ?? connection.provider

  const within = <T>(sql: string, run: () => Promise<T>): Promise<T> =>
    tracer.present() ? tracer.trace(spanOf(system, sql), run) : run()

  const statementsOf = (on: SqlQueryable): Pick<SqlQueryable, 'queryRaw' | 'executeRaw'> => ({
    queryRaw: (query) => within(query.sql, () => on.queryRaw(query)),
    executeRaw: (query) => within(query.sql, () => on.executeRaw(query)),
  })

  const transactionOf = (transaction: Transaction): Transaction => ({
    ...transaction,
    ...statementsOf(transaction),
    // Here it waits for the disk.
    commit: () => within('COMMIT', () => transaction.commit()),
    rollback: () => within('ROLLBACK', () => transaction.rollback()),
  })

  return {
    ...connection,
    ...statementsOf(connection),
    // Here it waits for its turn.
    startTransaction: async (isolation) =>
      transactionOf(await within('BEGIN', () => connection.startTransaction(isolation))),
  }
}

/**
 * One statement answers many callers, so each has a span of its own: from when it asks until its answer, and how many shared the
 * statement. A span of the statement itself would be in the trace of one of them, and missing in the others'.
 */
export function tracedCollect(system: 'sqlite' | 'postgresql', tracer: Tracer): Collect {
  return (sql, run, options) => {
    const start = spanOf(system, sql)
    const spans = new Map<unknown, Span>()
    const ask = gather((items: Parameters<typeof run>[0]) => {
      for (const item of items) spans.get(item)?.set({ 'db.operation.batch.size': items.length })
      return run(items)
    }, options)
    return async (item) => {
      if (!tracer.present()) return await ask(item)
      return await tracer.trace(start, async (span) => {
        spans.set(item, span)
        return await ask(item).finally(() => spans.delete(item))
      })
    }
  }
}

const FIRST_WORD = /[a-z]+/i
// `Session`, "Session", "public"."Session"
const TABLE = /\b(?:FROM|INTO|UPDATE|JOIN)\s+(?:[`"]?\w+[`"]?\.)?[`"](\w+)[`"]/i

/** Named as the conventions have it: operation and table (OpenTelemetry, "Semantic Conventions for Database Spans"). */
function spanOf(system: string, sql: string): SpanStart {
  const operation = FIRST_WORD.exec(sql)?.[0].toUpperCase() ?? 'SQL'
  const table = TABLE.exec(sql)?.[1]
  const attributes: Attributes = {
    'db.system.name': system,
    'db.operation.name': operation,
    ...(table && { 'db.collection.name': table }),
  }
  return { name: table ? `${operation} ${table}` : operation, kind: 'client', attributes }
}
