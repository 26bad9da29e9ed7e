import { answerIn, codeIn, redeem, refresh } from '@grove/auth/testing'
import { type Cluster, isAlive, logsIn, providerAt, SPENT, tokensFor, verdictOf, warmUp } from './cluster.ts'
import type { Tally } from './fault.ts'

const fifty = <T>(call: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 50 }, (_, n) => call(n)))

/** A process that lives 11 s later stands in for waiting until the grace is over. */
const LATE = { clockAheadSeconds: 11 }

/** F-31, X-15, decision 005: one redemption of fifty gets tokens, and the burst costs it those, and nobody anything else. */
export async function oneCode(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  await warmUp(cluster, 50)
  const { browser, response } = await logsIn(cluster.at(0), 1)
  const bystander = await tokensFor(cluster.at(0), response)
  for (let round = 0; round < rounds; round++) {
    const code = codeIn(await browser.authorize('alder'))
    tally.secrets.push(code)
    const answers = await fifty((n) => verdictOf(redeem(cluster.at(n), 'alder', code)))
    for (const { verdict } of answers) tally.count(verdict)
    const won = answers.flatMap(({ tokens }) => tokens ?? [])
    tally.same('redemptions that won', won.length, 1)
    tally.same('the others', [...new Set(answers.map(({ verdict }) => verdict))].sort(), ['200', SPENT])
    for (const tokens of won) {
      tally.expect(
        !(await isAlive(cluster.at(round), tokens.access_token)),
        "the winner's access token lives",
      )
      const again = await verdictOf(refresh(cluster.at(round), 'alder', tokens.refresh_token))
      tally.same("the winner's refresh token", again.verdict, SPENT)
    }
  }
  tally.expect(await isAlive(cluster.at(1), bystander.access_token), 'another grant of the same login died')
  tally.secrets.push(bystander.refresh_token)
}

/** F-33: one successor for everybody within the grace; whoever comes after it ends the family. */
export async function oneRefreshToken(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  await warmUp(cluster, 50)
  const { browser, response } = await logsIn(cluster.at(0), 2)
  await tokensFor(cluster.at(0), response)
  const freshTokens = async () => {
    const tokens = await tokensFor(cluster.at(0), await browser.authorize('alder'))
    tally.secrets.push(tokens.refresh_token)
    return tokens
  }
  const families: { old: string; living: string }[] = []
  for (let round = 0; round < rounds; round++) {
    const { refresh_token: old } = await freshTokens()
    const answers = await fifty((n) => verdictOf(refresh(cluster.at(n), 'alder', old)))
    for (const { verdict } of answers) tally.count(verdict)
    const successors = new Set(answers.map(({ tokens }) => tokens?.refresh_token))
    tally.same('answers', [...new Set(answers.map(({ verdict }) => verdict))], ['200'])
    tally.same('successors', successors.size, 1)
    tally.expect(!successors.has(old), 'the token did not rotate')
    families.push({ old, living: [...successors][0] ?? '' })
  }

  const late = await cluster.start(LATE)
  for (const { old, living } of families) {
    const reused = await verdictOf(
      refresh(
        providerAt(() => late.origin),
        'alder',
        old,
      ),
    )
    const after = await verdictOf(refresh(cluster.at(0), 'alder', living))
    tally.same('after the grace', [reused.verdict, after.verdict], [SPENT, SPENT])
  }
  await late.stop()
}

/** F-32: no grace, or none any more: fifty with a token that was used get nothing, and the family ends once. */
export async function oneSpentToken(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const late = [await cluster.start(LATE), await cluster.start(LATE)]
  const lateAt = (n: number) => providerAt(() => late[n % late.length]?.origin ?? '')
  const { browser, response } = await logsIn(cluster.at(0), 2)
  await tokensFor(cluster.at(0), response)
  for (let round = 0; round < rounds; round++) {
    const spent = await tokensFor(cluster.at(0), await browser.authorize('alder'))
    const living = await verdictOf(refresh(cluster.at(0), 'alder', spent.refresh_token))
    const answers = await fifty((n) => verdictOf(refresh(lateAt(n), 'alder', spent.refresh_token)))
    for (const { verdict } of answers) tally.count(verdict)
    tally.same('answers', [...new Set(answers.map(({ verdict }) => verdict))], [SPENT])
    const after = await verdictOf(refresh(cluster.at(0), 'alder', living.tokens?.refresh_token ?? ''))
    tally.same('the family', [living.verdict, after.verdict], ['200', SPENT])
    // Whoever is honest is back after one silent redirect.
    await tokensFor(cluster.at(0), await browser.authorize('alder', { prompt: 'none' }))
  }
  for (const process of late) await process.stop()
}

/** F-34: whatever comes first, nothing lives after a logout. */
export async function refreshAgainstLogout(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const [here, there] = [cluster.at(round), cluster.at(round + 1)]
    const { browser, response } = await logsIn(here, round % 30)
    const tokens = await tokensFor(here, response)
    const refreshes = () => verdictOf(refresh(there, 'alder', tokens.refresh_token))
    const leaves = async () => void (await browser.open(`/logout?id_token_hint=${tokens.id_token}`))
    const [refreshed] =
      round % 2 ? await Promise.all([refreshes(), leaves()]) : await reversed(leaves, refreshes)
    tally.count(`refresh ${refreshed.verdict}`)

    const left = [tokens, ...(refreshed.tokens ? [refreshed.tokens] : [])]
    for (const { access_token, refresh_token } of left) {
      tally.expect(!(await isAlive(there, access_token)), 'an access token outlived the logout')
      tally.same(
        'refresh after the logout',
        (await verdictOf(refresh(here, 'alder', refresh_token))).verdict,
        SPENT,
      )
    }
    const silent = await browser.authorize('alder', { prompt: 'none' })
    tally.same('the session', answerIn(silent).get('error'), 'login_required')
  }
}

async function reversed<A, B>(first: () => Promise<A>, second: () => Promise<B>): Promise<[B, A]> {
  const [a, b] = await Promise.all([first(), second()])
  return [b, a]
}
