import { setTimeout as pause } from 'node:timers/promises'
import { openSql, type Sql } from '@grove/auth/testing'

/** Another program that holds the database, so that nobody can write to it: a backup that takes too long, a person at a prompt. */
export interface Holder {
  take(): Promise<void>
  give(): Promise<void>
  close(): Promise<void>
}

export const isFile = (databaseUrl: string): boolean => databaseUrl.startsWith('file:')

// What every sign-on writes to. Reading goes on.
const WHAT_IS_WRITTEN = ['BEGIN', 'LOCK TABLE "Session", "Grant", "UsedToken" IN EXCLUSIVE MODE']

export async function openHolder(databaseUrl: string): Promise<Holder> {
  const sql = await openSql(databaseUrl)
  return {
    take: () => (isFile(databaseUrl) ? insistently(sql, 'BEGIN IMMEDIATE') : inOrder(sql, WHAT_IS_WRITTEN)),
    give: async () => void (await sql.query('COMMIT')),
    close: () => sql.close(),
  }
}

/** SQLite says at once when somebody else is writing. */
async function insistently(sql: Sql, statement: string): Promise<void> {
  for (;;) {
    try {
      await sql.query(statement)
      return
    } catch {
      await pause(1)
    }
  }
}

async function inOrder(sql: Sql, statements: string[]): Promise<void> {
  for (const statement of statements) await sql.query(statement)
}
