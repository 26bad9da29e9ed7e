import type { ReplayStore } from '@grove/jwt'
import { type Query, stamp } from './statement.ts'

// Whoever writes the row was first. What has expired is not written; a row that has, and was not swept yet, is as none.
const SPEND = `
  INSERT INTO "UsedToken" ("id", "expiresAt") SELECT $1, $2::timestamp(3) WHERE $2::timestamp(3) > $3::timestamp(3)
  ON CONFLICT ("id") DO UPDATE SET "expiresAt" = excluded."expiresAt" WHERE "UsedToken"."expiresAt" <= $3::timestamp(3)
  RETURNING "id"`

export function usedTokens(query: Query, now = () => new Date()): ReplayStore {
  return {
    async spend(jti, expiresAt) {
      return (await query(SPEND, jti, stamp(expiresAt), stamp(now()))).length === 1
    },
  }
}
