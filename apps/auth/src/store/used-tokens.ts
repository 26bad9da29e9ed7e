import type { ReplayStore } from '@grove/jwt'
import type { PrismaClient } from './generated/sqlite/client.ts'

export function usedTokens(prisma: PrismaClient): ReplayStore {
  return {
    async spend(jti, expiresAt) {
      // Whoever inserts the row was first.
      const inserted = await prisma.$executeRaw`
        INSERT INTO "UsedToken" ("id", "expiresAt") VALUES (${jti}, ${expiresAt}) ON CONFLICT DO NOTHING`
      return inserted === 1
    },
  }
}
