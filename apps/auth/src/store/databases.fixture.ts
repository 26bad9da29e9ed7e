import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, test } from 'vitest'
import { newPostgresDatabase } from '../testing/postgres.fixture.ts'

/** Runs the same tests on a new database of each kind; says so where one cannot be had. */
export async function onEachDatabase(run: (name: string, url: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  run('SQLite', `file:${join(folder, 'auth.db')}`)
  const database = await newPostgresDatabase()
  if ('url' in database) run('PostgreSQL', database.url)
  else test.skip(`on PostgreSQL: ${database.reason}`)
}
