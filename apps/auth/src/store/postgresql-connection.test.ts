import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StoreBusyError } from '../domain/store.ts'
import { newPostgresDatabase } from '../testing/postgres.fixture.ts'
import { type PostgresServer, startPostgres } from '../testing/postgres-server.ts'
import type { OpenDatabase } from './database.ts'
import { HOT_STATEMENTS } from './hot.ts'
import { openStore } from './index.ts'
import { openPostgresql } from './postgresql.ts'
import { after, aGrant, anAccount, aSession } from './store.fixture.ts'
import { SWEEP_STATEMENTS } from './sweep.ts'

const database = await newPostgresDatabase()

if ('reason' in database) test.skip(`connections to PostgreSQL: ${database.reason}`)
else {
  describe('connections to PostgreSQL', () => connections(database.url))
  describe('a PostgreSQL that goes away', goesAway)
}

function connections(url: string): void {
  const withConnections = (most: number) => `${url}?connection_limit=${most}`

  test('F-26: when all connections are taken a caller is told so after five seconds, and the next ones are served', async () => {
    const db = await openPostgresql(withConnections(1))
    let holds: Promise<void> | undefined
    await new Promise<void>((hasIt) => {
      holds = db.prisma.$transaction(async () => {
        hasIt()
        await sleep(7_000)
      })
    })
    const outcomes = await Promise.allSettled([
      db.query('SELECT 1'),
      db.prisma.account.count(),
      db.prisma.$transaction((tx) => tx.account.count()),
    ])
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: expect.any(StoreBusyError) })
    await holds
    expect(await db.prisma.account.count()).toBe(0)
    await db.prisma.$disconnect()
  }, 30_000)

  test('F-26: a statement that takes longer than five seconds is ended', async () => {
    const db = await openPostgresql(withConnections(1))
    await expect(db.query('SELECT 1 AS "slept" FROM pg_sleep(30)')).rejects.toThrow(StoreBusyError)
    expect(await db.prisma.account.count()).toBe(0)
    await db.prisma.$disconnect()
  }, 30_000)

  test('F-26: one connection is enough for everything: no call needs a second while it holds one', async () => {
    const store = await openStore(withConnections(1))
    const account = anAccount()
    await store.accounts.addMissing([account])
    const session = aSession(account.id)
    await store.sessions.start(session)
    const [code, once] = [aGrant(session.id), aGrant(session.id)]
    const answers = await Promise.all([
      ...[code, code, once].map((grant) => store.grants.redeem(grant, after(1))),
      ...Array.from({ length: 8 }, () => store.consents.allow(account.id, 'alder', 'openid', after(1))),
      store.sessions.end(session.id, new Set(['alder']), after(2)),
    ])
    expect(answers).toHaveLength(12)
    await store.close()
  }, 30_000)

  test('a lock that another holds is waited for no longer than five seconds', async () => {
    const db = await openPostgresql(url)
    const account = anAccount()
    await db.prisma.account.create({ data: { ...account, claims: {} } })
    const change = (to: string) => ({ where: { id: account.id }, data: { passwordHash: to } })
    await db.prisma.$transaction(
      async (tx) => {
        await tx.account.update(change('held'))
        await expect(db.prisma.account.update(change('waits'))).rejects.toThrow(StoreBusyError)
      },
      { timeout: 20_000 },
    )
    expect(await db.prisma.account.update(change('free'))).toMatchObject({ passwordHash: 'free' })
    await db.prisma.$disconnect()
  }, 30_000)

  test('every connection comes back: after failures of every kind as many are left as before', async () => {
    const db = await openPostgresql(withConnections(2))
    const fails = () =>
      db.prisma.$transaction(async (tx) => {
        await tx.usedToken.create({ data: { id: 'twice', expiresAt: new Date() } })
        await tx.usedToken.create({ data: { id: 'twice', expiresAt: new Date() } })
      })
    const isCut = () =>
      db.prisma.$transaction(async (tx) => {
        await tx.usedToken.create({ data: { id: 'cut', expiresAt: new Date() } })
        await tx.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`
      })
    for (let n = 0; n < 6; n++) {
      await expect(fails()).rejects.toMatchObject({ code: 'P2002' })
      await expect(isCut()).rejects.toThrow(StoreBusyError)
    }
    expect(await db.prisma.usedToken.count()).toBe(0)
    await db.prisma.$disconnect()
  }, 30_000)

  test('F-29: hot, repeated and sweeping statements go to their rows by the right index', async () => {
    const db: OpenDatabase = await openPostgresql(withConnections(1))
    await fill(db)
    const plan = async (sql: string, ...args: unknown[]) =>
      (await db.query(`EXPLAIN ${sql}`, ...args)).map((row) => String(row['QUERY PLAN'])).join('\n')
    const { FIND_SESSIONS, REDEEM, ROTATE, FIND_BY_ID, FIND_BY_INDEX } = HOT_STATEMENTS
    for (const sql of [FIND_SESSIONS, REDEEM])
      expect(await plan(sql, [['one caller']])).toContain('"Session_pkey"')
    for (const sql of [ROTATE, FIND_BY_ID])
      expect(await plan(sql, [['one caller']])).toContain('"Grant_id_key"')
    expect(await plan(FIND_BY_INDEX, [['one caller']])).toContain('"Grant_pkey"')
    for (const sql of Object.values(HOT_STATEMENTS))
      expect(await plan(sql, [['one caller']])).not.toContain('Seq Scan')

    const where = (table: string, condition: string) => plan(`SELECT 1 FROM "${table}" WHERE ${condition}`)
    expect(await where('Grant', '"revokedAt" >= now()')).toContain('Grant_revokedAt_idx')
    expect(await where('Grant', `"sessionId" = 's' AND "revokedAt" IS NULL`)).toContain('Grant_sessionId_idx')
    expect(await where('LogoutDelivery', '"dueAt" <= now() ORDER BY "dueAt"')).toContain(
      'LogoutDelivery_dueAt_idx',
    )

    // As ever: of all rows hardly any has run out. (Tests before this one left sessions of days ago.)
    const swept = (sql: string) => plan(sql, new Date(0).toISOString(), 200)
    const { GRANTS, SESSIONS, LOGOUTS, USED_TOKENS, RATE_LIMITS, EVENTS } = SWEEP_STATEMENTS
    for (const sql of [GRANTS, SESSIONS]) {
      expect(await swept(sql)).toContain('Session_expiresAt_idx')
      expect(await swept(sql)).toContain('Grant_sessionId_idx')
    }
    expect(await swept(LOGOUTS)).toContain('createdAt_idx')
    expect(await swept(USED_TOKENS)).toContain('UsedToken_expiresAt_idx')
    expect(await swept(RATE_LIMITS)).toContain('RateLimit_expiresAt_idx')
    expect(await swept(EVENTS)).toContain('AuditEvent_at_idx')
    for (const sql of Object.values(SWEEP_STATEMENTS)) expect(await swept(sql)).not.toContain('Seq Scan')
    await db.prisma.$disconnect()
  })
}

/** An empty table would be read from end to end, and rightly so. */
async function fill({ query }: OpenDatabase): Promise<void> {
  const many = 'FROM generate_series(1, 5000) n'
  await query(`INSERT INTO "Account" SELECT 'a' || n, 'e' || n, 'x', '{}' ${many}`)
  await query(
    `INSERT INTO "Session" ("id", "secretHash", "accountId", "authenticatedAt", "expiresAt")
     SELECT 's' || n, 'x', 'a' || n, now(), now() + n * interval '1 minute' ${many}`,
  )
  await query(
    `INSERT INTO "Grant" ("id", "sessionId", "accountId", "clientId", "scope", "resources", "authenticatedAt", "expiresAt", "revokedAt")
     SELECT 'g' || n, 's' || n, 'a' || n, 'alder', 'openid', '[]', now(), now(),
       CASE WHEN n % 9 = 0 THEN now() - n * interval '1 minute' END ${many}`,
  )
  await query(
    `INSERT INTO "LogoutDelivery" ("sessionId", "accountId", "clientId", "createdAt", "dueAt")
     SELECT 's' || n, 'a' || n, 'alder', now() + n * interval '1 minute', now() + n * interval '1 minute' ${many}`,
  )
  await query(`INSERT INTO "UsedToken" SELECT 't' || n, now() + n * interval '1 minute' ${many}`)
  await query(`INSERT INTO "AuditEvent" ("at", "type") SELECT now() + n * interval '1 minute', 'x' ${many}`)
  await query(`INSERT INTO "RateLimit" SELECT 'k' || n, 1, now() + n * interval '1 minute' ${many}`)
  await query('ANALYZE')
}

function goesAway(): void {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  }, 60_000)
  afterAll(() => server.stop())

  test('F-27: it is restarted in the middle of redemptions: each code is used or not, whole, and nobody restarts anything', async () => {
    const store = await openStore(await server.createDatabase('restarted'))
    const account = anAccount()
    await store.accounts.addMissing([account])
    const session = aSession(account.id)
    await store.sessions.start(session)

    const outcomes = new Map<string, string>()
    let isOver = false
    const redeems = async () => {
      while (!isOver) {
        const code = aGrant(session.id)
        const answered = store.grants.redeem(code, after(1)).then(({ outcome }) => outcome)
        outcomes.set(
          code.id,
          await answered.catch((error) => (error instanceof StoreBusyError ? 'busy' : String(error))),
        )
      }
    }
    const callers = Array.from({ length: 4 }, redeems)
    await server.pause()
    await server.resume()
    await expect
      .poll(
        () =>
          store.ping().then(
            () => 'there',
            () => 'away',
          ),
        { timeout: 20_000 },
      )
      .toBe('there')
    isOver = true
    await Promise.all(callers)

    expect([...new Set(outcomes.values())].sort()).toEqual(['busy', 'redeemed'])
    for (const [id, first] of outcomes) {
      const { outcome } = await store.grants.redeem(aGrant(session.id, { id }), after(2))
      expect(first === 'redeemed' ? ['used'] : ['used', 'redeemed']).toContain(outcome)
    }
    await store.close()
  }, 120_000)

  test('while it is away every call is busy at once, and the next one works when it is back', async () => {
    const db = await openPostgresql(await server.createDatabase('away'))
    await server.pause()
    for (const call of [
      () => db.query('SELECT 1'),
      () => db.prisma.account.count(),
      () => db.prisma.$transaction((tx) => tx.account.count()),
    ])
      await expect(call()).rejects.toThrow(StoreBusyError)
    await server.resume()
    expect(await db.prisma.account.count()).toBe(0)
    await db.prisma.$disconnect()
  }, 60_000)
}
