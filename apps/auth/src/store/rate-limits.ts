import type { RateLimitStore } from '../domain/rate-limits.ts'
import { type Query, stamp } from './statement.ts'

// The one row decides: of many callers in many processes each is told another count.
const HIT = `
  INSERT INTO "RateLimit" AS counted ("key", "count", "expiresAt") VALUES ($1, 1, $2::timestamp(3))
  ON CONFLICT ("key") DO UPDATE SET
    "count" = CASE WHEN counted."expiresAt" > $3::timestamp(3) THEN counted."count" + 1 ELSE 1 END,
    "expiresAt" = CASE WHEN counted."expiresAt" > $3::timestamp(3)
      THEN least(counted."expiresAt", $2::timestamp(3)) ELSE $2::timestamp(3) END
  RETURNING "count", "expiresAt"`

const FORGIVE = `UPDATE "RateLimit" SET "count" = "count" - 1 WHERE "key" = $1 AND "count" > 0`

export function rateLimitStore(query: Query): RateLimitStore {
  return {
    async hit(key, endsAt, now) {
      const [row] = await query(HIT, key, stamp(endsAt), stamp(now))
      return { count: Number(row?.count), endsAt: new Date(String(row?.expiresAt)) }
    },
    async forgive(key) {
      await query(FORGIVE, key)
    },
  }
}
