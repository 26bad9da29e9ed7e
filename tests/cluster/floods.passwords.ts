import { setTimeout as pause } from 'node:timers/promises'
import { Browser, ISSUER, refresh, userinfo } from '@grove/auth/testing'
import { type Cluster, emailOf, fillsIn, logsIn, tokensFor } from './cluster.ts'
import type { Tally } from './fault.ts'
import { millisecondsOf, percentile } from './measured.ts'

const AT_ONCE = 200

/** F-60: wrong passwords fill the queue, what is more is sent away, and everything else is answered meanwhile. */
export async function passwords(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const auth = cluster.at(0)
  const { response } = await logsIn(auth, 0)
  let tokens = await tokensFor(auth, response)
  const attacker = new Browser(auth)
  const page = await (await attacker.authorize('alder')).text()
  const times: Record<string, number[]> = { jwks: [], discovery: [], userinfo: [], refresh: [] }

  for (let round = 0; round < rounds; round++) {
    let isFlooded = true
    const wrong = { email: emailOf(1), password: 'wrong', intent: 'sign-in' }
    const flood = Promise.all(Array.from({ length: AT_ONCE }, () => attacker.submit(page, wrong))).finally(
      () => {
        isFlooded = false
      },
    )
    const right = getsThrough()
    while (isFlooded) await probe()
    const answers = await flood
    const away = answers.filter(({ status }) => status === 503)
    tally.expect(away.length > 0, 'nobody was sent away: the queue has no end')
    tally.expect(
      away.every(({ headers }) => headers.get('retry-after')),
      'a 503 does not say when to come back',
    )
    tally.same('the others', answers.filter(({ status }) => status === 422).length, AT_ONCE - away.length)
    tally.count('wrong passwords refused', AT_ONCE - away.length)
    tally.count('sent away with Retry-After', away.length)
    tally.count('right logins', await right)
  }
  for (const [name, all] of Object.entries(times))
    tally.measure(
      `${name} meanwhile`,
      `p50 ${percentile(all, 0.5)}, p99 ${percentile(all, 0.99)} of ${all.length}`,
    )

  async function probe() {
    const asks = {
      jwks: () => auth.fetch(`${ISSUER}/jwks`),
      discovery: () => auth.fetch(`${ISSUER}/.well-known/openid-configuration`),
      userinfo: () => userinfo(auth, tokens.access_token),
      refresh: async () => {
        const answer = await refresh(auth, 'alder', tokens.refresh_token)
        tokens = await answer.clone().json()
        return answer
      },
    }
    for (const [name, ask] of Object.entries(asks)) {
      const ms = await millisecondsOf(async () =>
        tally.same(`${name} in the flood`, (await ask()).status, 200),
      )
      times[name]?.push(ms)
    }
  }

  /** Somebody who knows the password, and comes back when he is told to. */
  async function getsThrough(): Promise<number> {
    const browser = new Browser(auth)
    const form = await (await browser.authorize('alder')).text()
    for (let tries = 1; tries <= 10; tries++) {
      const answer = await fillsIn(browser, form, 2)
      if (answer.status === 303) return 1
      await pause(Number(answer.headers.get('retry-after')) * 1_000)
    }
    tally.broken.push('the right password did not get through in ten tries')
    return 0
  }
}
