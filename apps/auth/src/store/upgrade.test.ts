import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from './index.ts'
import { after, anAccount, aSession } from './store.fixture.ts'

const MIGRATIONS = fileURLToPath(new URL('../../prisma/sqlite/migrations', import.meta.url))
const entries = await readdir(MIGRATIONS, { withFileTypes: true })
const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
const sqlOf = (name: string) => readFile(join(MIGRATIONS, name, 'migration.sql'), 'utf8')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'upgrade-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A database as a version left it that knew only these migrations. */
async function databaseOf(known: string[]): Promise<string> {
  const url = `file:${join(folder, `${known.length}.db`)}`
  const connection = await new PrismaLibSql({ url }).connect()
  await connection.executeScript(`CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL,
    "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME,
    "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`)
  for (const name of known) {
    const sql = await sqlOf(name)
    await connection.executeScript(sql)
    await connection.executeScript(`INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at")
      VALUES ('${name}', '${sha256(sql)}', '${name}', current_timestamp)`)
  }
  await connection.dispose()
  return url
}

test.each(names.map((_, n) => names.slice(0, n + 1)))(
  'a database that ends with this migration, or those up to it, is brought up to date and does its work: %s',
  async (...known) => {
    const store = await openStore(await databaseOf(known))
    const account = anAccount()
    await store.accounts.addMissing([account])
    const session = aSession(account.id)
    expect(await store.sessions.start(session)).toBe(true)
    expect(await store.sessions.ofAccount(account.id, after(1))).toHaveLength(1)
    await store.close()
  },
)

// Databases are told by the names of what was applied to them: whatever is added to a file later never reaches those.
test('a migration that has been out is not edited: what is new is a new one', async () => {
  const checksums = await Promise.all(
    names.map(async (name) => [name, sha256(await sqlOf(name)).slice(0, 12)]),
  )
  expect(Object.fromEntries(checksums)).toEqual({
    '20261123090000_init': 'b791fa19a12d',
    '20261125200000_consent_limits_and_bound_grants': '8b6bf829c688',
    '20261125210000_devices_and_what_an_account_lists': '441aafcc6553',
    '20261126090000_grants_end_when_unused': '8c3e7bd797d3',
  })
})
