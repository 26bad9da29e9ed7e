import { setTimeout as pause } from 'node:timers/promises'
import { type Browser, codeIn, redeem, refresh, type Tokens } from '@grove/auth/testing'
import { type Cluster, isAlive, logsIn, SPENT, tokensFor, verdictOf } from './cluster.ts'
import type { Fault, Tally } from './fault.ts'

// So many requests meet each kill, every one at its own moment: a process takes a second to start, and a request a few milliseconds.
const AT_ONCE = 8
const SHORTEST_WINDOW_MS = 20
const GRACE_MS = 10_000

type Answer = Awaited<ReturnType<typeof verdictOf>>
type Ask = () => Promise<Response>

/**
 * Sends requests to the first process, kills it, and starts another in its place. Each is sent at a moment of its own in the 20 ms
 * before the kill; in a longer window where this machine takes longer for the same requests, which `practice` finds out, so that
 * some are not begun, some half done and some answered. What had no answer is `lost`.
 */
async function killDuring(
  cluster: Cluster,
  tally: Tally,
  practice: Ask[],
  requests: Ask[],
): Promise<Answer[]> {
  const startedAt = performance.now()
  await Promise.all(practice.map((request) => verdictOf(request())))
  const windowMs = Math.max(SHORTEST_WINDOW_MS, 1.5 * (performance.now() - startedAt))
  const answers = requests.map(async (request) => {
    await pause(tally.random() * windowMs)
    return await verdictOf(request())
  })
  await pause(windowMs)
  await cluster.processes[0]?.kill()
  const answered = await Promise.all(answers)
  cluster.processes[0] = await cluster.start()
  cluster.prepare() // for the next round, while this one is judged
  return answered
}

/** F-10: after a kill a code is either unused or used, whole; its tokens are one set, and they have a grant. */
async function redemptions(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  for (let done = 0; done < rounds; done += AT_ONCE) {
    const { browser } = await logsIn(cluster.at(0), 5)
    const freshCodes = () => Promise.all(some(async () => codeIn(await browser.authorize('alder'))))
    const redeems = (all: string[]) => all.map((code) => () => redeem(cluster.at(0), 'alder', code))
    const [practice, codes] = [await freshCodes(), await freshCodes()]
    tally.secrets.push(...codes)
    const answers = await killDuring(cluster, tally, redeems(practice), redeems(codes))
    for (const [n, code] of codes.entries()) await judge(code, answers[n])
    await goesOn(cluster, browser, tally)
  }

  async function judge(code: string, first: Answer | undefined) {
    const provider = cluster.at(0)
    if (first?.tokens)
      tally.expect(await isAlive(provider, first.tokens.access_token), 'tokens without a grant')
    const second = await verdictOf(redeem(provider, 'alder', code))
    tally.count(`${first?.verdict}, then ${second.verdict}`)
    const isOnce = first?.verdict === 'lost' ? [SPENT, '200'] : [SPENT]
    tally.expect(
      isOnce.includes(second.verdict),
      `a code answered ${first?.verdict} answers ${second.verdict}`,
    )
    if (second.tokens)
      tally.expect(await isAlive(provider, second.tokens.access_token), 'tokens without a grant')
    if (first?.tokens) {
      const { access_token, refresh_token } = first.tokens
      tally.expect(!(await isAlive(provider, access_token)), 'the second use left the access token alive')
      const after = await verdictOf(refresh(provider, 'alder', refresh_token))
      tally.same('the refresh token after the second use', after.verdict, SPENT)
    }
  }
}

/** F-11: after a kill the client's retry gets the one successor, or an end of the family; never a second one. */
async function rotations(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  for (let done = 0; done < rounds; done += AT_ONCE) {
    const { browser } = await logsIn(cluster.at(0), 6)
    const freshTokens = () =>
      Promise.all(some(async () => tokensFor(cluster.at(0), await browser.authorize('alder'))))
    const refreshes = (all: Tokens[]) =>
      all.map(
        ({ refresh_token }) =>
          () =>
            refresh(cluster.at(0), 'alder', refresh_token),
      )
    const [practice, all] = [await freshTokens(), await freshTokens()]
    tally.secrets.push(...all.map(({ refresh_token }) => refresh_token))
    const sentAt = Date.now()
    const answers = await killDuring(cluster, tally, refreshes(practice), refreshes(all))
    const retries = await Promise.all(refreshes(all).map((retry) => verdictOf(retry())))
    const isLate = Date.now() - sentAt > GRACE_MS // a machine so slow that the restart took longer
    for (const [n, tokens] of all.entries()) await judge(tokens, answers[n], retries[n], isLate)
    await goesOn(cluster, browser, tally)
  }

  async function judge(old: Tokens, first: Answer | undefined, retry: Answer | undefined, isLate: boolean) {
    const provider = cluster.at(0)
    tally.count(`${first?.verdict}, then ${retry?.verdict}${isLate ? ' (too late)' : ''}`)
    const isFair = retry?.verdict === '200' || (isLate && retry?.verdict === SPENT)
    tally.expect(isFair, `the retry was answered ${retry?.verdict}`)
    if (!retry?.tokens) return
    if (first?.tokens) tally.same('the successor', retry.tokens.refresh_token, first.tokens.refresh_token)
    const next = await verdictOf(refresh(provider, 'alder', retry.tokens.refresh_token))
    tally.same('the successor', next.verdict, '200')
    // Two generations back: it ends the whole family, so there was only one.
    const reused = await verdictOf(refresh(provider, 'alder', old.refresh_token))
    tally.same('the token of before', reused.verdict, SPENT)
    const family = [old, first?.tokens, retry.tokens, next.tokens].flatMap((tokens) => tokens ?? [])
    for (const { access_token } of family)
      tally.expect(!(await isAlive(provider, access_token)), 'a token of the family outlived it')
  }
}

/** The login itself has survived: at worst the next page is one silent redirect away. */
async function goesOn(cluster: Cluster, browser: Browser, tally: Tally): Promise<void> {
  const tokens = await tokensFor(cluster.at(0), await browser.authorize('alder', { prompt: 'none' }))
  tally.expect(await isAlive(cluster.at(0), tokens.access_token), 'the login did not survive')
}

const some = <T>(make: () => Promise<T>): Promise<T>[] => Array.from({ length: AT_ONCE }, make)

const how = `${AT_ONCE} at a time, killed within ${SHORTEST_WINDOW_MS} ms or a little more after each was sent, and started again`
export const CRASHES: readonly Fault[] = [
  {
    id: 'F-10',
    does: `codes redeemed, ${how}`,
    rounds: { short: 16, long: 200 },
    processes: 1,
    play: redemptions,
  },
  {
    id: 'F-11',
    does: `refresh tokens rotated, ${how}`,
    rounds: { short: 16, long: 200 },
    processes: 1,
    play: rotations,
  },
]
