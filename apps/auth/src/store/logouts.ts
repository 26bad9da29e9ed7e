import type { LogoutStore } from '../domain/logouts.ts'
import type { PendingLogout } from '../domain/sessions.ts'
import { writeEvent } from './audit.ts'
import type { PrismaClient } from './generated/sqlite/client.ts'

export function logoutStore(prisma: PrismaClient): LogoutStore {
  return {
    async claimDue(now, claimedUntil, limit) {
      // One statement, so that no two processes can be handed the same row.
      return prisma.$queryRaw<PendingLogout[]>`
        UPDATE "LogoutDelivery" SET "dueAt" = ${claimedUntil}
        WHERE "id" IN (SELECT "id" FROM "LogoutDelivery" WHERE "dueAt" <= ${now} ORDER BY "dueAt" LIMIT ${limit})
        RETURNING "id", "sessionId", "accountId", "clientId", "attempts"`
    },

    async record(deliveryId, result, now) {
      const isDelivered = result.outcome === 'delivered'
      await prisma.$transaction(async (tx) => {
        // A delivery that arrived stays delivered, whatever a second attempt that was under way says.
        const [delivery] = await tx.logoutDelivery.updateManyAndReturn({
          where: { id: deliveryId, deliveredAt: null },
          data: {
            attempts: { increment: 1 },
            dueAt: isDelivered ? null : result.retryAt,
            deliveredAt: isDelivered ? now : null,
            reason: isDelivered ? null : result.reason,
          },
        })
        if (!delivery) return
        const { sessionId, clientId, accountId } = delivery
        await writeEvent(
          tx,
          isDelivered
            ? { type: 'logout.delivered', sessionId, clientId, accountId }
            : { type: 'logout.failed', sessionId, clientId, accountId, reason: result.reason },
          now,
        )
      })
    },

    async ofSession(sessionId) {
      const rows = await prisma.logoutDelivery.findMany({ where: { sessionId }, orderBy: { id: 'asc' } })
      return rows.map(({ clientId, deliveredAt }) => ({ clientId, delivered: deliveredAt !== null }))
    },
  }
}
