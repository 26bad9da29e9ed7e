import { setTimeout as pause } from 'node:timers/promises'
import type { Timed } from './clocks.jumps.ts'
import type { Tally } from './fault.ts'
import { pageFor } from './outages.auth.ts'
import { ALDER, BIRCH, callsApi, type Town, whoAt } from './town.ts'

const NEAR_THE_END_SECONDS = 280
const LIST_SECONDS = 5
const PUSH = 'POST /sso/backchannel-logout'

/** F-103: a site is down while somebody signs out everywhere. His session there is dead when it is back. */
export async function siteDown(town: Town, rounds: number, tally: Tally): Promise<void> {
  const bystander = town.visitor()
  await bystander.logsInAt(BIRCH, 1)
  for (let round = 0; round < rounds; round++) {
    const alice = town.visitor()
    await alice.logsInAt(BIRCH)
    const { accessToken } = await whoAt(alice, ALDER)
    await whoAt(bystander, ALDER)
    await town.sites.birch.kill()
    tally.same('the other site', await pageFor(alice, ALDER), [200, 'acc_0'])

    const goodbye = await alice.signsOutAt(ALDER)
    tally.expect(goodbye.ok, `the sign-out was answered ${goodbye.status}`)
    tally.same('the site of the sign-out', await pageFor(alice, ALDER), [200, null])
    tally.same('somebody else there', await pageFor(bystander, ALDER), [200, 'acc_1'])

    const told = town.toSite.birch.seen.length
    const birch = await town.startSite('birch')
    // A process that has just started waits half a second for the list, and shows the page if that is not enough.
    const isAtOnce = (await whoAt(alice, BIRCH)).signedIn === null
    await until(async () => (await whoAt(alice, BIRCH)).signedIn === null)
    tally.same('a call there with the old token', await callsApi(birch, accessToken), 401)
    tally.same('somebody else there', await pageFor(bystander, BIRCH), [200, 'acc_1'])
    await until(() => town.toSite.birch.seen.length > told)
    tally.expect(town.toSite.birch.seen.slice(told).includes(PUSH), 'the site that was down was never told')
    tally.count(
      `sign-outs while a site was down, known there ${isAtOnce ? 'at its first page' : 'a moment later'}`,
    )
  }
}

/** F-107: what a site is told gets lost for ever. It learns of the logout by itself: from the list, or when it refreshes. */
export async function neverTold(town: Town & Timed, rounds: number, tally: Tally): Promise<void> {
  town.toSite.birch.manner = (ask) => (ask === PUSH ? 'hangs up' : 'passes')
  for (let round = 0; round < rounds; round++) {
    await town.clock.set(round * NEAR_THE_END_SECONDS)
    const readsTheList = round % 2 === 0
    const alice = town.visitor()
    await alice.logsInAt(BIRCH)
    const { accessToken } = await whoAt(alice, BIRCH)
    await whoAt(alice, ALDER)
    town.toAuth.manner = (ask) => (ask.startsWith('GET /status/') && !readsTheList ? 'hangs up' : 'passes')
    await alice.signsOutAt(ALDER)
    tally.same('the site of the sign-out', (await whoAt(alice, ALDER)).signedIn, null)

    if (readsTheList) {
      const startedAt = Date.now()
      await until(async () => (await callsApi(town.sites.birch, accessToken)) === 401)
      tally.count('learnt from the list')
      tally.measure('from the list', `after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
    } else {
      tally.same('a page while the token lives', (await whoAt(alice, BIRCH)).signedIn, 'acc_0')
      await town.clock.set((round + 1) * NEAR_THE_END_SECONDS)
      alice.lapses(BIRCH)
      tally.count('learnt at the next refresh')
    }
    tally.same('the page after that', await pageFor(alice, BIRCH), [200, null])
    town.toAuth.manner = () => 'passes'
  }
}

/** Waits as long as a list is old at most, twice. @throws Error if it never comes */
async function until(comes: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 4 * LIST_SECONDS * 1000; !(await comes()); await pause(100))
    if (Date.now() > end) throw new Error('it did not come about')
}
