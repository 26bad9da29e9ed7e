import { setTimeout as pause } from 'node:timers/promises'
import { clockSettings } from './clock.ts'
import { accountOf, type Cluster } from './cluster.ts'
import type { Databases } from './databases.ts'
import type { Fault, Tally } from './fault.ts'
import { navigate } from './navigate.ts'
import { ALDER, openTown, type Town, whoAt } from './town.ts'
import type { Visitor } from './visitor.ts'

const SESSION = '__Host-session'
const PEOPLE = 6
/** A kill comes within this many times what the answer usually takes. */
const LONGER = 1.3
/** An access token lives for five minutes: by this clock it is about to end, and the site refreshes before it answers. */
const LATER = clockSettings(290)

/** F-15: the site is killed while it redeems a code. The browser has a whole session or none, and its address leads on. */
async function killedInCallback(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const town = cluster as Town // `open` made it
  const usualMs = (await callsBack(town, town.visitor(), 0)).tookMs
  for (let round = 0; round < rounds; round++) {
    const person = round % PEOPLE
    const visitor = town.visitor()
    const killedAfterMs = tally.random() * LONGER * usualMs
    const { callback, isAnswered } = await callsBack(town, visitor, person, killedAfterMs)
    tally.count(isAnswered ? 'answers' : 'answers lost')
    await pause(LONGER * usualMs)
    await town.startSite('alder')
    await judge(town, visitor, person, tally)
    const again = await visitor.goTo(callback)
    tally.same('the same address again', [again.status, visitor.trail.at(-1)], [200, `${ALDER}/private`])
    await isIn(visitor, person, tally)
  }
}

/** Logs in, and comes back to the site with a code: so long after that the site is killed, if at all. */
async function callsBack(town: Town, visitor: Visitor, person: number, killedAfterMs?: number) {
  const site = town.sites.alder
  let [callback, begunAt, tookMs] = ['', 0, 0]
  const form = await visitor.goTo(`${ALDER}/sso/login?returnTo=/private`)
  const answer = visitor.typesPassword(await form.text(), person, (address) => {
    if (callback) tookMs ||= performance.now() - begunAt
    if (!address.startsWith(`${ALDER}/sso/callback`)) return
    callback = address
    begunAt = performance.now()
    if (killedAfterMs !== undefined) setTimeout(() => site.kill(), killedAfterMs)
  })
  const isAnswered = await answer.then(
    () => true,
    () => false,
  )
  return { callback, tookMs, isAnswered }
}

/** F-15: the site is killed while it refreshes. The browser asks again with what it has, and is still signed in. */
async function killedInRefresh(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const town = cluster as Town // `open` made it
  let usualMs = 0
  for (let round = 0; round <= rounds; round++) {
    const person = round % PEOPLE
    const visitor = town.visitor()
    await visitor.logsInAt(ALDER, person)
    await town.sites.alder.kill()
    const site = await town.startSite('alder', LATER)
    visitor.lapses(ALDER)
    const begunAt = performance.now()
    if (usualMs) setTimeout(() => site.kill(), tally.random() * LONGER * usualMs)
    const answer = await whoAt(visitor, ALDER).catch(() => undefined)
    if (usualMs) tally.count(answer ? 'answers' : 'answers lost')
    usualMs ||= performance.now() - begunAt // the first is practice
    await pause(LONGER * usualMs)
    await town.startSite('alder', LATER)
    visitor.lapses(ALDER)
    await judge(town, visitor, person, tally)
    await isIn(visitor, person, tally)
    await town.startSite('alder')
  }
}

/** What it holds is a session that counts, or no session. */
async function judge(town: Town, visitor: Visitor, person: number, tally: Tally): Promise<void> {
  const cookie = visitor.jar(ALDER).get(SESSION)
  tally.count(cookie ? 'sessions whole' : 'sessions absent')
  if (!cookie) return
  const response = await navigate(`${town.sites.alder.origin}/`, {
    headers: { cookie: `${SESSION}=${cookie}` },
  })
  tally.same('whose session it is', (await response.json()).signedIn, accountOf(person))
}

async function isIn(visitor: Visitor, person: number, tally: Tally): Promise<void> {
  const { status, signedIn } = await whoAt(visitor, ALDER)
  tally.same('whoever comes back', [status, signedIn], [200, accountOf(person)])
}

const REQUESTS = 50

/** F-35: fifty requests with one session whose token ends, at two processes of the site: all are served, by one successor. */
async function manyRequests(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const town = cluster as Town // `open` made it
  const early = town.sites.alder // has the time of the provider, so that it takes a login
  const late = [await town.startSite('alder', LATER), await town.startSite('alder', LATER)]
  for (let round = 0; round < rounds; round++) {
    const person = round % PEOPLE
    const visitor = town.visitor()
    town.sites.alder = early
    await visitor.logsInAt(ALDER, person)
    const cookie = `${SESSION}=${visitor.jar(ALDER).get(SESSION)}`
    const before = await refreshesOf(town)
    const answers = await Promise.all(
      Array.from({ length: REQUESTS }, (_, n) =>
        navigate(`${late[n % late.length]?.origin}/`, { headers: { cookie } }),
      ),
    )
    for (const answer of answers) {
      tally.count(`requests ${answer.status}`)
      tally.same('an answer', [answer.status, (await answer.json()).signedIn], [200, accountOf(person)])
    }
    const made = (await refreshesOf(town)) - before
    tally.count('refreshes', made)
    tally.expect(made >= 1 && made <= late.length, `${made} refreshes for one session and two processes`)

    const [newest] = answers.flatMap(({ headers }) => sessionIn(headers)).slice(-1)
    tally.expect(newest !== undefined, 'nobody got a new session')
    visitor.jar(ALDER).set(SESSION, newest ?? '')
    await isIn(visitor, person, tally)
  }
}

const sessionIn = (headers: Headers): string[] =>
  headers.getSetCookie().flatMap((line) => /^__Host-session=([^;]+)/.exec(line)?.[1] ?? [])

/** How many refresh tokens were presented so far. */
async function refreshesOf(town: Town): Promise<number> {
  const metrics = await (await fetch(`${town.processes[0]?.origin}/metrics`)).text()
  const counts = [...metrics.matchAll(/^grove_refreshes(?:_total)?\{[^}]*\} (\d+)$/gm)]
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}

const TABS = 5

/** F-36: five tabs of one browser begin a login, and finish it in another order: each ends where it wanted to go. */
async function manyTabs(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const town = cluster as Town // `open` made it
  for (let round = 0; round < rounds; round++) {
    const person = round % PEOPLE
    const visitor = town.visitor()
    const tabs: { returnTo: string; html: string }[] = []
    for (let tab = 0; tab < TABS; tab++) {
      const returnTo = `/private?tab=${tab}`
      const page = await visitor.goTo(`${ALDER}/sso/login?returnTo=${encodeURIComponent(returnTo)}`)
      tabs.push({ returnTo, html: await page.text() })
    }
    tabs.sort(() => tally.random() - 0.5)
    for (const { returnTo, html } of tabs) {
      const answer = await visitor.typesPassword(html, person)
      tally.count(`tabs ${answer.status}`)
      tally.same('a tab', [answer.status, visitor.trail.at(-1)], [200, ALDER + returnTo])
    }
    await isIn(visitor, person, tally)
  }
}

const open = (databases: Databases): Promise<Town> => openTown(databases)

export const SITES: readonly Fault[] = [
  {
    id: 'F-15',
    does: `a site killed while it redeems the code that a browser came back with, and started again`,
    rounds: { long: 20 },
    processes: 1,
    open,
    play: killedInCallback,
  },
  {
    id: 'F-15',
    does: `a site killed while it refreshes a session, and started again`,
    rounds: { long: 20 },
    processes: 1,
    open,
    play: killedInRefresh,
  },
  {
    id: 'F-35',
    does: `${REQUESTS} requests with one session whose token ends, at two processes of the site`,
    rounds: { long: 20 },
    processes: 1,
    open,
    play: manyRequests,
  },
  {
    id: 'F-36',
    does: `${TABS} tabs begin a login and finish it in another order`,
    rounds: { long: 20 },
    processes: 1,
    open,
    play: manyTabs,
  },
]
