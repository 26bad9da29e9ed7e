import { execFile } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Timed } from './clocks.jumps.ts'
import type { Tally } from './fault.ts'
import { pageFor } from './outages.auth.ts'
import { ALDER, BIRCH, type Town } from './town.ts'
import { codeOn } from './visitor.ts'

const NEAR_THE_END_SECONDS = 280
const GRACE_SECONDS = 10

/** F-104: auth has done it, and the answer gets lost: a login starts anew by a click, and a refresh is asked for again. */
export async function answerLost(town: Town & Timed, rounds: number, tally: Tally): Promise<void> {
  let now = 0
  for (let round = 0; round < rounds; round++) {
    const alice = town.visitor()
    await alice.logsInAt(BIRCH)
    losesOneToken(town)
    const page = await alice.goTo(`${ALDER}/sso/login`)
    tally.same('a lost code', [page.status, codeOn(await page.text())], [503, 'auth_unavailable'])
    const again = await alice.goTo(`${ALDER}/sso/login?returnTo=/private`)
    tally.same('the next click', [again.status, await again.text()], [200, '{"signedIn":"acc_0"}'])
    tally.expect(alice.trail.length === 4, 'the next click asked for the password again')
    tally.count('lost codes')

    // The retry comes within the grace, or too late for it: then the family is over, and a silent login takes its place.
    for (const isLate of [false, true]) {
      now += NEAR_THE_END_SECONDS
      await town.clock.set(now)
      losesOneToken(town)
      alice.lapses(ALDER)
      tally.same('a page whose refresh was lost', await pageFor(alice, ALDER), [200, 'acc_0'])
      now += isLate ? GRACE_SECONDS + 5 : 0
      await town.clock.set(now)
      alice.lapses(ALDER)
      tally.same('the next page', await pageFor(alice, ALDER), [200, 'acc_0'])
      tally.same('how many hops that took', alice.trail.length, isLate ? 4 : 1)
      tally.count(isLate ? 'lost refreshes, retried too late' : 'lost refreshes, retried in time')
    }
  }
}

function losesOneToken({ toAuth }: Town): void {
  let isLost = false
  toAuth.manner = (ask) => {
    if (ask !== 'POST /token' || isLost) return 'passes'
    isLost = true
    return 'loses the answer'
  }
}

const BOMB_BYTES = 300_000_000
const MOST_GROWTH_KB = 100_000
const says =
  (type: string, body: string | Buffer, more: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': type, ...more }).end(body)

/** F-105 */
export const wrongAnswers = (): readonly { name: string; says: (response: ServerResponse) => void }[] => [
  {
    name: 'a gzip bomb',
    says: says('application/json', gzipSync(Buffer.alloc(BOMB_BYTES, ' ')), { 'content-encoding': 'gzip' }),
  },
  { name: 'half of a JSON', says: says('application/json', '{"access_token":"eyJ') },
  { name: 'a page', says: says('text/html', '<h1>Welcome to the hotel</h1>') },
  { name: 'plain text', says: says('text/plain', '{"access_token":"x","token_type":"Bearer"}') },
  { name: 'nothing', says: says('application/json', '') },
  { name: 'another object', says: says('application/json', '{"hello":[]}') },
  {
    name: 'less than it announced',
    says: (response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': '400' })
        .write('{"a":', () => response.destroy()),
  },
]

/** F-105: an answer that is none is refused, costs little, and ends nothing. */
export async function wrongAnswer(town: Town, rounds: number, tally: Tally): Promise<void> {
  const alice = town.visitor()
  await alice.logsInAt(ALDER)
  await town.visitor().logsInAt(BIRCH, 1)
  const before = await memoryOf(town)
  for (const { name, says } of wrongAnswers().slice(0, rounds)) {
    town.toAuth.manner = (ask) => (ask === 'POST /token' ? { says } : 'passes')
    const page = await town.visitor().logsInAt(ALDER, 1)
    const code = codeOn(await page.text())
    tally.expect(
      page.status === 503 || page.status === 400,
      `${name} at /token: the login is answered ${page.status}`,
    )
    tally.count(`${name} at /token: ${page.status} ${code}`)

    // A process that has just started asks for everything.
    town.toAuth.manner = () => ({ says })
    const birch = await town.startSite('birch')
    const login = await town.visitor().goTo(`${BIRCH}/sso/login`)
    const why = codeOn(await login.text())
    tally.expect(
      login.status === 503 && /^(auth_unavailable|issuer_mismatch)$/.test(why),
      `${name} everywhere: ${login.status} ${why}`,
    )
    alice.lapses(ALDER)
    tally.same(`${name}: who was signed in`, await pageFor(alice, ALDER), [200, 'acc_0'])
    town.toAuth.manner = () => 'passes'
    await pause(1_100)
    tally.same(`after ${name}: a login`, (await town.visitor().logsInAt(BIRCH, 2)).status, 200)
    await birch.kill()
  }
  const grown = (await memoryOf(town)) - before
  tally.expect(grown < MOST_GROWTH_KB, `the site took ${grown} KB more memory`)
  tally.measure('memory of the site', `${Math.round(grown / 1000)} MB more`)
}

/** Resident memory of the process of Alder, in KB. */
async function memoryOf(town: Town): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(town.sites.alder.pid)])
  return Number(stdout)
}
