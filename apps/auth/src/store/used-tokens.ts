import { createHash } from 'node:crypto'
import type { UsedTokens } from '../domain/used-tokens.ts'
import { type Query, stamp } from './statement.ts'

// Whoever writes the row was first. What has expired is not written; a row that has, and was not swept yet, is as none.
const SPEND = `
  INSERT INTO "UsedToken" ("id", "expiresAt") SELECT $1, $2::timestamp(3) WHERE $2::timestamp(3) > $3::timestamp(3)
  ON CONFLICT ("id") DO UPDATE SET "expiresAt" = excluded."expiresAt" WHERE "UsedToken"."expiresAt" <= $3::timestamp(3)
  RETURNING "id"`

// What an owner holds stands together in the index: in every order of letters a digit comes before `g`, and `g` after `f`. Counting ends
// where he is refused.
const SPEND_OF_SHARE = SPEND.replace(
  'ON CONFLICT',
  `AND (
    SELECT count(*) FROM (
      SELECT 1 FROM "UsedToken" WHERE "id" > $4 AND "id" < $5 AND "expiresAt" > $3::timestamp(3) LIMIT $6::bigint
    ) AS held
  ) < $6::bigint
  ON CONFLICT`,
)

export function usedTokens(query: Query, now = () => new Date()): UsedTokens {
  return {
    async spend(jti, expiresAt) {
      return (await query(SPEND, nameOf(jti), stamp(expiresAt), stamp(now()))).length === 1
    },
    shareOf(owner, most) {
      const share = `share${hexOf(owner)}`
      return {
        async spend(jti, expiresAt) {
          const values = [share + hexOf(jti), stamp(expiresAt), stamp(now()), share, `${share}g`, most]
          return (await query(SPEND_OF_SHARE, ...values)).length === 1
        },
      }
    },
  }
}

const hexOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** Itself, unless it has characters that not every database keeps: NUL, or half of a pair. No two get the same. */
function nameOf(jti: string): string {
  if (!/^utf16:|\0|\p{Cs}/u.test(jti)) return jti
  return `utf16:${Buffer.from(jti, 'utf16le').toString('base64url')}`
}
