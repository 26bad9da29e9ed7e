import { createHash } from 'node:crypto'
import { account, client, SCOPE } from '../provider/registration.ts'
import { whole } from '../table.ts'
import { idOf } from './dialects.ts'
import type { Place } from './places.ts'

/** How much is in the database. */
export interface Size {
  /** Each with a session and a grant that live, and the event of their login. */
  accounts: number
  /** Grants of sessions that ended two days ago, `CODES_A_SESSION` of them in each. */
  usedCodes: number
  /** Of forms, proofs and assertions, expired. */
  usedTokens: number
}

const CODES_A_SESSION = 5
/** Of all filled sessions: they are not there to be guarded. */
const SECRET = 'a-secret-that-all-sessions-of-the-filling-share'
// More rows than this in one statement are slower by the row.
const BATCH = 1_000_000
const HALF_A_DAY = 43_200
const TWO_DAYS_AGO = -172_800

/** The cookie of the filled session number `n`, from 1. */
export function cookieOf(n: number): string {
  return `__Host-sso=${idOf('b', n)}.${SECRET}`
}

/** Rows as Grove writes them, in big statements. Prints how long each table took. */
export async function fill(place: Place, { accounts, usedCodes, usedTokens }: Size): Promise<void> {
  const { numbers, id, at, before, after } = place.dialect
  const hash = createHash('sha256').update(SECRET).digest('base64url')
  const claims = JSON.stringify({ ...account.claims, sub: undefined, email: undefined })
  const lived = { from: at('-60 - n % 7200'), until: at(`${HALF_A_DAY} - n % 7200`) }
  const expired = { from: at(`${TWO_DAYS_AGO - HALF_A_DAY}`), until: at(`${TWO_DAYS_AGO} + n % 3600`) }
  const session = (kind: 'b' | 'c', { from, until }: typeof lived, own = 'n') => `
    INSERT INTO "Session" ("id", "secretHash", "accountId", "authenticatedAt", "loginClientId", "device", "expiresAt")
    SELECT ${id(kind, 'n')}, '${hash}', ${id('a', own)}, ${from}, '${client.id}', 'Firefox on Linux', ${until}`
  const grant = (kind: 'd' | 'e', of: 'b' | 'c', { from, until }: typeof lived, number = 'n', own = 'n') => `
    INSERT INTO "Grant" ("id", "sessionId", "accountId", "clientId", "scope", "resources", "authenticatedAt", "loginClientId",
      "expiresAt", "redeemedAt")
    SELECT ${id(kind, number)}, ${id(of, 'n')}, ${id('a', own)}, '${client.id}', '${SCOPE}', '["${client.resource}"]', ${from},
      '${client.id}', ${until}, ${from}`
  const sessions = usedCodes / CODES_A_SESSION
  const owner = `1 + n % ${accounts}`

  const steps: [name: string, count: number, sql: string][] = [
    [
      'accounts',
      accounts,
      `INSERT INTO "Account" ("id", "email", "passwordHash", "claims")
       SELECT ${id('a', 'n')}, 'person' || n || '@example.com', '${PASSWORD_HASH}', '${claims}'`,
    ],
    ['sessions', accounts, session('b', lived)],
    ['grants', accounts, grant('d', 'b', lived)],
    [
      'events',
      accounts,
      `INSERT INTO "AuditEvent" ("at", "type", "accountId", "sessionId", "clientId")
       SELECT ${lived.from}, 'login.succeeded', ${id('a', 'n')}, ${id('b', 'n')}, '${client.id}'`,
    ],
    ['expired sessions', sessions, session('c', expired, owner)],
    // The codes of one session lie apart, as they were used between those of others.
    ...Array.from({ length: CODES_A_SESSION }, (_, time): [string, number, string] => [
      'used codes',
      sessions,
      grant('e', 'c', expired, `n + ${time * sessions}`, owner),
    ]),
    [
      'used tokens',
      usedTokens,
      `INSERT INTO "UsedToken" ("id", "expiresAt") SELECT ${id('e', 'n')}, ${at('-1 - n % 86400')}`,
    ],
  ]
  for (const [name, count, sql] of steps) {
    const startedAt = performance.now()
    const inserts = []
    for (let from = 1; from <= count; from += BATCH)
      inserts.push(`${sql} FROM ${numbers(from, Math.min(count, from + BATCH - 1))}`)
    await place.run([...before, ...inserts])
    const seconds = (performance.now() - startedAt) / 1000
    console.log(`  ${whole(count).padStart(12)} ${name}: ${whole(seconds)} s`)
  }
  await place.run(after)
}

/** As long as a real one; nobody logs in with it. */
const PASSWORD_HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`
