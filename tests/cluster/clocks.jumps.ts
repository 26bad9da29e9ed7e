import { setTimeout as pause } from 'node:timers/promises'
import { answerIn, codeIn, redeem, refresh } from '@grove/auth/testing'
import { type Clock, HURRY, openClock } from './clock.ts'
import { type Cluster, isAlive, logsIn, openCluster, SPENT, tokensFor, verdictOf } from './cluster.ts'
import type { Databases } from './databases.ts'
import type { Tally } from './fault.ts'
import { ALDER, BIRCH, callsApi, openTown, type Town, whoAt } from './town.ts'

/** The sweep is due every ten minutes, which are two seconds for a process in a hurry. */
const TWO_SWEEPS_MS = 4_500
const HOUR_SECONDS = 3_600
const TOKEN_SECONDS = 300
const LONGER_THAN_A_SESSION_SECONDS = 13 * HOUR_SECONDS

/** Processes that live by one clock. */
export interface Timed {
  clock: Clock
}

/** F-41. */
export async function openBehindClock(databases: Databases): Promise<Cluster & Timed> {
  const clock = await openClock()
  const settings = { ...clock.settings, NODE_OPTIONS: `${clock.settings.NODE_OPTIONS} ${HURRY}` }
  const cluster = await openCluster(1, { databaseUrl: await databases.create(), settings })
  return { ...cluster, clock, close: () => Promise.all([cluster.close(), clock.remove()]).then(() => {}) }
}

/** F-41: a clock that is set back revives nothing, and takes nothing away that lives. */
export async function backByAnHour(cluster: Cluster & Timed, people: number, tally: Tally): Promise<void> {
  const auth = cluster.at(0)
  const all = Array.from({ length: people }, (_, person) => person)
  const gone = await Promise.all(all.map(leaves))
  const here = await Promise.all(all.map(stays))

  await cluster.clock.set(-HOUR_SECONDS)
  await pause(TWO_SWEEPS_MS)
  await check('after the jump')
  for (const { browser, tokens } of here) {
    const silent = await browser.authorize('alder', { prompt: 'none' })
    tally.expect(answerIn(silent).has('code'), 'a living session is gone after the jump')
    const next = await verdictOf(refresh(auth, 'alder', tokens.refresh_token))
    tally.same('a living refresh token after the jump', next.verdict, '200')
    tally.count('living sessions that go on')
  }
  for (const { spent } of here.slice(1))
    tally.same(
      'a code that was used before the jump',
      (await verdictOf(redeem(auth, 'alder', spent))).verdict,
      SPENT,
    )

  // What was issued before the jump, and is over by any clock.
  await cluster.clock.set(TOKEN_SECONDS + 60)
  for (const { tokens } of here)
    tally.expect(!(await isAlive(auth, tokens.access_token)), 'an access token outlived its five minutes')
  await check('when it is right again')
  await cluster.clock.set(LONGER_THAN_A_SESSION_SECONDS)
  for (const { browser } of here)
    tally.same(
      'a session past its end',
      answerIn(await browser.authorize('alder', { prompt: 'none' })).get('error'),
      'login_required',
    )
  await check('the next day')

  async function leaves(person: number) {
    const { browser, response } = await logsIn(auth, person)
    const code = codeIn(response)
    const tokens = await tokensFor(auth, response)
    await browser.open(`/logout?id_token_hint=${tokens.id_token}`)
    return { browser, code, tokens }
  }

  async function stays(person: number) {
    const { browser, response } = await logsIn(auth, person)
    const spent = codeIn(response)
    const first = await tokensFor(auth, response)
    const second = await verdictOf(refresh(auth, 'alder', first.refresh_token))
    return { browser, spent, tokens: second.tokens ?? first }
  }

  async function check(when: string) {
    for (const { browser, code, tokens } of gone) {
      const silent = await browser.authorize('alder', { prompt: 'none' })
      tally.same(`an ended session ${when}`, answerIn(silent).get('error'), 'login_required')
      const [again, next] = [redeem(auth, 'alder', code), refresh(auth, 'alder', tokens.refresh_token)]
      tally.same(`its code ${when}`, (await verdictOf(again)).verdict, SPENT)
      tally.same(`its refresh token ${when}`, (await verdictOf(next)).verdict, SPENT)
      tally.expect(!(await isAlive(auth, tokens.access_token)), `its access token lives ${when}`)
      tally.count('tries to revive what ended')
    }
  }
}

/** F-43, F-44. */
export const openTownBehindClock =
  (aheadSeconds = 0, settings: Record<string, string> = {}) =>
  async (databases: Databases): Promise<Town & Timed> => {
    const clock = await openClock(aheadSeconds)
    const all = { ...clock.settings, ...settings }
    const town = await openTown(databases, { auth: { settings: all }, site: all })
    return Object.assign(town, { clock })
  }

/** F-43: a computer that sleeps for two hours with everything on it. The first request after it is answered right. */
export async function sleeps(town: Town & Timed, rounds: number, tally: Tally): Promise<void> {
  const { auth, alder } = { auth: town.processes[0], alder: town.sites.alder }
  const pids = [auth?.pid ?? 0, alder.pid]
  const visitor = town.visitor()
  await visitor.logsInAt(ALDER)
  for (let round = 1; round <= rounds; round++) {
    const { accessToken: old } = await whoAt(visitor, ALDER)
    tally.same('a call before it sleeps', await callsApi(alder, old), 200)
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    await town.clock.set(round * 2 * HOUR_SECONDS)
    await pause(500)
    for (const pid of pids) process.kill(pid, 'SIGCONT')

    tally.same('the first call with a token of before', await callsApi(alder, old), 401)
    visitor.lapses(ALDER)
    const { status, signedIn, accessToken } = await whoAt(visitor, ALDER)
    tally.same('the first page', [status, signedIn], [200, 'acc_0'])
    tally.expect(accessToken !== old, 'the page goes on with a token of two hours ago')
    tally.same('a call with the token of now', await callsApi(alder, accessToken), 200)
    tally.count('sleeps')
  }
}

/** F-44: a login, and all that comes of it, over a moment at which calendars stumble. */
export async function overTheMoment(town: Town & Timed, moment: Date, tally: Tally): Promise<void> {
  const to = (seconds: number) => town.clock.set((moment.getTime() - Date.now()) / 1000 + seconds)
  const auth = town.at(0)
  const visitor = town.visitor()
  await to(-3)
  const { browser, response } = await logsIn(auth, 1)
  await visitor.logsInAt(ALDER)
  const { accessToken } = await whoAt(visitor, ALDER)

  await to(1)
  tally.same('a call with the token of before', await callsApi(town.sites.alder, accessToken), 200)
  const tokens = await tokensFor(auth, response)
  tally.expect(await isAlive(auth, tokens.access_token), 'the token of a code of before is not good')
  tally.same('a refresh', (await verdictOf(refresh(auth, 'alder', tokens.refresh_token))).verdict, '200')
  tally.expect(
    answerIn(await browser.authorize('alder', { prompt: 'none' })).has('code'),
    'the session is gone',
  )
  tally.same('the other site', (await whoAt(visitor, BIRCH)).signedIn, 'acc_0')
  await visitor.signsOutAt(ALDER)
  for (const site of [ALDER, BIRCH])
    tally.same('after the logout', (await whoAt(visitor, site)).signedIn, null)

  await to(TOKEN_SECONDS + 60)
  tally.same('a call when the token is over', await callsApi(town.sites.alder, accessToken), 401)
  tally.count('logins, refreshes and logouts over the moment')
}
