import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import { describe, expect, test } from 'vitest'
import { CHILD } from '../testing/built.fixture.ts'
import { newPostgresDatabase } from '../testing/postgres.fixture.ts'
import { openStore } from './index.ts'
import { queryOn, type Row } from './statement.ts'

const AUTH = fileURLToPath(new URL('../..', import.meta.url))

const runTool = async (tool: string, args: string[], databaseUrl: string) => {
  // Where a download would be tried, nobody answers.
  const env = { ...process.env, PRISMA_ENGINES_MIRROR: 'http://127.0.0.1:9', DATABASE_URL: databaseUrl }
  return (await promisify(execFile)(process.execPath, [tool, ...args], { cwd: AUTH, env })).stdout
}

test('both histories lead to the models, as far as that can be told without a server', async () => {
  await runTool('tools/migration.mjs', ['--check'], '')
}, 60_000)

const database = await newPostgresDatabase()

if ('reason' in database) test.skip(`migrations on PostgreSQL: ${database.reason}`)
else describe('migrations on PostgreSQL', () => migrations(database.url))

function migrations(url: string): void {
  const newUrl = async () => {
    const made = await newPostgresDatabase()
    if ('reason' in made) throw new Error(made.reason)
    return made.url
  }
  const execute = async (onUrl: string, script: string) => {
    const connection = await new PrismaPg({ connectionString: onUrl }).connect()
    await connection.executeRaw({ sql: script, args: [], argTypes: [] })
    await connection.dispose()
  }
  const reasonAgainst = async (onUrl: string) => {
    const opened = await openStore(onUrl).catch((error: Error) => error)
    if (opened instanceof Error) return opened.message
    await opened.close()
    return 'opened'
  }

  test('F-13: several processes may start together on nothing', async () => {
    const start = async () => {
      const child = fork(CHILD, [url], { cwd: AUTH, execArgv: [] })
      const [message] = await once(child, 'message')
      child.disconnect()
      return message
    }
    const here = Array.from({ length: 5 }, () => reasonAgainst(url))
    expect(await Promise.all([start(), start(), ...here])).toEqual([
      { id: 0, result: 'ready' },
      { id: 0, result: 'ready' },
      ...here.map(() => 'opened'),
    ])
  }, 60_000)

  test("who starts while another process migrates waits for it, as Prisma's own command line does", async () => {
    const onUrl = await newUrl()
    const other = await new PrismaPg({ connectionString: onUrl, max: 1 }).connect()
    await other.executeRaw({ sql: 'SELECT pg_advisory_lock(72707369)', args: [], argTypes: [] })
    let isOpen = false
    const opened = reasonAgainst(onUrl).finally(() => {
      isOpen = true
    })
    const waits = `SELECT 1 AS "n" FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`
    while ((await queryOn(other)(waits)).length === 0) expect(isOpen).toBe(false)
    await other.dispose()
    expect(await opened).toBe('opened')
  }, 60_000)

  test("Prisma's command line takes a database that the server migrated for its own, and the other way around", async () => {
    await reasonAgainst(url)
    expect(await runTool('tools/prisma.mjs', ['migrate', 'status'], url)).toContain('up to date')
    expect(await runTool('tools/prisma.mjs', ['migrate', 'deploy'], url)).toContain('No pending migrations')
    const deployed = await newUrl()
    await runTool('tools/prisma.mjs', ['migrate', 'deploy'], deployed)
    expect(await reasonAgainst(deployed)).toBe('opened')
  }, 60_000)

  test('the migrations make what the models say, and the two indexes that Prisma has no words for', async () => {
    await reasonAgainst(url)
    const compared = ['migrate', 'diff', '--from-empty', '--to-schema', 'prisma/postgresql', '--script']
    const said = await newUrl()
    await execute(said, await runTool('tools/prisma.mjs', compared, said))
    const [migrated, modelled] = [await shapeOfPostgresql(url), await shapeOfPostgresql(said)]
    // The models cannot say that these two have eight bytes (decision 021).
    const widened = modelled.columns.map((column) =>
      column.replace(/^((Grant|AuditEvent) n) integer/, '$1 bigint'),
    )
    expect(migrated.columns).toEqual(widened)
    const byHand = migrated.indexes.filter((index) => !modelled.indexes.includes(index))
    expect(byHand.map((index) => /"(\w+)" ON/.exec(index)?.[1])).toEqual([
      'Grant_revokedAt_idx',
      'LogoutDelivery_dueAt_idx',
    ])
    expect(modelled.indexes.filter((index) => !migrated.indexes.includes(index))).toEqual([])
    expect(migrated.constraints).toEqual(modelled.constraints)
  }, 60_000)

  test('both histories make the same tables, columns and indexes', async () => {
    await reasonAgainst(url)
    const folder = await mkdtemp(join(tmpdir(), 'store-'))
    await reasonAgainst(`file:${join(folder, 'auth.db')}`)
    const sqlite = await shapeOfSqlite(`file:${join(folder, 'auth.db')}`)
    await rm(folder, { recursive: true })
    expect(await commonShape(url)).toEqual(sqlite)
  })

  test('F-25: refusing, with a sentence that says what to do and not what the password is', async () => {
    const row = (name: string, finished: string) =>
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at") VALUES ('x', 'y', '${name}', ${finished})`
    const opened = async () => {
      const onUrl = await newUrl()
      await reasonAgainst(onUrl)
      return onUrl
    }
    const newer = await opened()
    await execute(newer, row('20991231000000_later', 'now()'))
    expect(await reasonAgainst(newer)).toContain('was upgraded by a newer version (20991231000000_later)')

    const half = await opened()
    await execute(half, row('20261124000000_half', 'NULL'))
    expect(await reasonAgainst(half)).toContain('has a migration that failed (20261124000000_half)')

    const lacking = await opened()
    await execute(lacking, 'DROP TABLE "UsedToken"')
    expect(await reasonAgainst(lacking)).toContain('lacks the table UsedToken')

    const foreign = await newUrl()
    await execute(foreign, 'CREATE TABLE "Recipe" ("id" TEXT)')
    expect(await reasonAgainst(foreign)).toContain('belongs to another program')
    const { host, pathname } = new URL(foreign)
    expect(await reasonAgainst(foreign)).toMatch(`The database ${pathname.slice(1)} at ${host} `)

    const forgetful = await opened()
    await execute(
      forgetful,
      `ALTER DATABASE "${new URL(forgetful).pathname.slice(1)}" SET synchronous_commit = off`,
    )
    expect(await reasonAgainst(forgetful)).toContain('must run with synchronous_commit=on')

    const readOnly = await opened()
    const name = new URL(readOnly).pathname.slice(1)
    await execute(readOnly, `ALTER DATABASE "${name}" SET default_transaction_read_only = on`)
    expect(await reasonAgainst(readOnly)).toContain('cannot be written')

    const nobody = new URL(await newUrl())
    nobody.password = 'guessed-1865'
    expect(await reasonAgainst(nobody.href)).toContain('refuses this user')
    expect(await reasonAgainst(nobody.href)).not.toContain('guessed-1865')
    expect(await reasonAgainst(new URL('/nowhere', url).href)).toContain('does not exist: create it')
  }, 60_000)

  test('a migration that fails leaves nothing behind', async () => {
    const onUrl = await newUrl()
    const connection = await new PrismaPg({ connectionString: onUrl, max: 1 }).connect()
    const { POSTGRESQL_HISTORY } = await import('./postgresql-history.ts')
    await connection.executeRaw({ sql: POSTGRESQL_HISTORY.table, args: [], argTypes: [] })
    const record = `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name") VALUES ('x', 'y', 'z')`
    const broken = POSTGRESQL_HISTORY.apply(connection, record, 'CREATE TABLE "A" ("id" INT); SELECT 1/0')
    await expect(broken).rejects.toThrow()
    expect((await queryOn(connection)(POSTGRESQL_HISTORY.tables)).map(({ name }) => name)).toEqual([
      '_prisma_migrations',
    ])
    expect(await queryOn(connection)('SELECT * FROM "_prisma_migrations"')).toEqual([])
    await connection.dispose()
  })
}

test('the newest models that were migrated are those that there are, comments aside', async () => {
  const plain = async (path: string) =>
    (await readFile(join(AUTH, 'prisma', path), 'utf8')).replace(/\/\/.*$/gm, '').replace(/\s+/g, ' ')
  expect(await plain('postgresql/migrations/models.txt')).toBe(await plain('models.prisma'))
})

async function reading<T>(connection: SqlDriverAdapter, read: (rows: Query) => Promise<T>): Promise<T> {
  const query = queryOn(connection)
  const shape = await read((sql) => query(sql))
  await connection.dispose()
  return shape
}
type Query = (sql: string) => Promise<Row[]>
const line = (row: Row) => Object.values(row).join(' ')

async function shapeOfPostgresql(url: string) {
  return reading(await new PrismaPg({ connectionString: url }).connect(), async (query) => ({
    columns: (
      await query(
        `SELECT table_name::text, column_name::text, data_type::text, datetime_precision::text, is_nullable::text,
           coalesce(column_default::text, '')
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' ORDER BY 1, 2`,
      )
    ).map(line),
    indexes: (
      await query(
        `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' ORDER BY indexname`,
      )
    ).map(line),
    constraints: (
      await query(
        `SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid::regclass::text <> '_prisma_migrations' ORDER BY 1`,
      )
    ).map(line),
  }))
}

interface CommonShape {
  columns: string[]
  indexes: string[]
}

async function commonShape(url: string): Promise<CommonShape> {
  return reading(await new PrismaPg({ connectionString: url }).connect(), async (query) => ({
    columns: (
      await query(
        `SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END AS "column"
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`,
      )
    )
      .map(line)
      .sort(),
    indexes: (
      await query(
        `SELECT indexrelid::regclass::text, indisunique::text, (indpred IS NOT NULL)::text FROM pg_index
         JOIN pg_class c ON c.oid = indrelid JOIN pg_namespace s ON s.oid = c.relnamespace
         WHERE s.nspname = 'public' AND NOT indisprimary`,
      )
    )
      .map((row) => line(row).replaceAll('"', ''))
      .sort(),
  }))
}

async function shapeOfSqlite(url: string): Promise<CommonShape> {
  const ours = `"type" = 'table' AND t."name" NOT LIKE 'sqlite_%' AND t."name" <> '_prisma_migrations'`
  return reading(await new PrismaLibSql({ url }).connect(), async (query) => ({
    columns: (
      await query(
        `SELECT t."name" || '.' || c."name" || CASE c."notnull" WHEN 0 THEN ' null' ELSE '' END AS "column"
         FROM sqlite_schema t, pragma_table_info(t."name") c WHERE ${ours.replace('"type"', 't."type"')}`,
      )
    )
      .map(line)
      .sort(),
    indexes: (
      await query(
        `SELECT i."name", iif(i."unique", 'true', 'false'), iif(i."partial", 'true', 'false')
         FROM sqlite_schema t, pragma_index_list(t."name") i WHERE ${ours.replace('"type"', 't."type"')} AND i."origin" = 'c'`,
      )
    )
      .map(line)
      .sort(),
  }))
}
