import { PrismaPg } from '@prisma/adapter-pg'
import type { Transaction } from '@prisma/driver-adapter-utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../domain/store.ts'
import { newPostgresDatabase } from '../testing/postgres.fixture.ts'
import { despiteConflicts } from './conflicts.ts'
import type { OpenDatabase } from './database.ts'
import { reissueWithin } from './grants.ts'
import { openStore } from './index.ts'
import { openPostgresql } from './postgresql.ts'
import { after, aGrant, anAccount, aSession, fifty, present } from './store.fixture.ts'

// SQLite has one writer. Here many write at the same time, so each race is held at its decisive moment: another connection has
// done its half and has not committed yet.

const database = await newPostgresDatabase()

if ('reason' in database) test.skip(`races on PostgreSQL: ${database.reason}`)
else describe('races on PostgreSQL', () => races(database.url))

function races(url: string): void {
  let store: Store
  let db: OpenDatabase
  let other: Awaited<ReturnType<PrismaPg['connect']>>
  beforeAll(async () => {
    store = await openStore(url)
    db = await openPostgresql(url)
    other = await new PrismaPg({ connectionString: url }).connect()
  })
  afterAll(async () => {
    await store.close()
    await db.prisma.$disconnect()
    await other.dispose()
  })

  const run = (tx: Transaction, sql: string, ...args: string[]) =>
    tx.executeRaw({ sql, args, argTypes: args.map(() => ({ scalarType: 'unknown', arity: 'scalar' })) })
  const commit = async (tx: Transaction) => {
    await run(tx, 'COMMIT')
    await tx.commit()
  }

  /** Until a connection waits for a lock that another one has. */
  async function untilSomebodyWaits(): Promise<void> {
    for (;;) {
      const [row] = await db.query(
        `SELECT count(*) AS "n" FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      if (Number(row?.n) > 0) return
    }
  }
  /** What becomes of `act`, begun when `half` is done and before it is committed. */
  async function meanwhile<T>(
    half: (tx: Transaction) => Promise<unknown>,
    act: () => Promise<T>,
  ): Promise<T> {
    const tx = await other.startTransaction()
    await half(tx)
    const acted = act()
    // Whoever does not wait has not seen what comes.
    await Promise.race([untilSomebodyWaits(), acted])
    await commit(tx)
    return await acted
  }

  async function newSession() {
    const account = anAccount()
    await store.accounts.addMissing([account])
    const session = aSession(account.id)
    await store.sessions.start(session)
    return { account, session }
  }

  test('F-34: a code that is redeemed while its session ends gives no grant', async () => {
    const { session } = await newSession()
    const code = aGrant(session.id)
    const ends = (tx: Transaction) =>
      run(tx, 'UPDATE "Session" SET "endedAt" = now() WHERE "id" = $1', session.id)
    const redeemed = await meanwhile(ends, () => store.grants.redeem(code, after(1)))
    expect(redeemed.outcome).toBe('session_ended')
    expect(await store.grants.find(code.id, after(2))).toBeUndefined()
  })

  test('F-34: a session that ends while a code of it is redeemed revokes that grant too, and owes its logout', async () => {
    const { session, account } = await newSession()
    const redeems = async (tx: Transaction) => {
      await run(tx, 'SELECT 1 FROM "Session" WHERE "id" = $1 FOR SHARE', session.id)
      await run(
        tx,
        `INSERT INTO "Grant" ("id", "sessionId", "accountId", "clientId", "scope", "resources", "authenticatedAt", "expiresAt")
         VALUES ($1, $2, $3, 'alder', 'openid', '[]', $4::timestamp(3), $5::timestamp(3))`,
        `late-${session.id}`,
        session.id,
        account.id,
        after(0).toISOString(),
        after(3600).toISOString(),
      )
    }
    const owed = await meanwhile(redeems, () => store.sessions.end(session.id, new Set(['alder']), after(2)))
    expect(owed).toHaveLength(1)
    expect(await store.grants.find(`late-${session.id}`, after(3))).toBeUndefined()
  })

  test('pain 12: a refresh that waits for a change of the claims brings the new ones', async () => {
    const { session, account } = await newSession()
    const redeemed = await store.grants.redeem(aGrant(session.id), after(1))
    if (redeemed.outcome !== 'redeemed') throw new Error(redeemed.outcome)
    const { grant } = redeemed
    let rotated: Promise<unknown> = Promise.resolve()
    await db.prisma.$transaction(async (tx) => {
      await tx.account.update({ where: { id: account.id }, data: { claims: { name: 'New' } } })
      await reissueWithin(tx, db.statement, { accountId: account.id, now: after(2) })
      rotated = store.grants.rotate(present(grant, 0), after(3), 10)
      await Promise.race([untilSomebodyWaits(), rotated])
    })
    expect(await rotated).toMatchObject({
      outcome: 'rotated',
      grant: { id: grant.id, generation: 1, account: { claims: { name: 'New' } } },
    })
    expect((await store.grants.find(grant.id, after(4)))?.index).not.toBe(grant.index)
    expect(await store.grants.findByIndex(grant.index, after(4))).toBeUndefined()
  })

  test('7.4.3: a new password from a session that ends meanwhile changes nothing', async () => {
    const { account, session } = await newSession()
    const ends = (tx: Transaction) =>
      run(tx, 'UPDATE "Session" SET "endedAt" = now() WHERE "id" = $1', session.id)
    const keep = { sessionId: session.id, secretHash: 'kept' }
    const change = { accountId: account.id, from: account.passwordHash, to: 'new', keep }
    expect(await meanwhile(ends, () => store.accounts.changePassword(change, new Set(), after(1)))).toBe(
      false,
    )
    expect(await store.accounts.findByEmail(account.email)).toMatchObject({
      passwordHash: account.passwordHash,
    })
  })

  const changesPassword = (accountId: string) => (tx: Transaction) =>
    run(tx, `UPDATE "Account" SET "passwordHash" = 'new' WHERE "id" = $1`, accountId)

  test('7.4.3: a login that is proved by the old password while it changes starts no session', async () => {
    const { account } = await newSession()
    const late = aSession(account.id)
    expect(await meanwhile(changesPassword(account.id), () => store.sessions.start(late))).toBe(false)
    expect(await store.sessions.find(late.id, after(1))).toBeUndefined()
  })

  test('7.4.3: a login that is proved by the old password while it changes takes over no session that is kept', async () => {
    const { account, session } = await newSession()
    const changes = async (tx: Transaction) => {
      await changesPassword(account.id)(tx)
      await run(tx, `UPDATE "Session" SET "secretHash" = 'kept' WHERE "id" = $1`, session.id)
    }
    const login = { ...aSession(account.id), secretHash: 'stolen' }
    expect(await meanwhile(changes, () => store.sessions.renew(session.id, login, after(1)))).toBe(false)
    expect(await store.sessions.find(session.id, after(1))).toMatchObject({ secretHash: 'kept' })
  })

  test('7.4.3: a session that starts while the password changes is ended with the others', async () => {
    const { account, session } = await newSession()
    const starts = (tx: Transaction) =>
      run(
        tx,
        `INSERT INTO "Session" ("id", "secretHash", "accountId", "authenticatedAt", "expiresAt")
         SELECT $1, 'hash', "id", $2::timestamp(3), $3::timestamp(3) FROM "Account" WHERE "id" = $4 FOR SHARE`,
        `late-${session.id}`,
        after(0).toISOString(),
        after(3600).toISOString(),
        account.id,
      )
    const change = { accountId: account.id, from: account.passwordHash, to: 'new' }
    const keep = { sessionId: session.id, secretHash: 'kept' }
    const changed = await meanwhile(starts, () =>
      store.accounts.changePassword({ ...change, keep }, new Set(), after(1)),
    )
    expect(changed).toBe(true)
    expect(await store.sessions.find(`late-${session.id}`, after(2))).toBeUndefined()
  })

  test('race: leaving a client and ending the session at once owe one logout, and neither fails', async () => {
    for (let round = 0; round < 15; round++) {
      const { session } = await newSession()
      for (let n = 0; n < 3; n++) await store.grants.redeem(aGrant(session.id), after(1))
      await Promise.all([
        store.sessions.leave(session.id, 'alder', new Set(['alder']), after(2)),
        store.sessions.end(session.id, new Set(['alder']), after(2)),
        store.sessions.leave(session.id, 'alder', new Set(['alder']), after(2)),
      ])
      expect(await store.logouts.ofSession(session.id)).toHaveLength(1)
    }
  })

  test('race: withdrawing a consent, changing the password and signing out at once: nothing fails, nothing lives', async () => {
    for (let round = 0; round < 10; round++) {
      const { account, session } = await newSession()
      const more = [aSession(account.id), aSession(account.id)]
      for (const one of more) await store.sessions.start(one)
      for (const { id } of [session, ...more]) await store.grants.redeem(aGrant(id), after(1))
      await store.consents.allow(account.id, 'alder', 'openid', after(1))
      const keep = { sessionId: session.id, secretHash: 'kept' }
      const change = { accountId: account.id, from: account.passwordHash, to: 'new', keep }
      const tell = new Set(['alder'])
      const [withdrawn, changed] = await Promise.all([
        store.consents.withdraw(account.id, 'alder', tell, after(2)),
        store.accounts.changePassword(change, tell, after(2)),
        ...more.map(({ id }) => store.sessions.end(id, tell, after(2))),
      ])
      expect([withdrawn, changed]).toEqual([true, true])
      for (const { id } of [session, ...more]) expect(await store.logouts.ofSession(id)).toHaveLength(1)
      expect(
        (await store.sessions.ofAccount(account.id, after(3))).map(({ clientIds }) => clientIds),
      ).toEqual([[]])
    }
  })

  test('F-39: an email that is registered while another registers it gives one account', async () => {
    const [mine, theirs] = [anAccount(), anAccount()]
    const registers = (tx: Transaction) =>
      run(
        tx,
        `INSERT INTO "Account" ("id", "email", "passwordHash", "claims") VALUES ($1, $2, 'x', '{}')`,
        theirs.id,
        theirs.email,
      )
    await meanwhile(registers, () => store.accounts.register({ ...mine, email: theirs.email }, after(0)))
    expect(await store.accounts.existing([mine.id, theirs.id])).toEqual(new Set([theirs.id]))
    expect((await store.audit.ofAccount(theirs.id, 9)).map(({ type }) => type)).toEqual([
      'registration.repeated',
    ])
  })

  test('a logout that another process is claiming is left to it, and nobody waits', async () => {
    await store.logouts.claimDue(after(1e6), after(1e9), 1e6)
    const { session } = await newSession()
    for (const clientId of ['alder', 'birch'])
      await store.grants.redeem(aGrant(session.id, { clientId }), after(1))
    await store.sessions.end(session.id, new Set(['alder', 'birch']), after(2))
    const tx = await other.startTransaction()
    const one = `(SELECT min("id") FROM "LogoutDelivery" WHERE "sessionId" = $1)`
    await run(
      tx,
      `UPDATE "LogoutDelivery" SET "dueAt" = "dueAt" + interval '1 hour' WHERE "id" = ${one}`,
      session.id,
    )
    expect(await store.logouts.claimDue(after(3), after(33), 10)).toHaveLength(1)
    await commit(tx)
    expect(await store.logouts.claimDue(after(3), after(33), 10)).toEqual([])
  })

  test('a token that is spent anew while the sweep removes it stays spent', async () => {
    const soon = new Date(Date.now() + 60_000)
    await db.query(`INSERT INTO "UsedToken" VALUES ('again', '2020-01-01')`)
    const spends = (tx: Transaction) =>
      run(
        tx,
        `UPDATE "UsedToken" SET "expiresAt" = $1::timestamp(3) WHERE "id" = 'again'`,
        soon.toISOString(),
      )
    await meanwhile(spends, () => store.sweep(new Date()))
    expect(await store.usedTokens.spend('again', soon)).toBe(false)
  })

  test('a sweep beside another one: a session whose grants are not all gone waits, and nothing fails', async () => {
    const { session } = await newSession()
    await db.query(
      `INSERT INTO "Grant" ("id", "sessionId", "accountId", "clientId", "scope", "resources", "authenticatedAt", "expiresAt")
       SELECT 'many ' || n, $1, 'x', 'alder', 'openid', '[]', now(), now() FROM generate_series(1, 300) n`,
      session.id,
    )
    // The batch that the other one has taken is the one that this one finds.
    const sweeps = (tx: Transaction) =>
      run(
        tx,
        'DELETE FROM "Grant" WHERE "n" IN (SELECT "n" FROM "Grant" WHERE "sessionId" = $1 LIMIT 200)',
        session.id,
      )
    await meanwhile(sweeps, () => store.sweep(after(1e9)))
    await store.sweep(after(1e9))
    expect(await db.prisma.session.count({ where: { id: session.id } })).toBe(0)
  })

  test('two sweeps at once: neither fails, and nothing is left', async () => {
    const { session } = await newSession()
    await fifty(() =>
      Promise.all(Array.from({ length: 9 }, () => store.grants.redeem(aGrant(session.id), after(1)))),
    )
    await Promise.all(Array.from({ length: 4 }, () => store.sweep(after(1e9))))
    await store.sweep(after(1e9))
    expect(await db.prisma.grant.count()).toBe(0)
    expect(await db.prisma.session.count()).toBe(0)
  })

  test('F-28: transactions that wait for each other crosswise are both done in the end', async () => {
    const [one, two] = [(await newSession()).account.id, (await newSession()).account.id]
    let tries = 0
    const crosswise = (first: string, second: string) =>
      despiteConflicts(() => {
        tries += 1
        return db.prisma.$transaction(async (tx) => {
          await tx.account.update({ where: { id: first }, data: { passwordHash: `of ${first}` } })
          await untilBoth()
          await tx.account.update({ where: { id: second }, data: { passwordHash: `of ${first}` } })
        })
      })
    let inside = 0
    const untilBoth = async () => {
      inside += 1
      while (inside < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await Promise.all([crosswise(one, two), crosswise(two, one)])
    expect(tries).toBe(3)
    const rows = await db.prisma.account.findMany({ where: { id: { in: [one, two] } } })
    expect(new Set(rows.map(({ passwordHash }) => passwordHash)).size).toBe(1)
  })

  test('F-28: on a database whose transactions are SERIALIZABLE one still wins', async () => {
    const name = new URL(url).pathname.slice(1)
    await db.query(`ALTER DATABASE "${name}" SET default_transaction_isolation = 'serializable'`)
    const strict = await openStore(url)
    const { session } = await newSession()
    const code = aGrant(session.id)
    const redeemed = await fifty(() => strict.grants.redeem(code, after(1)))
    expect(redeemed.filter(({ outcome }) => outcome === 'redeemed')).toHaveLength(1)
    const kept = aGrant(session.id)
    await strict.grants.redeem(kept, after(1))
    const grant = await strict.grants.find(kept.id, after(1))
    if (!grant) throw new Error('it was redeemed')
    const rotated = await fifty(() => strict.grants.rotate(present(grant, 0), after(2), 10))
    expect(rotated.filter(({ outcome }) => outcome === 'rotated')).toHaveLength(1)
    await strict.close()
    await db.query(`ALTER DATABASE "${name}" RESET default_transaction_isolation`)
  })
}
