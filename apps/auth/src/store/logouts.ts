import type { LogoutStore } from '../domain/logouts.ts'
import type { PendingLogout } from '../domain/sessions.ts'
import { writeEvent } from './audit.ts'
import type { Database } from './database.ts'
import { type Row, stamp } from './statement.ts'

// One statement, so that no two processes can be handed the same row; what another process is taking is left to it.
const CLAIM = `
  WITH due AS (
    SELECT "id" FROM "LogoutDelivery" WHERE "dueAt" <= $1::timestamp(3) ORDER BY "dueAt" LIMIT $3::bigint
    FOR UPDATE SKIP LOCKED
  )
  UPDATE "LogoutDelivery" SET "dueAt" = $2::timestamp(3) WHERE "id" IN (SELECT "id" FROM due)
  RETURNING "id", "sessionId", "accountId", "clientId", "attempts"`

export function logoutStore({ prisma, query, transact }: Database): LogoutStore {
  return {
    async claimDue(now, claimedUntil, limit) {
      return (await query(CLAIM, stamp(now), stamp(claimedUntil), limit)).map(toPendingLogout)
    },

    async record(deliveryId, result, now) {
      const isDelivered = result.outcome === 'delivered'
      await transact(async (tx) => {
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

    countDue: () => prisma.logoutDelivery.count({ where: { dueAt: { not: null } } }),

    async ofSession(sessionId) {
      const rows = await prisma.logoutDelivery.findMany({ where: { sessionId }, orderBy: { id: 'asc' } })
      return rows.map(({ clientId, deliveredAt }) => ({ clientId, delivered: deliveredAt !== null }))
    },
  }
}

function toPendingLogout({ id, sessionId, accountId, clientId, attempts }: Row): PendingLogout {
  return {
    id: Number(id),
    sessionId: String(sessionId),
    accountId: String(accountId),
    clientId: String(clientId),
    attempts: Number(attempts),
  }
}
