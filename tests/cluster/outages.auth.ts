import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './auth-process.ts'
import { openClock } from './clock.ts'
import type { Timed } from './clocks.jumps.ts'
import type { Databases } from './databases.ts'
import type { Tally } from './fault.ts'
import type { Manner } from './relay.ts'
import { ALDER, BIRCH, callsApi, openTown, type Town, whoAt } from './town.ts'
import { codeOn, type Visitor } from './visitor.ts'

// Who is not there is not asked again for a second.
const ASKED_AGAIN_MS = 1_100
const TIMEOUT_MS = 3_000
const NEAR_THE_END_SECONDS = 280
const PAST_THE_END_SECONDS = 310

/** Sites that reach auth at its own port, so that nobody is there when its process is gone. */
export async function openTownWithoutRelay(databases: Databases): Promise<Town & Timed> {
  const [clock, port] = [await openClock(), await freePort()]
  const town = await openTown(databases, {
    auth: { settings: { ...clock.settings, PORT: String(port) } },
    site: { ...clock.settings, ISSUER_INTERNAL_URL: `http://127.0.0.1:${port}` },
  })
  return Object.assign(town, { clock })
}

/** F-100, F-102: auth is gone; people go on while their tokens live, and are there again when it is back. */
export async function goneAndBack(town: Town & Timed, rounds: number, tally: Tally): Promise<void> {
  const alice = town.visitor()
  await alice.logsInAt(ALDER)
  for (let round = 0; round < rounds; round++) {
    const { accessToken } = await whoAt(alice, ALDER)
    tally.same('the other site', (await whoAt(alice, BIRCH)).signedIn, 'acc_0')
    await town.processes[0]?.kill()
    await pause(ASKED_AGAIN_MS) // until then a site may take it for there, and send browsers to it
    const passed = round * PAST_THE_END_SECONDS

    for (const site of [ALDER, BIRCH]) {
      alice.lapses(site)
      tally.same('a page for who is signed in', await pageFor(alice, site), [200, 'acc_0'])
    }
    for (const site of [town.sites.alder, town.sites.birch])
      tally.same('a call with a good token', await callsApi(site, accessToken), 200)
    await strangersReadWhy(town, tally)

    await town.clock.set(passed + NEAR_THE_END_SECONDS)
    alice.lapses(ALDER)
    tally.same('a page when a refresh is due', await pageFor(alice, ALDER), [200, 'acc_0'])
    await town.clock.set(passed + PAST_THE_END_SECONDS)
    alice.lapses(ALDER)
    tally.same('a public page when the token is over', await pageFor(alice, ALDER), [200, null])
    tally.same('a call with it', await callsApi(town.sites.alder, accessToken), 401)

    town.processes[0] = await town.start()
    await pause(ASKED_AGAIN_MS)
    alice.lapses(ALDER)
    tally.same('the next page when it is back', await pageFor(alice, ALDER), [200, 'acc_0'])
    tally.same('the other site then', await pageFor(alice, BIRCH), [200, 'acc_0'])
    const bob = town.visitor()
    tally.same('a login when it is back', (await bob.logsInAt(BIRCH, 1)).status, 200)
    tally.count('times gone and back')
  }
}

async function strangersReadWhy(town: Town, tally: Tally): Promise<void> {
  const stranger = town.visitor()
  tally.same('a public page for a stranger', await pageFor(stranger, ALDER), [200, null])
  for (const path of ['/sso/login', '/private']) {
    const page = await stranger.goTo(ALDER + path)
    tally.same(`${path} for a stranger`, [page.status, codeOn(await page.text())], [503, 'auth_unavailable'])
    tally.expect(stranger.trail.length <= 3, `${path}: ${stranger.trail.length} redirects`)
  }
}

const TROUBLES: readonly { name: string; manner: Manner }[] = [
  { name: 'hangs', manner: 'hangs' },
  { name: 'takes 3 s', manner: { lateMs: 3_000 } },
  { name: 'takes 10 s', manner: { lateMs: 10_000 } },
]
const AT_ONCE = 20

/** F-101: auth is there and does not answer in time. Nobody waits who needs nothing of it, and nobody waits for long. */
export async function slow(town: Town & Timed, rounds: number, tally: Tally): Promise<void> {
  const alice = town.visitor()
  await alice.logsInAt(ALDER)
  const { accessToken } = await whoAt(alice, ALDER)
  await callsApi(town.sites.alder, accessToken) // keys and status list are known from here on
  for (const { name, manner } of TROUBLES.slice(0, rounds)) {
    await pause(ASKED_AGAIN_MS)
    town.toAuth.manner = () => manner
    town.toAuth.sockets.most = town.toAuth.sockets.open
    const pages = await timed(async () => {
      alice.lapses(ALDER)
      tally.same(`auth ${name}: a page`, await pageFor(alice, ALDER), [200, 'acc_0'])
      tally.same(`auth ${name}: a call`, await callsApi(town.sites.alder, accessToken), 200)
    })
    // Whoever waits for it waits for all of the time-out.
    tally.expect(pages.longestMs < TIMEOUT_MS, `auth ${name}: a page took ${pages.longestMs} ms`)
    const clicks = await timed(async () => {
      const page = await town.visitor().goTo(`${ALDER}/sso/login`)
      tally.same(`auth ${name}: a login`, [page.status, codeOn(await page.text())], [503, 'auth_unavailable'])
    })
    tally.expect(clicks.longestMs < 2 * TIMEOUT_MS, `auth ${name}: a login took ${clicks.longestMs} ms`)
    const { most } = town.toAuth.sockets
    tally.expect(most <= 6, `auth ${name}: ${most} connections at once for ${2 * AT_ONCE} people`)
    tally.count(`auth ${name}: ${AT_ONCE} people`)
    tally.measure(
      `auth ${name}`,
      `pages in ${pages.longestMs} ms, logins in ${clicks.longestMs} ms, over ${most} connections`,
    )

    town.toAuth.manner = () => 'passes'
    await pause(ASKED_AGAIN_MS)
    tally.same(`after it ${name}: a login`, (await town.visitor().logsInAt(ALDER, 1)).status, 200)
  }
}

async function timed(work: () => Promise<void>): Promise<{ longestMs: number }> {
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { longestMs: Math.round(performance.now() - startedAt) }
}

export async function pageFor(visitor: Visitor, site: string): Promise<[number, string | null]> {
  const { status, signedIn } = await whoAt(visitor, site)
  return [status, signedIn]
}
