import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../measure.ts'
import { number, printBudget, printTable, whole } from '../table.ts'
import type { Place } from './places.ts'
import type { Populated } from './populated.ts'
import { type Seen, visitSteadily } from './steady-visits.ts'

const VISITS_A_SECOND = 40
const BEFORE_MS = 15_000
/** Of the job: rows that go in one statement. */
const BATCH = 200

/** The sweep of the job itself, with people who come and go meanwhile. */
export async function measureSweep(ours: Populated, place: Place): Promise<void> {
  const expired = await expiredIn(place)
  await ours.server.health()
  const before = visitSteadily(ours, VISITS_A_SECOND)
  await sleep(BEFORE_MS)
  const [seenBefore, { delayMs: delayBefore }] = [await before.end(), await ours.server.health()]
  const during = visitSteadily(ours, VISITS_A_SECOND)
  const { tookMs } = await ours.server.rareWork()
  const [seenDuring, { delayMs: delayDuring }] = [await during.end(), await ours.server.health()]
  const left = await expiredIn(place)

  const swept = expired - left
  console.log(
    `  Swept ${whole(swept)} rows in ${whole(tookMs / 1000)} s: ${whole((1000 * swept) / tookMs)} a second, ${number((tookMs * BATCH) / swept)} ms for a batch of ${BATCH}`,
  )
  printBudget(left === 0, `nothing that has expired is left: ${whole(left)} rows`)
  printBudget(seenDuring.failures.length === 0, `nobody was refused meanwhile${said(seenDuring.failures)}`)
  printTable(
    `ms of latency at ${VISITS_A_SECOND} hops and refreshes a second, p50 / p99 / most`,
    ['', 'hop', 'refresh', 'event loop late'],
    [
      ['before', ...waits(seenBefore), delays(delayBefore)],
      ['while it sweeps', ...waits(seenDuring), delays(delayDuring)],
    ],
  )
}

async function expiredIn({ run, dialect: { at } }: Place): Promise<number> {
  const now = at('0')
  const [row] = await run([
    `SELECT (SELECT count(*) FROM "Grant" WHERE "expiresAt" < ${at('-86400')})
       + (SELECT count(*) FROM "Session" WHERE "expiresAt" < ${at('-86400')})
       + (SELECT count(*) FROM "UsedToken" WHERE "expiresAt" <= ${now}) AS "rows"`,
  ])
  return Number(row?.rows)
}

function waits({ hop, refresh }: Seen): string[] {
  return [hop, refresh].map((times) =>
    [0.5, 0.99, 1].map((share) => number(quantile(times, share))).join(' / '),
  )
}

function delays({ typical, late, most }: Record<'typical' | 'late' | 'most', number>): string {
  return [typical, late, most].map(number).join(' / ')
}

function said([first, ...more]: readonly string[]): string {
  return first === undefined ? '' : `, but ${more.length + 1}: ${first}`
}
