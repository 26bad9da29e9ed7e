import type { Account, AccountStore } from '../domain/accounts.ts'
import type { Account as AccountRow, PrismaClient } from './generated/sqlite/client.ts'

export function accountStore(prisma: PrismaClient): AccountStore {
  return {
    async findByEmail(email) {
      const row = await prisma.account.findUnique({ where: { email, disabledAt: null } })
      return row ? { ...toAccount(row), passwordHash: row.passwordHash } : undefined
    },

    async findById(accountId) {
      const row = await prisma.account.findUnique({ where: { id: accountId, disabledAt: null } })
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
  }
}

function toAccount({ id, email, claims }: AccountRow): Account {
  // Only `addMissing` writes claims.
  return { id, email, claims: claims as Account['claims'] }
}
