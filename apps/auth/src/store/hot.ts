import type { Account } from '../domain/accounts.ts'
import { type Grant, type NewGrant, type PresentedRefresh, unusedSince } from '../domain/grants.ts'
import type { Session } from '../domain/sessions.ts'
import { ITEMS, PLACE } from './dialect.ts'
import { gather } from './gather.ts'
import { type Query, type Row, stamp } from './statement.ts'

// What every sign-on runs. Each statement answers many callers at once: `item` is an array with one JSON array for each of
// them, and a row is told apart by that array's place or by the grant's id. SQLite compares times inside JSON as text.

const FIND_SESSIONS = `
  SELECT ${PLACE} AS "place", "Session"."id", "secretHash", "authenticatedAt", "loginClientId", "expiresAt",
    "accountId", "email", "claims"
  FROM ${ITEMS}
    JOIN "Session" ON "Session"."id" = item.value->>0
    JOIN "Account" ON "Account"."id" = "accountId"
  WHERE "endedAt" IS NULL AND "expiresAt" > (item.value->>1)::timestamp(3) AND "disabledAt" IS NULL`

// RETURNING sees the columns of the grant only, hence the two subqueries.
const GRANT = `
  "Grant"."n", "Grant"."id", "sessionId", "accountId", "clientId", "scope", "resources", "authenticatedAt", "loginClientId",
  "generation", "rotatedAt", "expiresAt", "boundTo", "redeemedAt", "Grant"."claims" AS "asked",
  (SELECT "email" FROM "Account" WHERE "Account"."id" = "accountId") AS "email",
  (SELECT "claims" FROM "Account" WHERE "Account"."id" = "accountId") AS "claims"`

const GRANT_LIVES = `
  "revokedAt" IS NULL AND "expiresAt" > (item.value->>1)::timestamp(3)
  AND NOT EXISTS (SELECT 1 FROM "Account" WHERE "Account"."id" = "accountId" AND "disabledAt" IS NOT NULL)`

// A session that is about to end is waited for, and one that gets a grant here ends after it: no grant outlives its session.
const REDEEM = `
  INSERT INTO "Grant" ("id", "sessionId", "accountId", "clientId", "scope", "resources", "authenticatedAt",
    "boundTo", "claims", "loginClientId", "expiresAt", "redeemedAt")
  SELECT item.value->>0, "Session"."id", "accountId", item.value->>3, item.value->>4, (item.value->>5)::jsonb,
    (item.value->>6)::timestamp(3), item.value->>7, (item.value->>8)::jsonb, "loginClientId", "expiresAt",
    (item.value->>1)::timestamp(3)
  FROM ${ITEMS}
    JOIN "Session" ON "Session"."id" = item.value->>2
    JOIN "Account" ON "Account"."id" = "accountId"
  WHERE "endedAt" IS NULL AND "expiresAt" > (item.value->>1)::timestamp(3) AND "disabledAt" IS NULL
  FOR SHARE OF "Session"
  ON CONFLICT ("id") DO NOTHING
  RETURNING ${GRANT}`

const ROTATE = `
  UPDATE "Grant" SET "generation" = "generation" + 1, "rotatedAt" = (item.value->>1)::timestamp(3)
  FROM ${ITEMS}
  WHERE "Grant"."id" = item.value->>0 AND "generation" = (item.value->>2)::bigint AND "clientId" = item.value->>3
    AND ("boundTo" IS NULL OR "boundTo" = item.value->>4) AND ${GRANT_LIVES}
    AND coalesce("rotatedAt", "redeemedAt", (item.value->>1)::timestamp(3)) > (item.value->>5)::timestamp(3)
  RETURNING ${GRANT}`

const FIND_BY_ID = `
  SELECT ${PLACE} AS "place", ${GRANT}
  FROM ${ITEMS} JOIN "Grant" ON "Grant"."id" = item.value->>0
  WHERE ${GRANT_LIVES}`

const FIND_BY_INDEX = `
  SELECT ${PLACE} AS "place", ${GRANT}
  FROM ${ITEMS} JOIN "Grant" ON "Grant"."n" = (item.value->>0)::bigint
  WHERE ${GRANT_LIVES}`

/** For the tests that ask a database how it carries them out. */
export const HOT_STATEMENTS = { FIND_SESSIONS, REDEEM, ROTATE, FIND_BY_ID, FIND_BY_INDEX }

type At<Item> = Item & { now: Date }

/** A live grant, with what decides about a token that is not its current one. */
export interface LiveGrant {
  grant: Grant
  rotatedAt: Date | null
  redeemedAt: Date | null
}

export interface HotVerbs {
  findSession(wanted: { sessionId: string; now: Date }): Promise<Session | undefined>
  /** The grant, for the first who asks and only while its session lives. */
  redeem(grant: At<NewGrant>): Promise<Grant | undefined>
  /** The grant in its next generation, if `presented` was the current one of this client. */
  rotate(presented: At<PresentedRefresh>): Promise<Grant | undefined>
  findGrant(wanted: { grantId: string; now: Date }): Promise<LiveGrant | undefined>
  findGrantByIndex(wanted: { index: number; now: Date }): Promise<LiveGrant | undefined>
}

/** How calls become the items of one statement, `sql`. */
export type Collect = <Item, Result>(
  sql: string,
  ...gathered: Parameters<typeof gather<Item, Result>>
) => (item: Item) => Promise<Result>

const untraced: Collect = (_, run, options) => gather(run, options)

export function hotVerbs(query: Query, collect: Collect = untraced): HotVerbs {
  /** Finds one row for each item, by its place. */
  const finding = <Item, Found>(sql: string, textOf: (item: Item) => unknown[], read: (row: Row) => Found) =>
    collect(sql, async (items: Item[]) => {
      const rows = await query(sql, items.map(textOf))
      const byPlace = new Map(rows.map((row) => [Number(row.place), row]))
      return items.map((_, place) => optionally(read, byPlace.get(place)))
    })

  /**
   * Changes one grant for each item, by its id; two of the same never share a statement. In the order of what they lock, so that
   * statements of two processes do not wait for each other crosswise.
   */
  const changing = <Item>(
    sql: string,
    {
      idOf,
      lockedBy,
      restOf,
    }: Record<'idOf' | 'lockedBy', (item: Item) => string> & {
      restOf: (item: Item) => unknown[]
    },
  ) =>
    collect(
      sql,
      async (items: Item[]) => {
        const inOrder = items.toSorted((one, other) => (lockedBy(one) < lockedBy(other) ? -1 : 1))
        const rows = await query(
          sql,
          inOrder.map((item) => [idOf(item), ...restOf(item)]),
        )
        const byId = new Map(rows.map((row) => [row.id, row]))
        return items.map((item) => optionally(toGrant, byId.get(idOf(item))))
      },
      { apart: idOf },
    )

  return {
    findSession: finding(FIND_SESSIONS, ({ sessionId, now }) => [sessionId, stamp(now)], toSession),
    findGrant: finding(FIND_BY_ID, ({ grantId, now }) => [grantId, stamp(now)], toLiveGrant),
    findGrantByIndex: finding(FIND_BY_INDEX, ({ index, now }) => [index, stamp(now)], toLiveGrant),
    redeem: changing(REDEEM, {
      idOf: ({ id }) => id,
      lockedBy: ({ sessionId, id }) => sessionId + id,
      restOf: ({ now, sessionId, clientId, scope, resources, authenticatedAt, boundTo, claims }) => [
        stamp(now),
        sessionId,
        clientId,
        scope,
        resources,
        stamp(authenticatedAt),
        boundTo,
        claims,
      ],
    }),
    rotate: changing(ROTATE, {
      idOf: ({ grantId }) => grantId,
      lockedBy: ({ grantId }) => grantId,
      restOf: ({ now, generation, clientId, boundTo }) => [
        stamp(now),
        generation,
        clientId,
        boundTo,
        stamp(unusedSince(now)),
      ],
    }),
  }
}

function optionally<T>(read: (row: Row) => T, row: Row | undefined): T | undefined {
  return row && read(row)
}

function toSession(row: Row): Session {
  return {
    id: String(row.id),
    secretHash: String(row.secretHash),
    account: toAccount(row),
    authenticatedAt: toDate(row.authenticatedAt),
    loginClientId: toTextOrNull(row.loginClientId),
    expiresAt: toDate(row.expiresAt),
  }
}

function toLiveGrant(row: Row): LiveGrant {
  return {
    grant: toGrant(row),
    rotatedAt: toDateOrNull(row.rotatedAt),
    redeemedAt: toDateOrNull(row.redeemedAt),
  }
}

function toGrant(row: Row): Grant {
  return {
    index: Number(row.n),
    id: String(row.id),
    sessionId: String(row.sessionId),
    account: toAccount(row),
    clientId: String(row.clientId),
    scope: String(row.scope),
    resources: JSON.parse(String(row.resources)),
    authenticatedAt: toDate(row.authenticatedAt),
    loginClientId: toTextOrNull(row.loginClientId),
    generation: Number(row.generation),
    expiresAt: toDate(row.expiresAt),
    claims: row.asked === null ? { userinfo: [], idToken: [] } : JSON.parse(String(row.asked)),
    boundTo: toTextOrNull(row.boundTo) ?? undefined,
  }
}

function toAccount(row: Row): Account {
  return { id: String(row.accountId), email: String(row.email), claims: JSON.parse(String(row.claims)) }
}

function toDate(value: unknown): Date {
  return new Date(String(value))
}

function toDateOrNull(value: unknown): Date | null {
  return value === null ? null : toDate(value)
}

function toTextOrNull(value: unknown): string | null {
  return value === null ? null : String(value)
}
