import { setTimeout as pause } from 'node:timers/promises'
import { type Browser, codeIn, ISSUER, redeem, refresh, type Tokens, userinfo } from '@grove/auth/testing'
import { type Cluster, logsIn, SPENT, tokensFor, verdictOf } from './cluster.ts'
import type { Fault, Tally } from './fault.ts'
import { openHolder } from './held.ts'

const CROWDS = [2, 4, 8, 16]

/** F-20: as many as the driver has threads, and more, all within one step: each of them gets through. */
export async function crowds(
  cluster: Cluster,
  rounds: number,
  tally: Tally,
  sizes: readonly number[] = CROWDS,
): Promise<void> {
  const provider = cluster.at(0)
  for (let round = 0; round < rounds; round++) {
    for (const size of sizes) {
      const people = Array.from({ length: size }, (_, person) => person)
      const logins = await Promise.all(people.map((person) => logsIn(provider, person)))
      const tokens = await Promise.all(logins.map(({ response }) => tokensFor(provider, response)))
      const refreshed = await Promise.all(
        tokens.map(({ refresh_token }) => verdictOf(refresh(provider, 'alder', refresh_token))),
      )
      const left = await Promise.all(
        logins.map(({ browser }, n) => browser.open(`/logout?id_token_hint=${tokens[n]?.id_token}`)),
      )
      tally.count('logins and logouts', size)
      tally.same('refreshes', [...new Set(refreshed.map(({ verdict }) => verdict))], ['200'])
      tally.same('logouts', [...new Set(left.map(({ status }) => status))], [200])
    }
  }
}

/** F-21: whatever was answered while another program held the database again and again is there, for whoever opens it anew. */
async function oftenHeld(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const holder = await openHolder(cluster.databaseUrl)
  for (let round = 0; round < rounds; round++) {
    const { browser } = await logsIn(cluster.at(0), round % 30)
    const acknowledged: string[] = []
    let isOver = false
    const writers = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const code = codeIn(await browser.authorize('alder'))
        const { verdict } = await verdictOf(redeem(cluster.at(0), 'alder', code))
        tally.count(`redemption ${verdict}`)
        if (verdict === '200') acknowledged.push(code)
      }
    })
    for (let held = 0; held < 8; held++) {
      await holder.take()
      await pause(20 + tally.random() * 180)
      await holder.give()
      await pause(tally.random() * 50)
    }
    isOver = true
    await Promise.all(writers)
    tally.expect(acknowledged.length > 0, 'nothing was written meanwhile')
    tally.secrets.push(...acknowledged)

    await cluster.processes[0]?.kill()
    cluster.processes[0] = await cluster.start()
    const again = acknowledged.map((code) => verdictOf(redeem(cluster.at(0), 'alder', code)))
    const verdicts = (await Promise.all(again)).map(({ verdict }) => verdict)
    tally.same('acknowledged codes, once more', [...new Set(verdicts)], [SPENT])
  }
  await holder.close()
}

const PATIENCE_SECONDS = 5
// The first has both ends: who comes early is told to come again, who comes late waits. A short one is waited for by everybody.
const HOLD_SECONDS = [PATIENCE_SECONDS + 2, 3, 10, 60]
const LATE_SECONDS = 2

/** F-22: nobody can write. Who only reads does not notice; who writes waits or is told to come again; nothing is used up. */
async function held(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const holder = await openHolder(cluster.databaseUrl)
  const provider = cluster.at(0)
  const { browser, response } = await logsIn(provider, 7)
  const tokens = await tokensFor(provider, response)
  const freshCode = async () => codeIn(await browser.authorize('alder'))

  for (const seconds of HOLD_SECONDS.slice(0, rounds)) {
    await holder.take()
    let isHeld = true
    const reading = reads(cluster, { browser, tokens }, () => isHeld, tally)
    let early: string | undefined
    if (seconds > PATIENCE_SECONDS) {
      await pause((seconds - PATIENCE_SECONDS - LATE_SECONDS) * 1000)
      early = await freshCode()
      const login = logsIn(provider, 8).then((asked) => asked.response)
      const asked = [
        redeem(provider, 'alder', early),
        refresh(provider, 'alder', tokens.refresh_token),
        login,
      ]
      for (const { status, headers } of await Promise.all(asked)) {
        tally.count(`who came early ${status}`)
        tally.same('who came early', [status, headers.has('retry-after')], [503, true])
      }
    } else await pause((seconds - LATE_SECONDS) * 1000)
    const late = verdictOf(redeem(provider, 'alder', await freshCode()))
    await pause(LATE_SECONDS * 1000)
    await holder.give()
    isHeld = false
    await reading
    tally.count(`who came late ${(await late).verdict}`)
    tally.same('who came late', (await late).verdict, '200')

    if (early)
      tally.same('the code of before', (await verdictOf(redeem(provider, 'alder', early))).verdict, '200')
    const again = await verdictOf(refresh(provider, 'alder', tokens.refresh_token))
    tally.same('the refresh token of before', again.verdict, '200')
    if (again.tokens) Object.assign(tokens, again.tokens)
    tally.same('the next login', (await logsIn(provider, 8)).response.status, 303)
  }
  await holder.close()
}

export interface Reader {
  browser: Browser
  tokens: Tokens
}

/** What anybody asks for all day long, and none of it writes. */
export async function reads(
  cluster: Cluster,
  { browser, tokens }: Reader,
  goesOn: () => boolean,
  tally: Tally,
) {
  const provider = cluster.at(0)
  const asks = {
    keys: () => provider.fetch(`${ISSUER}/jwks`),
    discovery: () => provider.fetch(`${ISSUER}/.well-known/openid-configuration`),
    userinfo: () => userinfo(provider, tokens.access_token),
    'session check': () => browser.authorize('alder', { prompt: 'none' }),
  }
  let slowest = 0
  const asked = async ([what, ask]: [string, () => Promise<Response>]) => {
    const askedAt = performance.now()
    const status = await ask().then(
      (response) => response.status,
      () => 'lost',
    )
    slowest = Math.max(slowest, performance.now() - askedAt)
    tally.count(`${what} ${status}`)
    tally.same(what, status, what === 'session check' ? 303 : 200)
    return status
  }
  for (; goesOn(); await pause(20))
    for (const one of Object.entries(asks)) if ((await asked(one)) === 'lost') return
  tally.measure('slowest of these', `${Math.round(slowest)} ms`)
}

export const LOCKED: readonly Fault[] = [
  {
    id: 'F-20',
    does: `${CROWDS.join(', ')} people within one step at the same moment: log in, redeem, refresh, log out`,
    rounds: { short: 1, long: 10 },
    processes: 1,
    play: crowds,
  },
  {
    id: 'F-21',
    does: 'another program takes and gives back the write lock while 8 redeem, then the process is killed',
    rounds: { short: 1, long: 10 },
    processes: 1,
    on: ['SQLite'],
    play: oftenHeld,
  },
  {
    id: 'F-22',
    does: 'another program keeps the write lock for 7 s; in full for 3, 10 and 60 s too',
    rounds: { short: 1, long: HOLD_SECONDS.length },
    processes: 1,
    play: held,
  },
]
