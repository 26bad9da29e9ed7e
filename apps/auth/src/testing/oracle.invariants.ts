/** What must hold in every database, whatever was done to it and whoever was killed meanwhile. */
export interface Invariant {
  /** Its number in the list that the fault tests refer to. */
  number: number
  /** What is wrong where the statement finds a row. */
  broken: string
  /** Finds each offender, as `about`. `:now` and `:told` (a JSON array of client ids) may stand in it. */
  sql: string
}

// A statement may wait this long for another process after its time was taken, so times of two processes may be so far apart.
const PATIENCE_SECONDS = 15

const seconds = (later: string, earlier: string) => `(julianday(${later}) - julianday(${earlier})) * 86400`
const events = (types: string, where: string) =>
  `(SELECT count(*) FROM "AuditEvent" e WHERE e."type" IN (${types}) AND ${where})`
const OF_GRANT = `'code.reused', 'refresh.reused', 'grant.revoked', 'grant.reissued'`
const isNoHash = (column: string) => `(length(${column}) <> 43 OR ${column} GLOB '*[^A-Za-z0-9_-]*')`

const codes: Invariant[] = [
  {
    number: 1,
    broken: 'a code gave two grants',
    sql: `SELECT "id" AS about FROM "Grant" GROUP BY "id" HAVING count(*) > 1`,
  },
  {
    number: 1,
    broken: 'a code was used twice and what it gave lives',
    sql: `SELECT g."id" AS about FROM "Grant" g WHERE g."revokedAt" IS NULL
      AND ${events(`'code.reused'`, `e."grantId" = g."id"`)} > 0`,
  },
]

const families: Invariant[] = [
  {
    number: 2,
    broken: 'a refresh token was used twice and its family lives',
    sql: `SELECT g."id" AS about FROM "Grant" g WHERE g."revokedAt" IS NULL
      AND ${events(`'refresh.reused'`, `e."grantId" = g."id"`)} > 0`,
  },
  {
    number: 2,
    broken: 'a family went on after its end',
    sql: `SELECT "id" AS about FROM "Grant" WHERE ${seconds('"rotatedAt"', '"revokedAt"')} > ${PATIENCE_SECONDS}`,
  },
  {
    number: 2,
    broken: 'a generation has no rotation, or a rotation no generation',
    sql: `SELECT "id" AS about FROM "Grant" WHERE "generation" < 0 OR ("generation" = 0) <> ("rotatedAt" IS NULL)`,
  },
]

const living: Invariant[] = [
  {
    number: 3,
    broken: 'a grant lives whose session is over',
    sql: `SELECT g."id" AS about FROM "Grant" g JOIN "Session" s ON s."id" = g."sessionId"
      WHERE g."revokedAt" IS NULL AND g."expiresAt" > :now AND (s."endedAt" IS NOT NULL OR s."expiresAt" <= :now)`,
  },
  {
    number: 3,
    broken: 'a grant is of another account than its session, or ends later',
    sql: `SELECT g."id" AS about FROM "Grant" g JOIN "Session" s ON s."id" = g."sessionId"
      WHERE g."accountId" <> s."accountId" OR g."expiresAt" > s."expiresAt"`,
  },
  {
    number: 3,
    broken: 'a grant has no session',
    sql: `SELECT "id" AS about FROM "Grant" WHERE "sessionId" NOT IN (SELECT "id" FROM "Session")`,
  },
  {
    number: 3,
    broken: 'a session has no account',
    sql: `SELECT "id" AS about FROM "Session" WHERE "accountId" NOT IN (SELECT "id" FROM "Account")`,
  },
]

const logouts: Invariant[] = [
  {
    number: 4,
    broken: 'a client is not owed the logout of a session it took part in',
    sql: `SELECT s."id" || ' ' || g."clientId" AS about FROM "Session" s JOIN "Grant" g ON g."sessionId" = s."id"
      JOIN json_each(:told) t ON t.value = g."clientId"
      LEFT JOIN "LogoutDelivery" d ON d."sessionId" = s."id" AND d."clientId" = g."clientId"
      WHERE s."endedAt" IS NOT NULL GROUP BY s."id", g."clientId" HAVING count(DISTINCT d."id") <> 1`,
  },
  {
    number: 4,
    broken: 'a logout is neither delivered nor due nor given up with a reason, or several of it',
    sql: `SELECT "sessionId" || ' ' || "clientId" AS about FROM "LogoutDelivery"
      WHERE ("deliveredAt" IS NOT NULL) + ("dueAt" IS NOT NULL) > 1
        OR ("deliveredAt" IS NULL AND "dueAt" IS NULL AND "reason" IS NULL)`,
  },
]

const keys: Invariant[] = [
  {
    number: 5,
    broken: 'there is not exactly one current key, and one next at most',
    sql: `SELECT a.value AS about FROM json_each('["ES256","RS256","Ed25519"]') a LEFT JOIN "SigningKey" k ON k."algorithm" = a.value
      GROUP BY a.value HAVING count(*) FILTER (WHERE k."state" = 'current') <> 1 OR count(*) FILTER (WHERE k."state" = 'next') > 1`,
  },
  {
    number: 5,
    broken: 'the public half of a key is not public',
    sql: `SELECT "id" AS about FROM "SigningKey" WHERE json_extract("publicJwk", '$.d') IS NOT NULL`,
  },
]

const secrets: Invariant[] = [
  {
    number: 6,
    broken: 'the secret of a session is not hashed',
    sql: `SELECT "id" AS about FROM "Session" WHERE ${isNoHash('"secretHash"')}`,
  },
  {
    number: 6,
    broken: 'a password is not hashed with argon2id',
    sql: `SELECT "id" AS about FROM "Account" WHERE "passwordHash" NOT LIKE '$argon2id$v=19$m=%'`,
  },
  {
    number: 6,
    broken: 'a private key is not sealed',
    sql: `SELECT "id" AS about FROM "SigningKey" WHERE "sealedPrivateKey" NOT GLOB 'eyJ*.*.*.*.*'`,
  },
]

const log: Invariant[] = [
  {
    number: 7,
    broken: 'a login is not in the log',
    sql: `SELECT s."id" AS about FROM "Session" s WHERE ${events(`'login.succeeded'`, `e."sessionId" = s."id"`)} = 0`,
  },
  {
    number: 7,
    broken: 'the end of a session is not in the log once',
    sql: `SELECT s."id" AS about FROM "Session" s
      WHERE ${events(`'session.ended'`, `e."sessionId" = s."id"`)} <> (s."endedAt" IS NOT NULL)`,
  },
  {
    number: 7,
    broken: 'the end of a grant is not in the log once',
    sql: `SELECT g."id" AS about FROM "Grant" g JOIN "Session" s ON s."id" = g."sessionId"
      WHERE ${events(OF_GRANT, `e."grantId" = g."id"`)} > (g."revokedAt" IS NOT NULL)
        OR (g."revokedAt" IS NOT NULL AND s."endedAt" IS NULL AND ${events(OF_GRANT, `e."grantId" = g."id"`)} = 0)`,
  },
  {
    number: 7,
    broken: 'a delivered logout is not in the log',
    sql: `SELECT d."sessionId" || ' ' || d."clientId" AS about FROM "LogoutDelivery" d WHERE d."deliveredAt" IS NOT NULL
      AND ${events(`'logout.delivered'`, `e."sessionId" = d."sessionId" AND e."clientId" = d."clientId"`)} = 0`,
  },
  {
    number: 7,
    broken: 'the birth of a key is not in the log once',
    sql: `SELECT k."id" AS about FROM "SigningKey" k WHERE ${events(`'key.created'`, `e."keyId" = k."id"`)} <> 1`,
  },
]

export const INVARIANTS: readonly Invariant[] = [
  ...codes,
  ...families,
  ...living,
  ...logouts,
  ...keys,
  ...secrets,
  ...log,
]

const ago = (days: number) => `strftime('%Y-%m-%dT%H:%M:%f+00:00', :now, '-${days} days')`

/** What is gone once the sweep has run. */
export const AFTER_SWEEP: readonly Invariant[] = [
  { table: 'Session', where: `"expiresAt" < ${ago(1)}` },
  { table: 'LogoutDelivery', where: `"createdAt" < ${ago(7)} AND "dueAt" IS NULL` },
  { table: 'UsedToken', where: `"expiresAt" <= :now` },
  { table: 'RateLimit', where: `"expiresAt" <= :now` },
  { table: 'AuditEvent', where: `"at" < ${ago(90)}` },
].map(({ table, where }) => ({
  number: 8,
  broken: `rows of ${table} are left that should be gone`,
  sql: `SELECT count(*) AS about FROM "${table}" WHERE ${where} HAVING count(*) > 0`,
}))
