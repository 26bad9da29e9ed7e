import type { PendingLogout, SessionStore } from '../domain/sessions.ts'
import { writeEvent } from './audit.ts'
import type { PrismaClient } from './generated/sqlite/client.ts'
import type { HotVerbs } from './hot.ts'

export function sessionStore(prisma: PrismaClient, hot: HotVerbs): SessionStore {
  return {
    find: (sessionId, now) => hot.findSession({ sessionId, now }),

    async start(session) {
      await prisma.$transaction(async (tx) => {
        await tx.session.create({ data: session })
        await writeEvent(tx, loggedIn(session), session.authenticatedAt)
      })
    },

    async renew(sessionId, renewed, now) {
      return prisma.$transaction(async (tx) => {
        const [session] = await tx.session.updateManyAndReturn({
          where: { id: sessionId, endedAt: null, expiresAt: { gt: now }, account: { disabledAt: null } },
          data: renewed,
        })
        if (session) await writeEvent(tx, loggedIn(session), now)
        return session !== undefined
      })
    },

    async end(sessionId, tell, now) {
      return prisma.$transaction(async (tx): Promise<PendingLogout[]> => {
        const [session] = await tx.session.updateManyAndReturn({
          where: { id: sessionId, endedAt: null },
          data: { endedAt: now },
        })
        if (!session) return []
        const { accountId } = session
        const clients = await tx.grant.groupBy({ by: 'clientId', where: { sessionId } })
        await tx.grant.updateMany({ where: { sessionId, revokedAt: null }, data: { revokedAt: now } })
        await writeEvent(tx, { type: 'session.ended', accountId, sessionId }, now)
        return tx.logoutDelivery.createManyAndReturn({
          data: clients
            .filter(({ clientId }) => tell.has(clientId))
            .map(({ clientId }) => ({ sessionId, accountId, clientId, createdAt: now, dueAt: now })),
          select: { id: true, sessionId: true, accountId: true, clientId: true, attempts: true },
        })
      })
    },
  }
}

function loggedIn(session: { id: string; accountId: string; loginClientId: string | null }) {
  const { id: sessionId, accountId, loginClientId: clientId } = session
  return { type: 'login.succeeded', accountId, sessionId, clientId } as const
}
