import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import type { SqlDriverAdapter, SqlQuery, Transaction } from '@prisma/driver-adapter-utils'
import { StoreBusyError } from '../domain/store.ts'
import { createLock, type Release } from './lock.ts'
import { isBusy, translate } from './sqlite-errors.ts'

// The driver waits for another process's write inside SQLite, which stops this process: short, for that is the usual length.
const BLOCKING_WAIT_MS = 50
const PROBE_EVERY_MS = 100
/** How long a statement waits for other processes altogether. */
const PATIENCE_MS = 5000

type Kind = 'read' | 'write'

/**
 * The one connection of this process, for Prisma's client and for the hot statements. Unlike the adapter's own,
 *
 * - a transaction stays on the connection (the adapter gives its connection away with each transaction, and the files stay open
 *   until the garbage collector comes by) and begins IMMEDIATE, so that it may read before it writes, beside other processes;
 * - a locked database is waited for without blocking the event loop, and reads go on meanwhile;
 * - a connection that saw SQLITE_BUSY is replaced: the driver never finishes the statement that failed, which pins the
 *   connection to an old state of the database for reads and makes every later write fail.
 *
 * @throws StoreBusyError from its methods, when another process holds the database for longer than five seconds, or its disk is full
 */
export async function openConnection(url: string): Promise<SqlDriverAdapter> {
  const factory = new PrismaLibSql({ url, timeout: BLOCKING_WAIT_MS, intMode: 'bigint' })
  const lock = createLock()
  let driver = await factory.connect()
  let writable: Promise<void> | undefined

  async function replaceDriver(): Promise<void> {
    const spent = driver
    driver = await factory.connect()
    await spent.dispose()
  }

  /** Runs alone on the connection and keeps the lock, for whoever calls `release`. */
  async function runLocked<T>(kind: Kind, run: () => Promise<T>): Promise<{ value: T; release: Release }> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      // While another process holds the database writes queue up here, and reads go past them.
      if (kind === 'write') await writable
      const release = await lock()
      if (kind === 'write' && writable) {
        release()
        continue
      }
      try {
        return { value: await run(), release }
      } catch (error) {
        try {
          if (!isBusy(error)) throw error
          becomeWritable()
          await replaceDriver()
        } finally {
          release()
        }
        if (Date.now() >= deadline) throw new StoreBusyError(error)
      }
      await writable
    }
  }

  async function runAlone<T>(kind: Kind, run: () => Promise<T>): Promise<T> {
    const { value, release } = await runLocked(kind, run)
    release()
    return value
  }

  /** All who wait share one probe, since each probe blocks for a moment. */
  function becomeWritable(): void {
    writable ??= probe().finally(() => {
      writable = undefined
    })
    writable.catch(() => {}) // whoever waits for it gets the error
  }

  async function probe(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      await sleep(PROBE_EVERY_MS)
      const release = await lock()
      try {
        // As a script, because a script that finds the database busy leaves no unfinished statement.
        await driver.executeScript('BEGIN IMMEDIATE; ROLLBACK')
        return
      } catch (error) {
        if (!isBusy(error)) throw error
        if (Date.now() >= deadline) throw new StoreBusyError(error)
      } finally {
        release()
      }
    }
  }

  async function startTransaction(): Promise<Transaction> {
    const { release } = await runLocked('write', () => driver.executeRaw(statement('BEGIN IMMEDIATE')))
    let isOpen = true

    const inside = async <T>(run: () => Promise<T>): Promise<T> => {
      if (!isOpen) throw new Error('The transaction has ended')
      return translated(run)
    }

    const finish = async (sql: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
      if (!isOpen) return
      isOpen = false
      try {
        await driver.executeRaw(statement(sql))
      } catch (error) {
        // A full disk, say. The script undoes what SQLite has not undone by itself; a new connection has no past.
        await driver.executeScript('ROLLBACK').catch(() => {})
        await replaceDriver()
        if (sql === 'COMMIT') throw translate(error)
      } finally {
        release()
      }
    }

    return {
      provider: driver.provider,
      adapterName: driver.adapterName,
      options: { usePhantomQuery: true },
      queryRaw: (query) => inside(() => driver.queryRaw(query)),
      executeRaw: (query) => inside(() => driver.executeRaw(query)),
      commit: () => finish('COMMIT'),
      rollback: () => finish('ROLLBACK'),
    }
  }

  return {
    provider: driver.provider,
    adapterName: driver.adapterName,
    queryRaw: (query) => translated(() => runAlone(kindOf(query), () => driver.queryRaw(query))),
    executeRaw: (query) => translated(() => runAlone(kindOf(query), () => driver.executeRaw(query))),
    executeScript: (script) => translated(() => runAlone('write', () => driver.executeScript(script))),
    startTransaction,
    dispose: () => runAlone('read', () => driver.dispose()),
  }
}

async function translated<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw translate(error)
  }
}

function kindOf({ sql }: SqlQuery): Kind {
  return /^\s*SELECT\b/i.test(sql) ? 'read' : 'write'
}

function statement(sql: string): SqlQuery {
  return { sql, args: [], argTypes: [] }
}
