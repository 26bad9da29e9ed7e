import { setImmediate as otherWork } from 'node:timers/promises'
import type { PrismaClient } from './generated/sqlite/client.ts'
import { type Query, stamp } from './statement.ts'

const BATCH = 200
const DAY_MS = 24 * 60 * 60 * 1000
/** A grant must outlive its code: while the row is there, the code is spent. */
const GRANTS_KEPT_MS = 1 * DAY_MS
const LOGOUTS_KEPT_MS = 7 * DAY_MS
const AUDIT_KEPT_MS = 90 * DAY_MS

// What is spent or counted anew at this moment has not expired any more, and stays.
const USED_TOKENS = `
  WITH expired AS (
    SELECT "id" FROM "UsedToken" WHERE "expiresAt" <= $1::timestamp(3) LIMIT $2::bigint FOR UPDATE SKIP LOCKED
  )
  DELETE FROM "UsedToken" WHERE "id" IN (SELECT "id" FROM expired) RETURNING "id"`
const RATE_LIMITS = `
  WITH expired AS (
    SELECT "key" FROM "RateLimit" WHERE "expiresAt" <= $1::timestamp(3) LIMIT $2::bigint FOR UPDATE SKIP LOCKED
  )
  DELETE FROM "RateLimit" WHERE "key" IN (SELECT "key" FROM expired) RETURNING "key"`

/** Removes what has expired, a small batch at a time, so that logins pass in between; returns how many rows went. */
export async function sweep(
  { prisma, query }: { prisma: PrismaClient; query: Query },
  now: Date,
): Promise<number> {
  const before = (age: number) => new Date(now.getTime() - age)
  const batches = [
    () => sweepSessions(prisma, before(GRANTS_KEPT_MS)),
    () => sweepLogouts(prisma, before(LOGOUTS_KEPT_MS)),
    async () => (await query(USED_TOKENS, stamp(now), BATCH)).length,
    async () => (await query(RATE_LIMITS, stamp(now), BATCH)).length,
    async () =>
      (await prisma.auditEvent.deleteMany({ where: { at: { lt: before(AUDIT_KEPT_MS) } }, limit: BATCH }))
        .count,
  ]
  let total = 0
  for (const batch of batches) total += await untilEmpty(batch)
  return total
}

async function untilEmpty(batch: () => Promise<number>): Promise<number> {
  let total = 0
  for (;;) {
    const count = await batch()
    total += count
    if (count === 0) return total
    await otherWork()
  }
}

/** Sessions with their grants, which end when they end. */
async function sweepSessions(prisma: PrismaClient, before: Date): Promise<number> {
  const expired = { where: { expiresAt: { lt: before } }, take: BATCH, select: { id: true } }
  const ids = (await prisma.session.findMany(expired)).map(({ id }) => id)
  if (ids.length === 0) return 0
  const grants = await prisma.grant.deleteMany({ where: { sessionId: { in: ids } }, limit: BATCH })
  // More grants than fit into one batch: the sessions wait for the next.
  if (grants.count === BATCH) return grants.count
  // Another process that sweeps may not be done with their grants.
  const sessions = await prisma.session.deleteMany({ where: { id: { in: ids }, grants: { none: {} } } })
  return grants.count + sessions.count
}

/** Those that came to an end, delivered or given up. */
async function sweepLogouts(prisma: PrismaClient, before: Date): Promise<number> {
  const { count } = await prisma.logoutDelivery.deleteMany({
    where: { createdAt: { lt: before }, dueAt: null },
    limit: BATCH,
  })
  return count
}
