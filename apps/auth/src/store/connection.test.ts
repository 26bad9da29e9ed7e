import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StoreBusyError } from '../domain/store.ts'
import { accountStore } from './accounts.ts'
import type { OpenDatabase } from './database.ts'
import { grantStore } from './grants.ts'
import { HOT_STATEMENTS, hotVerbs } from './hot.ts'
import { sessionStore } from './sessions.ts'
import { openSqlite } from './sqlite.ts'
import { type Query, stamp } from './statement.ts'
import { after, aGrant, anAccount, aSession } from './store.fixture.ts'
import { SWEEP_STATEMENTS } from './sweep.ts'

let folder: string
let sqlite: OpenDatabase
/** Stands for another process. */
let other: SqlDriverAdapter

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'))
  const url = `file:${join(folder, 'auth.db')}`
  sqlite = await openSqlite(url)
  other = await new PrismaLibSql({ url }).connect()
})
afterEach(async () => {
  await sqlite.prisma.$disconnect()
  await other.dispose()
  await rm(folder, { recursive: true })
})

const lockDatabase = () => other.executeRaw({ sql: 'BEGIN IMMEDIATE', args: [], argTypes: [] })
const unlockDatabase = () => other.executeRaw({ sql: 'COMMIT', args: [], argTypes: [] })
const insertElsewhere = (id: string) =>
  other.executeScript(`INSERT INTO "UsedToken" VALUES ('${id}', '2026-11-23T00:00:00.000+00:00')`)
const insert = (id: string) => sqlite.prisma.usedToken.create({ data: { id, expiresAt: new Date() } })
const ids = async () => (await sqlite.query('SELECT "id" FROM "UsedToken" ORDER BY "id"')).map(({ id }) => id)

test('F-22: while another process holds the lock, reads go on and writes wait without stopping the process', async () => {
  await lockDatabase()
  const writes = Promise.all([
    insert('a'),
    insert('b'),
    sqlite.prisma.$transaction([insert('c'), insert('d')]),
  ])
  let reads = 0
  for (const start = Date.now(); Date.now() - start < 2000; reads++) {
    expect(await ids()).toEqual([])
    await sleep(1)
  }
  expect(reads).toBeGreaterThan(10)
  await unlockDatabase()
  await writes
  expect(await ids()).toEqual(['a', 'b', 'c', 'd'])
})

test('F-22: after five seconds a write fails, and the next one works without a restart', async () => {
  await lockDatabase()
  const outcomes = await Promise.allSettled([
    insert('a'),
    insert('b'),
    sqlite.prisma.$transaction([insert('c')]),
  ])
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: expect.any(StoreBusyError) })
  await unlockDatabase()
  await insert('z')
  expect(await ids()).toEqual(['z'])
}, 30_000)

test('F-21: after the database was busy, reads are fresh and acknowledged writes are there', async () => {
  await lockDatabase()
  const late = insert('late')
  await sleep(200)
  await unlockDatabase()
  await late
  await insertElsewhere('elsewhere')
  expect(await ids()).toEqual(['elsewhere', 'late'])
  await sqlite.prisma.$transaction([insert('x')])
  await insert('y')
  const seen = await other.queryRaw({ sql: 'SELECT "id" FROM "UsedToken"', args: [], argTypes: [] })
  expect(seen.rows.flat().sort()).toEqual(['elsewhere', 'late', 'x', 'y'])
})

test('a transaction may read before it writes, beside other processes', async () => {
  await insert('a')
  await sqlite.prisma.$transaction(async (tx) => {
    expect(await tx.usedToken.count()).toBe(1)
    // With a deferred transaction the other one would get in here, and the write below would fail.
    await expect(insertElsewhere('b')).rejects.toThrow()
    await tx.usedToken.create({ data: { id: 'c', expiresAt: new Date() } })
  })
  expect(await ids()).toEqual(['a', 'c'])
})

test('what fails inside a transaction takes all of it back, and a call beside it stays', async () => {
  const failing = sqlite.prisma.$transaction(async (tx) => {
    await tx.usedToken.create({ data: { id: 'inside', expiresAt: new Date() } })
    await sleep(50)
    throw new Error('no')
  })
  const beside = insert('beside')
  await expect(failing).rejects.toThrow('no')
  await beside
  expect(await ids()).toEqual(['beside'])
})

test('F-24: without room a write is refused as busy, what was there stays, and the next one works when there is room', async () => {
  await insert('a')
  const [pages] = await sqlite.query('PRAGMA page_count')
  await sqlite.query(`PRAGMA max_page_count = ${pages?.page_count}`)
  const long = (id: string) => insert(id + 'x'.repeat(50_000))
  const inTransaction = sqlite.prisma.$transaction(async (tx) => {
    await tx.usedToken.create({ data: { id: 'b', expiresAt: new Date() } })
    await tx.usedToken.create({ data: { id: 'c'.repeat(50_000), expiresAt: new Date() } })
  })
  for (const outcome of await Promise.allSettled([
    long('d'),
    inTransaction,
    sqlite.prisma.$transaction([long('e')]),
  ]))
    expect(outcome).toMatchObject({ reason: expect.any(StoreBusyError) })
  expect(await ids()).toEqual(['a'])
  await sqlite.query('PRAGMA max_page_count = 1000000')
  await long('f')
  expect(await ids()).toHaveLength(2)
})

test('F-20: sixteen transactions at once all succeed', async () => {
  const one = (n: number) =>
    sqlite.prisma.$transaction(async (tx) => {
      await tx.usedToken.findMany()
      await tx.usedToken.create({ data: { id: `${n}`, expiresAt: new Date() } })
    })
  await Promise.all(Array.from({ length: 16 }, (_, n) => one(n)))
  expect(await ids()).toHaveLength(16)
})

test('F-20: a session is found, a code redeemed and a refresh token rotated by one statement each, and no transaction', async () => {
  const sent: string[] = []
  const query: Query = (sql, ...args) => {
    sent.push(sql)
    return sqlite.query(sql, ...args)
  }
  const hot = hotVerbs(query)
  const refuse = () => Promise.reject(new Error('no transaction here'))
  const db = { ...sqlite, query, transact: refuse }
  const account = anAccount()
  await accountStore({ ...sqlite, transact: (work) => sqlite.prisma.$transaction(work) }).addMissing([
    account,
  ])
  const session = aSession(account.id)
  await sqlite.query(
    `INSERT INTO "Session" ("id", "secretHash", "accountId", "authenticatedAt", "expiresAt") VALUES ($1, '', $2, $3, $4)`,
    session.id,
    account.id,
    stamp(session.authenticatedAt),
    stamp(session.expiresAt),
  )
  const code = aGrant(session.id)
  expect(await sessionStore(db, hot).find(session.id, after(1))).toMatchObject({ id: session.id })
  expect(await grantStore(db, hot).redeem(code, after(1))).toMatchObject({ outcome: 'redeemed' })
  const presented = { grantId: code.id, clientId: code.clientId, generation: 0 }
  expect(await grantStore(db, hot).rotate(presented, after(2), 10)).toMatchObject({ outcome: 'rotated' })
  expect(sent).toEqual([HOT_STATEMENTS.FIND_SESSIONS, HOT_STATEMENTS.REDEEM, HOT_STATEMENTS.ROTATE])
})

test('F-12: every commit is on disk before it is answered, also after a lock and a transaction', async () => {
  const pragma = async (name: string) => Object.values((await sqlite.query(`PRAGMA ${name}`))[0] ?? {})[0]
  const expectDurable = async () => {
    expect(await pragma('synchronous')).toBe('2')
    expect(await pragma('journal_mode')).toBe('wal')
    expect(await pragma('foreign_keys')).toBe('1')
  }
  await expectDurable()
  await sqlite.prisma.$transaction([insert('a')])
  await lockDatabase()
  const late = insert('late')
  await sleep(100)
  await unlockDatabase()
  await late
  await expectDurable()
})

test.skipIf(process.platform !== 'linux')('a transaction leaves no open files behind', async () => {
  const openFiles = () => readdirSync('/proc/self/fd').length
  const before = openFiles()
  for (let n = 0; n < 50; n++) await sqlite.prisma.$transaction([insert(`${n}`)])
  expect(openFiles() - before).toBeLessThan(10)
})

test('F-29: hot and repeated statements go to their rows by the right index', async () => {
  const plan = async (sql: string) =>
    (await sqlite.query(`EXPLAIN QUERY PLAN ${sql}`, '[]')).map(({ detail }) => String(detail)).join('\n')
  const { FIND_SESSIONS, REDEEM, ROTATE, FIND_BY_ID, FIND_BY_INDEX } = HOT_STATEMENTS
  for (const sql of [FIND_SESSIONS, REDEEM])
    expect(await plan(sql)).toContain('SEARCH Session USING INDEX sqlite_auto')
  for (const sql of [ROTATE, FIND_BY_ID])
    expect(await plan(sql)).toContain('SEARCH Grant USING INDEX Grant_id_key')
  expect(await plan(FIND_BY_INDEX)).toContain('SEARCH Grant USING INTEGER PRIMARY KEY')
  for (const sql of Object.values(HOT_STATEMENTS)) expect(await plan(sql)).not.toMatch(/SCAN (?!item)/)

  const where = (table: string, condition: string) => plan(`SELECT 1 FROM "${table}" WHERE ${condition}`)
  expect(await where('Grant', '"revokedAt" >= ?')).toContain('Grant_revokedAt_idx')
  expect(await where('Grant', '"sessionId" = ? AND "revokedAt" IS NULL')).toContain('Grant_sessionId_idx')
  expect(await where('LogoutDelivery', '"dueAt" <= ? ORDER BY "dueAt"')).toContain('LogoutDelivery_dueAt_idx')
})

test('F-29: the sweep finds what has expired by an index, however much else there is', async () => {
  const plan = async (sql: string) =>
    (await sqlite.query(`EXPLAIN QUERY PLAN ${sql}`, 'x', 1)).map(({ detail }) => String(detail)).join('\n')
  const { GRANTS, SESSIONS, LOGOUTS, USED_TOKENS, RATE_LIMITS, EVENTS } = SWEEP_STATEMENTS
  for (const sql of [GRANTS, SESSIONS]) {
    expect(await plan(sql)).toContain('Session_expiresAt_idx')
    expect(await plan(sql)).toContain('Grant_sessionId_idx')
  }
  expect(await plan(LOGOUTS)).toContain('createdAt_idx')
  expect(await plan(USED_TOKENS)).toContain('UsedToken_expiresAt_idx')
  expect(await plan(RATE_LIMITS)).toContain('RateLimit_expiresAt_idx')
  expect(await plan(EVENTS)).toContain('AuditEvent_at_idx')
  for (const sql of Object.values(SWEEP_STATEMENTS)) expect(await plan(sql)).not.toMatch(/SCAN (?!ended)/)
})

test('a foreign key that points nowhere is refused', async () => {
  const session = { id: 's', secretHash: '', authenticatedAt: new Date(), expiresAt: new Date() }
  await expect(sqlite.prisma.session.create({ data: { ...session, accountId: 'nobody' } })).rejects.toThrow()
  const { claims, ...account } = anAccount()
  await sqlite.prisma.account.create({ data: { ...account, claims } })
  await sqlite.prisma.session.create({ data: { ...session, accountId: account.id } })
})
