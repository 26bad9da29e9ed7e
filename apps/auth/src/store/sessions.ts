import type { PendingLogout, SessionStore } from '../domain/sessions.ts'
import { writeEvent } from './audit.ts'
import type { Database } from './database.ts'
import type { Prisma } from './generated/sqlite/client.ts'
import type { HotVerbs } from './hot.ts'
import { stamp } from './statement.ts'

// One statement looks at the account and starts the session, so no change of the password comes in between.
const START = `
  INSERT INTO "Session" ("id", "secretHash", "authenticatedAt", "loginClientId", "device", "expiresAt", "accountId")
  SELECT $1, $2, $3::timestamp(3), $4, $5, $6::timestamp(3), "id"
  FROM "Account" WHERE "id" = $7 AND "passwordHash" = $8 AND "disabledAt" IS NULL
  FOR SHARE OF "Account"`

const SOME = 200

export function sessionStore({ prisma, statement, locks, transact }: Database, hot: HotVerbs): SessionStore {
  return {
    find: (sessionId, now) => hot.findSession({ sessionId, now }),

    async start(session) {
      const { id, secretHash, authenticatedAt, loginClientId, device = null, expiresAt } = session
      const { accountId, passwordHash } = session
      const times = { from: stamp(authenticatedAt), until: stamp(expiresAt) }
      const stored = [id, secretHash, times.from, loginClientId, device, times.until]
      return transact(async (tx) => {
        const count = await tx.$executeRaw(statement(START, ...stored, accountId, passwordHash))
        if (count === 1) await writeEvent(tx, loggedIn(session), authenticatedAt)
        return count === 1
      })
    },

    async renew(sessionId, { passwordHash, secretHash, authenticatedAt, loginClientId }, now) {
      return transact(async (tx) => {
        await locks.accountOf(tx, sessionId)
        const [session] = await tx.session.updateManyAndReturn({
          where: {
            id: sessionId,
            endedAt: null,
            expiresAt: { gt: now },
            account: { disabledAt: null, passwordHash },
          },
          data: { secretHash, authenticatedAt, loginClientId },
        })
        if (session) await writeEvent(tx, loggedIn(session), now)
        return session !== undefined
      })
    },

    end: (sessionId, tell, now) => transact((tx) => endWithin(tx, sessionId, tell, now)),

    async living({ accountId, after }, now) {
      const sessions = await prisma.session.findMany({
        where: {
          ...(accountId !== undefined && { accountId }),
          id: { gt: after },
          endedAt: null,
          expiresAt: { gt: now },
        },
        orderBy: { id: 'asc' },
        take: SOME,
        select: { id: true },
      })
      return sessions.map(({ id }) => id)
    },

    async ofAccount(accountId, now) {
      const sessions = await prisma.session.findMany({
        where: { accountId, endedAt: null, expiresAt: { gt: now } },
        orderBy: { authenticatedAt: 'desc' },
        include: { grants: { where: { revokedAt: null }, distinct: 'clientId', select: { clientId: true } } },
      })
      return sessions.map(({ id, grants, device, authenticatedAt, loginClientId, expiresAt }) => {
        const clientIds = grants.map(({ clientId }) => clientId)
        return { sessionId: id, device, authenticatedAt, loginClientId, expiresAt, clientIds }
      })
    },

    async leave(sessionId, clientId, tell, now) {
      return transact(async (tx) => {
        return (await leaveClient(tx, { sessionIds: [sessionId], clientId, tell, now })) > 0
      })
    },
  }
}

/** Within a transaction: ends a session with all that hangs on it. */
export async function endWithin(
  tx: Prisma.TransactionClient,
  sessionId: string,
  tell: ReadonlySet<string>,
  now: Date,
): Promise<PendingLogout[]> {
  const [session] = await tx.session.updateManyAndReturn({
    where: { id: sessionId, endedAt: null },
    data: { endedAt: now },
  })
  if (!session) return []
  const { accountId } = session
  const clients = await tx.grant.groupBy({ by: 'clientId', where: { sessionId } })
  await tx.grant.updateMany({ where: { sessionId, revokedAt: null }, data: { revokedAt: now } })
  await writeEvent(tx, { type: 'session.ended', accountId, sessionId }, now)
  const owed = clients.filter(({ clientId }) => tell.has(clientId))
  return await oweLogouts(
    tx,
    owed.map(({ clientId }) => ({ sessionId, accountId, clientId })),
    now,
  )
}

/** Within a transaction: revokes what is alive of a client in these sessions; returns how many grants that were. */
export async function leaveClient(
  tx: Prisma.TransactionClient,
  {
    sessionIds,
    clientId,
    tell,
    now,
  }: { sessionIds: string[]; clientId: string; tell: ReadonlySet<string>; now: Date },
): Promise<number> {
  const grants = await tx.grant.updateManyAndReturn({
    where: { sessionId: { in: sessionIds }, clientId, revokedAt: null, expiresAt: { gt: now } },
    data: { revokedAt: now },
  })
  for (const { id: grantId, accountId } of grants)
    await writeEvent(tx, { type: 'grant.revoked', grantId, clientId, accountId }, now)
  const owed = new Map(
    grants.map(({ sessionId, accountId }) => [sessionId, { sessionId, accountId, clientId }]),
  )
  if (tell.has(clientId)) await oweLogouts(tx, [...owed.values()], now)
  return grants.length
}

/** A client that was told of this session before, and came back to it since, is told again. */
async function oweLogouts(
  tx: Prisma.TransactionClient,
  owed: { sessionId: string; accountId: string; clientId: string }[],
  now: Date,
): Promise<PendingLogout[]> {
  if (owed.length === 0) return []
  const same = owed.map(({ sessionId, clientId }) => ({ sessionId, clientId }))
  await tx.logoutDelivery.deleteMany({ where: { OR: same } })
  return tx.logoutDelivery.createManyAndReturn({
    data: owed.map((logout) => ({ ...logout, createdAt: now, dueAt: now })),
    select: { id: true, sessionId: true, accountId: true, clientId: true, attempts: true },
  })
}

function loggedIn(session: { id: string; accountId: string; loginClientId: string | null }) {
  const { id: sessionId, accountId, loginClientId: clientId } = session
  return { type: 'login.succeeded', accountId, sessionId, clientId } as const
}
