import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Browser, codeIn, type Provider, redeem, userinfo } from '@grove/auth/testing'
import { type Cluster, fillsIn, logsIn, providerAt, SPENT, tokensFor, verdictOf, warmUp } from './cluster.ts'
import type { Fault, Tally } from './fault.ts'

const IN_FLIGHT = 24
const BOUND_MS = 10_000

/** F-16: one of two processes is asked to end while it is busy. What it has taken it finishes, and the other goes on. */
async function stopsUnderLoad(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  let longestMs = 0
  for (let round = 0; round < rounds; round++) {
    const leaving = cluster.processes[0]
    if (!leaving) throw new Error('two were started')
    const here = providerAt(() => leaving.origin)
    const { browser, response } = await logsIn(here, 18)
    const { access_token } = await tokensFor(here, response)
    const codes = await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => codeIn(await browser.authorize('alder'))),
    )
    const forms = await Promise.all([1, 2, 3, 4].map((person) => loginForm(here, person)))
    await warmUp(cluster, 2 * (IN_FLIGHT + forms.length)) // each of the two has them open
    const idle = connect(Number(new URL(leaving.origin).port), '127.0.0.1')
    await once(idle, 'connect')

    const stopsAsking = asksAllTheTime(cluster, access_token, tally)
    // Logins take longest, since they hash: some are at work and some wait when the signal comes.
    const taken = [...forms.map((send) => send()), ...codes.map((code) => redeem(here, 'alder', code))]
    await pause(tally.random() * 40)
    const askedAt = Date.now()
    process.kill(leaving.pid, 'SIGTERM')
    for (const answer of await Promise.allSettled(taken)) {
      const outcome =
        answer.status === 'fulfilled' ? answer.value.status : String(answer.reason?.cause ?? answer.reason)
      tally.count(`sent before: ${outcome}`)
      tally.expect(typeof outcome === 'number' && outcome < 500, `a request that was sent before: ${outcome}`)
    }
    idle.resume()
    if (!idle.closed) await once(idle, 'close')
    tally.same('how it ended', await leaving.ended, 0)
    tally.expect(!/without an answer/.test(leaving.said()), 'it had to be cut off')
    longestMs = Math.max(longestMs, Date.now() - askedAt)
    const late = await fetch(`${leaving.origin}/healthz`).then(String, () => 'refused')
    tally.same('whoever comes now', late, 'refused')
    await stopsAsking()
    cluster.processes[0] = await cluster.start()
    const again = await Promise.all(codes.map((code) => verdictOf(redeem(cluster.at(0), 'alder', code))))
    tally.same('codes once more', [...new Set(again.map(({ verdict }) => verdict))], [SPENT])
  }
  tally.measure('longest end', `${longestMs} ms`)
  tally.expect(longestMs < BOUND_MS, `an end took ${longestMs} ms`)
}

async function loginForm(provider: Provider, person: number): Promise<() => Promise<Response>> {
  const browser = new Browser(provider)
  const page = await (await browser.authorize('alder')).text()
  return () => fillsIn(browser, page, person)
}

/** @returns a function that ends it */
function asksAllTheTime(cluster: Cluster, accessToken: string, tally: Tally): () => Promise<void> {
  let isOver = false
  const asking = (async () => {
    for (; !isOver; await pause(10)) {
      const status = await userinfo(cluster.at(1), accessToken).then(
        (response) => response.status,
        () => 'lost',
      )
      tally.count(`the other answers ${status}`)
      tally.same('the other', status, 200)
      if (status === 'lost') return
    }
  })()
  return async () => {
    isOver = true
    await asking
  }
}

export const STOPS: readonly Fault[] = [
  {
    id: 'F-16',
    does: `SIGTERM to one of two processes that has ${IN_FLIGHT} redemptions and four logins to answer`,
    rounds: { long: 5 },
    processes: 2,
    play: stopsUnderLoad,
  },
]
