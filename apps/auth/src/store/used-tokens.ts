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
      return (await query(SPEND, nameOf(jti), stamp(expiresAt), stamp(now()))).length === 1
    },
  }
}

/** Itself, unless it has characters that not every database keeps: NUL, or half of a pair. No two get the same. */
function nameOf(jti: string): string {
  if (!/^utf16:|\0|\p{Cs}/u.test(jti)) return jti
  return `utf16:${Buffer.from(jti, 'utf16le').toString('base64url')}`
}
