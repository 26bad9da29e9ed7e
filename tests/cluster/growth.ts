import { setTimeout as pause } from 'node:timers/promises'
import { openSql, refresh, userinfo } from '@grove/auth/testing'
import { HURRY } from './clock.ts'
import { type Cluster, logsIn, tokensFor, verdictOf } from './cluster.ts'
import type { Fault, Tally } from './fault.ts'

const THOUSAND = 1_000
/** Of each kind, in a round. */
const ROWS = 50 * THOUSAND
const SWEPT_WITHIN_MS = 600_000

/** F-29: what has expired goes away, in batches, and whoever comes meanwhile is answered. */
async function swept(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const { response } = await logsIn(cluster.at(0), 20)
  let tokens = await tokensFor(cluster.at(0), response)
  const sql = await openSql(cluster.databaseUrl)
  for (const statement of expired(rounds * ROWS)) await sql.query(statement)
  tally.count('expired rows', 3 * rounds * ROWS)
  tally.measure('answers before', await answers(2_000))

  // It sweeps every two seconds instead of every ten minutes.
  const sweeper = await cluster.start({ settings: { NODE_OPTIONS: HURRY } })
  await cluster.processes[0]?.stop()
  cluster.processes[0] = sweeper
  const startedAt = Date.now()
  const during: string[] = []
  while ((await left()) > 0 && Date.now() - startedAt < SWEPT_WITHIN_MS) during.push(await answers(5_000))
  tally.measure('swept in', `${Math.round((Date.now() - startedAt) / 1000)} s`)
  tally.measure('answers meanwhile', during.at(Math.floor(during.length / 2)) ?? 'none')
  tally.same('rows that are left', await left(), 0)
  await sql.close()

  async function left(): Promise<number> {
    const [row] = await sql.query(
      `SELECT (SELECT count(*) FROM "UsedToken" WHERE "id" LIKE 'old-%') + (SELECT count(*) FROM "Session" WHERE "id" LIKE 'old-%')
        + (SELECT count(*) FROM "Grant" WHERE "sessionId" LIKE 'old-%') AS "rows"`,
    )
    return Number(row?.rows)
  }

  /** A client that reads and writes, one after the other, for so long. */
  async function answers(ms: number): Promise<string> {
    const took: number[] = []
    for (const until = Date.now() + ms; Date.now() < until; await pause(20)) {
      const askedAt = performance.now()
      const { verdict, tokens: next } = await verdictOf(refresh(cluster.at(0), 'alder', tokens.refresh_token))
      const { status } = await userinfo(cluster.at(0), tokens.access_token)
      took.push(performance.now() - askedAt)
      tally.same('an answer meanwhile', [verdict, status], ['200', 200])
      tokens = next ?? tokens
    }
    took.sort((one, other) => one - other)
    const at = (share: number) => `${Math.round(took[Math.floor(share * (took.length - 1))] ?? 0)} ms`
    return `p50 ${at(0.5)} p99 ${at(0.99)}`
  }
}

/** A day's worth of a large company, all of it long over. */
function expired(rows: number): string[] {
  const many = `WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < ${rows})`
  const then = `'2026-01-01T00:00:00.000+00:00'::timestamp(3)`
  return [
    `${many} INSERT INTO "UsedToken" ("id", "expiresAt") SELECT 'old-' || n, ${then} FROM many`,
    `${many} INSERT INTO "Session" ("id", "secretHash", "accountId", "authenticatedAt", "expiresAt")
       SELECT 'old-' || n, '', 'acc_0', ${then}, ${then} FROM many`,
    `${many} INSERT INTO "Grant" ("id", "sessionId", "accountId", "clientId", "scope", "resources", "authenticatedAt", "expiresAt")
       SELECT 'old-' || n, 'old-' || n, 'acc_0', 'alder', 'openid', '[]'::jsonb, ${then}, ${then} FROM many`,
  ]
}

export const GROWTH: readonly Fault[] = [
  {
    id: 'F-29',
    does: `${ROWS / THOUSAND},000 expired sessions, grants and used tokens for each round, swept while a client refreshes and asks userinfo`,
    rounds: { long: 7 },
    processes: 1,
    play: swept,
  },
]
