import { link, mkdir, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import { syncFolder, UnfitBackup } from './backup-file.ts'
import type { BackupSide } from './backup-side.ts'
import { openConnection } from './connection.ts'
import { DatabaseFile } from './database-file.ts'
import { SQLITE } from './dialect.ts'
import { UnfitDatabase } from './migrate.ts'
import { isBusy, reasonOf } from './sqlite-errors.ts'
import { SQLITE_HISTORY } from './sqlite-history.ts'
import { queryOn } from './statement.ts'

const OPEN_ELSEWHERE = 'is open in another process: stop auth first'

export const SQLITE_SIDE: BackupSide = {
  kind: 'sqlite',
  history: SQLITE_HISTORY,
  dialect: SQLITE,

  async atOneMoment(url, read) {
    return await onExisting(url, async (connection) => {
      // A backup of a damaged database is not made in silence.
      const [check] = await queryOn(connection, SQLITE)('PRAGMA quick_check(1)')
      if (check?.quick_check !== 'ok') throw new UnfitDatabase('is damaged: restore it from a backup')
      // The first statement that reads decides which moment it is. The log grows until the last one is done.
      await connection.executeRaw({ sql: 'BEGIN', args: [], argTypes: [] })
      const result = await read(connection)
      // Fails if the connection was another one meanwhile.
      await connection.executeRaw({ sql: 'COMMIT', args: [], argTypes: [] })
      return result
    })
  },

  async whereNothingIs(url, fill) {
    const { path } = new DatabaseFile(url)
    const taken = `The database ${path} is there already, or a log of it (-wal): move all that begins with its name away first`
    if ((await isThere(path)) || (await isThere(`${path}-wal`))) throw new Error(taken)
    await mkdir(dirname(path), { recursive: true })
    // Under another name, so that no server starts on half of it.
    const unfinished = `${path}-restoring`
    await remove(unfinished) // of one that was killed
    try {
      await on(`file:${unfinished}`, fill)
      await link(unfinished, path) // not over one that a server made meanwhile
      await syncFolder(dirname(path))
    } catch (error) {
      throw error instanceof Error && 'code' in error && error.code === 'EEXIST' ? new Error(taken) : error
    } finally {
      await remove(unfinished)
    }
  },

  async whereNobodyIs(url, change) {
    const file = new DatabaseFile(url)
    if ((await isThere(file.path)) && !(await isAlone(file.url)))
      throw new Error(`The database ${file.path} ${OPEN_ELSEWHERE}`)
    await onExisting(url, change)
  },

  async giveOutAfter(query, place) {
    await query(`DELETE FROM "sqlite_sequence" WHERE "name" = 'Grant'`)
    await query(`INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('Grant', $1)`, place)
  },
}

/** Only who is alone with the file may take its log away, and need not wait for that. The next server makes one again. */
async function isAlone(url: string): Promise<boolean> {
  const driver = await new PrismaLibSql({ url, intMode: 'bigint' }).connect()
  try {
    const [mode] = await queryOn(driver, SQLITE)('PRAGMA journal_mode = DELETE')
    return mode?.journal_mode === 'delete'
  } catch (error) {
    if (isBusy(error)) return false
    throw error
  } finally {
    await driver.dispose()
  }
}

async function onExisting<T>(url: string, work: (connection: SqlDriverAdapter) => Promise<T>): Promise<T> {
  const { path } = new DatabaseFile(url)
  if (!(await isThere(path))) throw new Error(`There is no database ${path}`)
  return await on(url, work)
}

async function on<T>(url: string, work: (connection: SqlDriverAdapter) => Promise<T>): Promise<T> {
  const file = new DatabaseFile(url)
  let connection: SqlDriverAdapter | undefined
  try {
    connection = await openConnection(file.url)
    return await work(connection)
  } catch (error) {
    // Of the backup's file, or of the system.
    if (error instanceof UnfitBackup || (error instanceof Error && 'syscall' in error)) throw error
    const unfit = error instanceof UnfitDatabase ? error.message : undefined
    const reason = unfit ?? (isBusy(error) ? OPEN_ELSEWHERE : reasonOf(error))
    throw new Error(`The database ${file.path} ${reason}`, { cause: error })
  } finally {
    await connection?.dispose()
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

async function remove(path: string): Promise<void> {
  for (const end of ['', '-journal', '-wal', '-shm']) await rm(path + end, { force: true })
}
