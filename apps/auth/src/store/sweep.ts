import { setTimeout as sleep } from 'node:timers/promises'
import { type Query, stamp } from './statement.ts'

const BATCH = 200
const DAY_MS = 24 * 60 * 60 * 1000
/** A grant must outlive its code: while the row is there, the code is spent. */
const GRANTS_KEPT_MS = 1 * DAY_MS
const LOGOUTS_KEPT_MS = 7 * DAY_MS
const AUDIT_KEPT_MS = 90 * DAY_MS

// Each takes what lies before `$1`, `$2` rows at most. What another process holds is passed over: it sweeps that, or it changes it so
// that it has not expired any more.

// In one order, so that what has no grants left is what comes next.
const ENDED_SESSIONS = `
  WITH ended AS (
    SELECT "id" FROM "Session" WHERE "expiresAt" < $1::timestamp(3) ORDER BY "expiresAt" LIMIT $2::bigint FOR UPDATE SKIP LOCKED
  )`
const GRANTS = `${ENDED_SESSIONS}
  DELETE FROM "Grant" WHERE "n" IN (SELECT "n" FROM "Grant" JOIN ended ON "sessionId" = ended."id" LIMIT $2::bigint)
  RETURNING "n"`
const SESSIONS = `${ENDED_SESSIONS}
  DELETE FROM "Session"
  WHERE "id" IN (SELECT "id" FROM ended) AND NOT EXISTS (SELECT 1 FROM "Grant" WHERE "sessionId" = "Session"."id")
  RETURNING "id"`
/** Those that came to an end, delivered or given up. */
const LOGOUTS = `
  DELETE FROM "LogoutDelivery" WHERE "id" IN (
    SELECT "id" FROM "LogoutDelivery" WHERE "createdAt" < $1::timestamp(3) AND "dueAt" IS NULL LIMIT $2::bigint
  ) RETURNING "id"`
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
const EVENTS = `
  DELETE FROM "AuditEvent" WHERE "n" IN (
    SELECT "n" FROM "AuditEvent" WHERE "at" < $1::timestamp(3) LIMIT $2::bigint
  ) RETURNING "n"`

/** For the tests that ask a database how it carries them out. */
export const SWEEP_STATEMENTS = { GRANTS, SESSIONS, LOGOUTS, USED_TOKENS, RATE_LIMITS, EVENTS }

/** Removes what has expired, a small batch at a time, so that logins pass in between; returns how many rows went. */
export async function sweep(query: Query, now: Date): Promise<number> {
  const batch = async (sql: string, age: number) =>
    (await query(sql, stamp(new Date(now.getTime() - age)), BATCH)).length
  const batches = [
    async () => {
      const grants = await batch(GRANTS, GRANTS_KEPT_MS)
      // More grants than fit into one batch: the sessions wait for the next.
      return grants === BATCH ? grants : grants + (await batch(SESSIONS, GRANTS_KEPT_MS))
    },
    () => batch(LOGOUTS, LOGOUTS_KEPT_MS),
    () => batch(USED_TOKENS, 0),
    () => batch(RATE_LIMITS, 0),
    () => batch(EVENTS, AUDIT_KEPT_MS),
  ]
  let total = 0
  for (const next of batches) total += await untilEmpty(next)
  return total
}

async function untilEmpty(batch: () => Promise<number>): Promise<number> {
  let total = 0
  for (;;) {
    const startedAt = performance.now()
    const count = await batch()
    total += count
    if (count === 0) return total
    // SQLite stops this process for each batch, and a sign-on needs several turns of the event loop: as long again is theirs.
    await sleep(performance.now() - startedAt)
  }
}
