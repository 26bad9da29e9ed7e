import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaPg } from '@prisma/adapter-pg'
import { isPostgresql } from '../store/database.ts'
import { SQLITE } from '../store/dialect.ts'
import { type Query, queryOn } from '../store/statement.ts'

/** A connection of a test's own, past the store: what another program could do to the same database. */
export interface Sql {
  /** One statement, in PostgreSQL's words; rows in its order. */
  query: Query
  /** Several statements. */
  run(script: string): Promise<void>
  close(): Promise<void>
}

/** Waits for no lock, opens no second connection, and creates a SQLite file that is not there. */
export async function openSql(databaseUrl: string): Promise<Sql> {
  const driver = isPostgresql(databaseUrl)
    ? await new PrismaPg({ connectionString: databaseUrl, max: 1, idleTimeoutMillis: 0 }).connect()
    : await new PrismaLibSql({ url: databaseUrl }).connect()
  return {
    query: isPostgresql(databaseUrl) ? queryOn(driver) : queryOn(driver, SQLITE),
    run: (script) => driver.executeScript(script),
    close: () => driver.dispose(),
  }
}
