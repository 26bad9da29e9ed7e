import type { ReplayStore } from '@grove/jwt'
import type { PrismaClient } from './generated/sqlite/client.ts'

export function usedTokens(prisma: PrismaClient, now = () => new Date()): ReplayStore {
  return {
    async spend(jti, expiresAt) {
      const moment = now()
      // Whoever writes the row was first. What has expired is not written; a row that has, and was not swept yet, is as none.
      const written = await prisma.$executeRaw`
        INSERT INTO "UsedToken" ("id", "expiresAt") SELECT ${jti}, ${expiresAt} WHERE ${expiresAt} > ${moment}
        ON CONFLICT ("id") DO UPDATE SET "expiresAt" = excluded."expiresAt" WHERE "UsedToken"."expiresAt" <= ${moment}`
      return written === 1
    },
  }
}
