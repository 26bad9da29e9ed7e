import type { ReplayStore } from '@grove/jwt'
import type { Database } from './database.ts'
import type { Dialect } from './dialect.ts'
import { stamp } from './statement.ts'

// Whoever writes the row was first. What has expired is not written; a row that has, and was not swept yet, is as none.
const spend = ({ parameter, asTime }: Dialect): string => {
  const [id, expiresAt, now] = [parameter(1), asTime(parameter(2)), asTime(parameter(3))]
  return `
  INSERT INTO "UsedToken" ("id", "expiresAt") SELECT ${id}, ${expiresAt} WHERE ${expiresAt} > ${now}
  ON CONFLICT ("id") DO UPDATE SET "expiresAt" = excluded."expiresAt" WHERE "UsedToken"."expiresAt" <= ${now}
  RETURNING "id"`
}

export function usedTokens(
  { query, dialect }: Pick<Database, 'query' | 'dialect'>,
  now = () => new Date(),
): ReplayStore {
  const SPEND = spend(dialect)
  return {
    async spend(jti, expiresAt) {
      return (await query(SPEND, jti, stamp(expiresAt), stamp(now()))).length === 1
    },
  }
}
