import { setTimeout as pause } from 'node:timers/promises'
import { openSql, payloadOf, redeem } from '@grove/auth/testing'
import { type Cluster, logsIn, SPENT, tokensFor, verdictOf } from './cluster.ts'
import { type Fact, keepsBusy, lostFacts } from './facts.ts'
import type { Fault, Tally } from './fault.ts'

const USERS = 16
const BETWEEN_KILLS_MS = 10_000

/** F-14: killed and started again every ten seconds, and nobody finds out but by what was lost on the way. */
async function killedAgainAndAgain(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const facts: Fact[] = []
  const outages: { from: number; to: number }[] = []
  const failures: { at: number; what: string }[] = []
  let isOver = false
  const startedAt = Date.now()
  const users = Array.from({ length: USERS }, (_, person) =>
    keepsBusy(cluster, person, {
      goesOn: () => !isOver,
      hear: (fact) => void facts.push(fact),
      fails: (what) => void failures.push({ at: Date.now(), what }),
      tally,
    }),
  )
  for (let kill = 0; kill < rounds; kill++) {
    await pause(BETWEEN_KILLS_MS)
    cluster.prepare() // as whoever watches over processes does: the next one is there in a second
    await pause(1_000)
    const from = Date.now()
    await cluster.processes[0]?.kill()
    cluster.processes[0] = await cluster.start()
    outages.push({ from, to: Date.now() })
  }
  await pause(1_000)
  isOver = true
  await Promise.all(users)

  const away = outages.reduce((sum, { from, to }) => sum + to - from, 0)
  tally.measure('away', `${Math.round((100 * away) / (Date.now() - startedAt))} % of the time`)
  // Whoever was sent to the old process hears of its end a moment later.
  const unexplained = failures.filter(
    ({ at }) => !outages.some(({ from, to }) => at >= from && at <= to + PATIENCE_MS),
  )
  tally.count('failures within the outages', failures.length - unexplained.length)
  tally.same(
    'failures at other times',
    unexplained.map(({ what }) => what),
    [],
  )
  tally.broken.push(...(await lostFacts(cluster.databaseUrl, facts)))
  const codes = facts.flatMap((fact) => fact.code ?? []).slice(-200)
  tally.secrets.push(...codes)
  const again = await Promise.all(codes.map((code) => verdictOf(redeem(cluster.at(0), 'alder', code))))
  tally.same('used codes', [...new Set(again.map(({ verdict }) => verdict))], [SPENT])
}

const PATIENCE_MS = 500
const CLAIM_SECONDS = 31
const PATIENCE_WITH_LETTERS_MS = 20_000

const LEAVING = [30, 31, 32, 33, 34, 35, 36, 37]

/** F-17: killed between a logout and the letter about it: another process sends it. Whoever was still signed in still is. */
async function lettersAreSent(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  let usualMs = 0
  for (let round = 0; round <= rounds; round++) {
    const logins = await Promise.all(LEAVING.map((person) => logsIn(cluster.at(0), person)))
    const tokens = await Promise.all(logins.map(({ response }) => tokensFor(cluster.at(0), response)))
    const sids = tokens.map(({ id_token }) => String(payloadOf(id_token).sid))
    const begunAt = performance.now()
    const leaving = logins.map(({ browser }, n) =>
      browser.open(`/logout?id_token_hint=${tokens[n]?.id_token}`).catch(() => undefined),
    )
    if (usualMs) await pause(tally.random() * 1.5 * usualMs)
    else await Promise.all(leaving) // the first is practice
    usualMs ||= performance.now() - begunAt
    await cluster.processes[0]?.kill()
    await Promise.all(leaving)
    const ended = await endedOf(cluster.databaseUrl, sids)
    const unsent = ended.filter((sid) => !cluster.heard.includes(sid))
    tally.count('logouts', ended.length)
    tally.count('letters that were not sent at the kill', unsent.length)

    // It lives when what the dead one had taken in hand may be taken by others.
    const later = await cluster.start({ clockAheadSeconds: CLAIM_SECONDS })
    const isLost = () => unsent.filter((sid) => !cluster.heard.includes(sid))
    for (
      const deadline = Date.now() + PATIENCE_WITH_LETTERS_MS;
      isLost().length > 0 && Date.now() < deadline;
    )
      await pause(50)
    tally.same('letters that were never sent', isLost(), [])
    await later.stop()
    cluster.processes[0] = await cluster.start()
  }
}

/** Those of them that are over. */
async function endedOf(databaseUrl: string, sids: string[]): Promise<string[]> {
  const sql = await openSql(databaseUrl)
  const rows = await sql.query('SELECT "id" FROM "Session" WHERE "endedAt" IS NOT NULL')
  await sql.close()
  const ended = new Set(rows.map(({ id }) => id))
  return sids.filter((sid) => ended.has(sid))
}

export const RESTARTS: readonly Fault[] = [
  {
    id: 'F-14',
    does: `killed and started again every ${BETWEEN_KILLS_MS / 1000} s while ${USERS} people log in, refresh and log out`,
    rounds: { long: 11 },
    processes: 1,
    play: killedAgainAndAgain,
  },
  {
    id: 'F-17',
    does: `${LEAVING.length} people log out, and the process is killed before it has told the site of all`,
    rounds: { long: 10 },
    processes: 1,
    play: lettersAreSent,
  },
]
