import type { Account, AccountStore, AccountWithPassword } from '../domain/accounts.ts'
import { writeEvent } from './audit.ts'
import type { Account as AccountRow, PrismaClient } from './generated/sqlite/client.ts'
import { reissueWithin } from './grants.ts'
import { endWithin } from './sessions.ts'

export function accountStore(prisma: PrismaClient): AccountStore {
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
      // One statement: of two processes that start together each account is added by one.
      const items = JSON.stringify(accounts.map((it) => [it.id, it.email, it.passwordHash, it.claims]))
      return prisma.$executeRaw`
        INSERT INTO "Account" ("id", "email", "passwordHash", "claims")
        SELECT item.value->>0, item.value->>1, item.value->>2, item.value->>3 FROM json_each(${items}) item WHERE true
        ON CONFLICT DO NOTHING`
    },

    async register({ claims, ...account }, now) {
      await prisma.$transaction(async (tx) => {
        const { email } = account
        const taken = await tx.account.findUnique({ where: { email }, select: { id: true } })
        // A spread, because Prisma's JSON wants an index signature that our type has not.
        const added = taken ?? (await tx.account.create({ data: { ...account, claims: { ...claims } } }))
        const type = taken ? 'registration.repeated' : 'account.registered'
        await writeEvent(tx, { type, accountId: added.id }, now)
      })
    },

    async changePassword({ accountId, from, to, keep: { sessionId, secretHash } }, tell, now) {
      return prisma.$transaction(async (tx) => {
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

    async changeClaims(email, change, now) {
      return prisma.$transaction(async (tx) => {
        // RFC 7396 in one statement, so that of two changes at once neither is lost.
        const [account] = await tx.$queryRaw<{ id: string }[]>`
          UPDATE "Account" SET "claims" = json_patch("claims", ${JSON.stringify(change)})
          WHERE "email" = ${email} AND "disabledAt" IS NULL RETURNING "id"`
        if (!account) return undefined
        await writeEvent(tx, { type: 'claims.changed', accountId: account.id }, now)
        return await reissueWithin(tx, account.id, now)
      })
    },
  }
}

function toAccount({ id, email, passwordHash, claims }: AccountRow): AccountWithPassword {
  return { id, email, passwordHash, claims: claims as Account['claims'] } // as they were written above
}
