import type { RateLimitStore } from '../domain/rate-limits.ts'
import type { Database } from './database.ts'
import type { Dialect } from './dialect.ts'
import { stamp } from './statement.ts'

// The one row decides: of many callers in many processes each is told another count.
const hit = ({ parameter, asTime, smaller }: Dialect): string => {
  const [key, endsAt, now] = [parameter(1), asTime(parameter(2)), asTime(parameter(3))]
  return `
  INSERT INTO "RateLimit" AS counted ("key", "count", "expiresAt") VALUES (${key}, 1, ${endsAt})
  ON CONFLICT ("key") DO UPDATE SET
    "count" = CASE WHEN counted."expiresAt" > ${now} THEN counted."count" + 1 ELSE 1 END,
    "expiresAt" = CASE WHEN counted."expiresAt" > ${now} THEN ${smaller}(counted."expiresAt", ${endsAt}) ELSE ${endsAt} END
  RETURNING "count", "expiresAt"`
}

const forgive = ({ parameter }: Dialect): string =>
  `UPDATE "RateLimit" SET "count" = "count" - 1 WHERE "key" = ${parameter(1)} AND "count" > 0`

export function rateLimitStore({ query, dialect }: Pick<Database, 'query' | 'dialect'>): RateLimitStore {
  const [HIT, FORGIVE] = [hit(dialect), forgive(dialect)]
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
