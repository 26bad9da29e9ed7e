import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PEERS } from '../provider/peers.ts'
import { startPostgres } from '../provider/postgres.ts'
import { type Dialect, POSTGRESQL, SQLITE } from './dialects.ts'

/** A database that a Grove can be started on, and that can be filled past it. */
export interface Place {
  url: string
  dialect: Dialect
  /** The rows of the last statement. */
  run(statements: readonly string[]): Promise<Record<string, unknown>[]>
  /** On disk. */
  bytes(): Promise<number>
  close(): Promise<void>
}

export type OpenPlace = (folder: string) => Promise<Place>

export const onSqlite: OpenPlace = async (folder) => {
  const file = join(folder, 'auth.db')
  const url = `file:${file}`
  return {
    url,
    dialect: SQLITE,
    run: (statements) => runSql(url, statements),
    bytes: async () => (await stat(file)).size,
    close: async () => {},
  }
}

export const onPostgresql: OpenPlace = async () => {
  const postgres = await startPostgres()
  const url = await postgres.createDatabase('auth')
  const run = (statements: readonly string[]) => runSql(url, statements)
  return {
    url,
    dialect: POSTGRESQL,
    run,
    bytes: async () => {
      const [row] = await run(['SELECT pg_database_size(current_database()) AS "bytes"'])
      return Number(row?.bytes)
    },
    close: postgres.stop,
  }
}

function runSql(url: string, statements: readonly string[]): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, ['run-sql.mjs', url], { cwd: PEERS }, (error, rows) =>
      error ? reject(error) : resolve(JSON.parse(rows)),
    )
    child.stdin?.end(JSON.stringify(statements))
  })
}
