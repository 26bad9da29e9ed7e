import { type GrantStore, type RedeemOutcome, type RotateOutcome, unusedSince } from '../domain/grants.ts'
import { writeEvent } from './audit.ts'
import type { Database } from './database.ts'
import type { Prisma } from './generated/sqlite/client.ts'
import type { HotVerbs, LiveGrant } from './hot.ts'
import { type Statement, stamp } from './statement.ts'

const SOME = 200

export function grantStore({ prisma, transact }: Database, hot: HotVerbs): GrantStore {
  /** Revokes what is alive, with its event; `false` if another caller was first. */
  function revoke(
    type: 'grant.revoked' | 'code.reused' | 'refresh.reused',
    { grantId, clientId, now }: { grantId: string; clientId: string; now: Date },
  ): Promise<boolean> {
    return transact(async (tx) => {
      const [grant] = await tx.grant.updateManyAndReturn({
        where: { id: grantId, clientId, revokedAt: null, expiresAt: { gt: now } },
        data: { revokedAt: now },
      })
      if (!grant) return false
      await writeEvent(tx, { type, grantId, clientId, accountId: grant.accountId }, now)
      return true
    })
  }

  return {
    async redeem(fresh, now): Promise<RedeemOutcome> {
      const grant = await hot.redeem({ ...fresh, now })
      if (grant) return { outcome: 'redeemed', grant }

      const { id: grantId, clientId } = fresh
      const first = await prisma.grant.findUnique({ where: { id: grantId }, select: { revokedAt: true } })
      if (!first) return { outcome: 'session_ended' }
      if (!first.revokedAt) await revoke('code.reused', { grantId, clientId, now })
      return { outcome: 'used' }
    },

    async rotate(presented, now, graceSeconds): Promise<RotateOutcome> {
      const grant = await hot.rotate({ ...presented, now })
      if (grant) return { outcome: 'rotated', grant }

      const { grantId, clientId, generation, boundTo } = presented
      const live = await hot.findGrant({ grantId, now })
      // It is the present one, so it may have moved to another place while the statement waited for it.
      const moved = live?.grant.generation === generation && (await hot.rotate({ ...presented, now }))
      if (moved) return { outcome: 'rotated', grant: moved }
      // A generation that is yet to come was signed before the database was restored: it proves nothing about a thief.
      if (!live || live.grant.clientId !== clientId || generation >= live.grant.generation)
        return { outcome: 'unknown' }
      if (live.grant.boundTo !== undefined && live.grant.boundTo !== boundTo) return { outcome: 'unknown' }
      if (isReplay(live, generation, now, graceSeconds)) return { outcome: 'replayed', grant: live.grant }
      return { outcome: (await revoke('refresh.reused', { grantId, clientId, now })) ? 'reused' : 'unknown' }
    },

    revoke: (grantId, clientId, now) => revoke('grant.revoked', { grantId, clientId, now }),

    async find(grantId, now) {
      const live = await hot.findGrant({ grantId, now })
      return live && !isUnused(live, now) ? live.grant : undefined
    },

    async findByIndex(index, now) {
      return (await hot.findGrantByIndex({ index, now }))?.grant
    },

    async living({ clientId, after }, now) {
      const grants = await prisma.grant.findMany({
        where: { n: { gt: after }, clientId, revokedAt: null, expiresAt: { gt: now } },
        orderBy: { n: 'asc' },
        take: SOME,
        select: { n: true, sessionId: true },
      })
      return grants.map(({ n, sessionId }) => ({ index: n, sessionId }))
    },

    async revokedSince(since, from, to) {
      // The range is told apart here: as a condition it would tempt SQLite to walk through all grants of the list.
      const rows = await prisma.grant.findMany({ where: { revokedAt: { gte: since } }, select: { n: true } })
      return rows.map(({ n }) => n).filter((n) => n >= from && n < to)
    },
  }
}

const RETIRE = `
  UPDATE "Grant" SET "id" = "id" || '~' || "n", "revokedAt" = $1::timestamp(3)
  WHERE "sessionId" IN (SELECT "id" FROM "Session" WHERE "accountId" = $2)
    AND "revokedAt" IS NULL AND "expiresAt" > $3::timestamp(3)
  RETURNING "n", "id", "clientId"`

const KEPT = `"sessionId", "accountId", "clientId", "scope", "resources", "authenticatedAt", "loginClientId", "generation", "rotatedAt",
  "expiresAt", "claims", "boundTo", "redeemedAt"`
const REPLACE = `INSERT INTO "Grant" ("id", ${KEPT}) SELECT $1, ${KEPT} FROM "Grant" WHERE "n" = $2::bigint`

/**
 * Within a transaction: each live grant of the account moves to a place of its own in the status list. The row at the old place is revoked
 * and takes another id: nobody ever presents that, and it goes with its session like any other. Who was about to rotate it finds nothing,
 * and tries the new one.
 */
export async function reissueWithin(
  tx: Prisma.TransactionClient,
  statement: Statement,
  { accountId, now }: { accountId: string; now: Date },
): Promise<number> {
  const retired = await tx.$queryRaw<{ n: number | bigint; id: string; clientId: string }[]>(
    statement(RETIRE, stamp(now), accountId, stamp(now)),
  )
  for (const { n, id: grantId, clientId } of retired) {
    await tx.$executeRaw(statement(REPLACE, grantId.slice(0, grantId.lastIndexOf('~')), Number(n)))
    await writeEvent(tx, { type: 'grant.reissued', grantId, clientId, accountId }, now)
  }
  return retired.length
}

function isUnused({ rotatedAt, redeemedAt }: LiveGrant, now: Date): boolean {
  return (rotatedAt ?? redeemedAt ?? now) <= unusedSince(now)
}

/** The token before the current one, so soon that its holder may not have seen the answer. */
function isReplay(
  { grant, rotatedAt }: LiveGrant,
  generation: number,
  now: Date,
  graceSeconds: number,
): boolean {
  if (rotatedAt === null || generation !== grant.generation - 1) return false
  // Either way around: a clock that was set back must not stretch the grace.
  return Math.abs(now.getTime() - rotatedAt.getTime()) < graceSeconds * 1000
}
