import type { Account, AccountStore, AccountWithPassword } from '../domain/accounts.ts'
import { writeEvent } from './audit.ts'
import type { Database } from './database.ts'
import { ITEMS } from './dialect.ts'
import type { Account as AccountRow, Prisma } from './generated/sqlite/client.ts'
import { reissueWithin } from './grants.ts'
import { endWithin } from './sessions.ts'

// One statement: of two processes that add the same account one does, and the other waits and knows it.
const ADD_MISSING = `
  INSERT INTO "Account" ("id", "email", "passwordHash", "claims")
  SELECT item.value->>0, item.value->>1, item.value->>2, (item.value->>3)::jsonb FROM ${ITEMS} WHERE true
  ON CONFLICT DO NOTHING`

const itemsOf = (accounts: AccountWithPassword[]): unknown[][] =>
  accounts.map(({ id, email, passwordHash, claims }) => [id, email, passwordHash, claims])

export function accountStore({ prisma, statement, locks, transact }: Database): AccountStore {
  return {
    async findByEmail(email) {
      const row = await prisma.account.findUnique({ where: { email, disabledAt: null } })
      return row ? toAccount(row) : undefined
    },

    async existing(accountIds) {
      const rows = await prisma.account.findMany({ where: { id: { in: accountIds } }, select: { id: true } })
      return new Set(rows.map(({ id }) => id))
    },

    async addMissing(accounts) {
      return prisma.$executeRaw(statement(ADD_MISSING, itemsOf(accounts)))
    },

    async register(account, now) {
      await transact(async (tx) => {
        const isNew = (await tx.$executeRaw(statement(ADD_MISSING, itemsOf([account])))) === 1
        const where = { email: account.email }
        const { id } = await tx.account.findUniqueOrThrow({ where, select: { id: true } })
        const type = isNew ? 'account.registered' : 'registration.repeated'
        await writeEvent(tx, { type, accountId: id }, now)
      })
    },

    async changePassword({ accountId, from, to, keep: { sessionId, secretHash } }, tell, now) {
      return transact(async (tx) => {
        await locks.account(tx, accountId)
        await locks.session(tx, sessionId)
        const live = { accountId, endedAt: null, expiresAt: { gt: now } }
        const proved = { id: accountId, passwordHash: from, disabledAt: null }
        const isKept = (await tx.session.count({ where: { ...live, id: sessionId } })) === 1
        const account = { where: { ...proved }, data: { passwordHash: to } }
        if (!isKept || (await tx.account.updateMany(account)).count === 0) return false
        await tx.session.update({ where: { id: sessionId }, data: { secretHash, authenticatedAt: now } })
        const others = await tx.session.findMany({ where: { ...live, id: { not: sessionId } } })
        for (const { id } of others) await endWithin(tx, id, tell, now)
        await writeEvent(tx, { type: 'password.changed', accountId, sessionId }, now)
        return true
      })
    },

    async setPassword(email, passwordHash, tell, now) {
      return transact(async (tx) => {
        const account = await tx.account.findUnique({
          where: { email, disabledAt: null },
          select: { id: true },
        })
        if (!account) return undefined
        const { id: accountId } = account
        await locks.account(tx, accountId)
        await tx.account.update({ where: account, data: { passwordHash } })
        const live = { accountId, endedAt: null, expiresAt: { gt: now } }
        const sessions = await tx.session.findMany({ where: live, select: { id: true } })
        for (const { id } of sessions) await endWithin(tx, id, tell, now)
        await writeEvent(tx, { type: 'password.set', accountId }, now)
        return sessions.length
      })
    },

    async changeClaims(email, change, now) {
      return transact(async (tx) => {
        const account = await tx.account.findUnique({
          where: { email, disabledAt: null },
          select: { id: true },
        })
        if (!account) return undefined
        await locks.account(tx, account.id)
        // Read under the lock, so that of two changes at once neither is lost.
        const { claims } = await tx.account.findUniqueOrThrow({ where: account })
        await tx.account.update({ where: account, data: { claims: merged(claims, change) } })
        await writeEvent(tx, { type: 'claims.changed', accountId: account.id }, now)
        return await reissueWithin(tx, statement, { accountId: account.id, now })
      })
    },
  }
}

function toAccount({ id, email, passwordHash, claims }: AccountRow): AccountWithPassword {
  return { id, email, passwordHash, claims: claims as Account['claims'] } // as they were written above
}

/** RFC 7396. */
function merged(target: unknown, patch: unknown): Prisma.InputJsonValue {
  if (!isObject(patch)) return patch as Prisma.InputJsonValue // a part of JSON, and never null: that takes a member away
  const members = new Map(Object.entries(isObject(target) ? target : {}))
  for (const [name, value] of Object.entries(patch))
    if (value === null) members.delete(name)
    else members.set(name, merged(members.get(name), value))
  return Object.fromEntries(members) as Prisma.InputJsonObject // its members are JSON
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
