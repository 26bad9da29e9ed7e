import {
  answerIn,
  askAs,
  authorizationRequest,
  Browser,
  ISSUER,
  payloadOf,
  refresh,
} from '@grove/auth/testing'
import { accountOf, type Cluster, fillsIn, logsIn, SPENT, tokensFor, verdictOf } from './cluster.ts'
import type { Tally } from './fault.ts'

/** F-30: nobody gets anything of somebody else. */
export async function manyPeople(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const people = Array.from({ length: 30 }, (_, person) => person)
  const sids: unknown[] = []
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      people.map(async (person) => {
        const first = mine(`${round}-${person}`)
        const { browser, response } = await logsIn(cluster.at(person), person, first)
        sids.push(await check(person, first, response))
        await Promise.all(
          [1, 2, 3, 4].map(async (thread) => {
            const next = mine(`${round}-${person}-${thread}`)
            await check(person, next, await browser.authorize('alder', next))
          }),
        )
      }),
    )
  }
  tally.same('sessions', new Set(sids).size, people.length * rounds)

  function mine(name: string) {
    return { state: `state ${name}`, nonce: `nonce ${name}` }
  }
  async function check(person: number, asked: { state: string; nonce: string }, response: Response) {
    const tokens = await tokensFor(cluster.at(person + 1), response)
    const said = payloadOf(tokens.id_token)
    const user = await cluster.at(person).fetch(`${ISSUER}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    })
    const wanted = [accountOf(person), accountOf(person), asked.nonce, asked.state]
    const found = [said.sub, (await user.json()).sub, said.nonce, answerIn(response).get('state')]
    tally.same('the answer', found, wanted)
    tally.count('answers')
    return said.sid
  }
}

/** F-37: a form or a pushed request that is sent twice gives one code, and the other half a page. */
export async function twice(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const person = 3
  for (let round = 0; round < rounds; round++) {
    const halves = [new Browser(cluster.at(0)), new Browser(cluster.at(1))]
    const [one, other] = halves as [Browser, Browser]
    const page = await (await one.authorize('alder')).text()
    for (const [name, value] of one.cookies) other.cookies.set(name, value)
    const sent = await Promise.all(halves.map((half) => fillsIn(half, page, person)))
    await oneGoesOn('login form', sent)

    const [signedIn] = halves.filter((_, n) => sent[n]?.status === 303)
    const form = Object.fromEntries(authorizationRequest(cluster.at(0), 'alder'))
    const { request_uri } = await (await askAs(cluster.at(0), 'alder', '/par', form)).json()
    const query = new URLSearchParams({ client_id: 'alder', request_uri })
    const cookie = [...(signedIn?.cookies ?? [])].map((pair) => pair.join('=')).join('; ')
    const asked = [0, 1].map((n) =>
      cluster.at(n).fetch(`${ISSUER}/authorize?${query}`, { headers: { cookie } }),
    )
    await oneGoesOn('pushed request', await Promise.all(asked))
  }

  async function oneGoesOn(what: string, responses: Response[]) {
    const codes = responses.filter((response) => answerIn(response).has('code'))
    tally.same(`codes of one ${what}`, codes.length, 1)
    for (const response of responses.filter((it) => !codes.includes(it))) {
      tally.count(`${what} ${response.status}`)
      tally.expect(/<h1/.test(await response.text()), `the other half of the ${what} got no page`)
      tally.expect(response.status >= 400 && response.status < 500, `it was answered ${response.status}`)
    }
  }
}

/** F-38: a logout ends the login it is about, and not the one that begins meanwhile. */
export async function logoutAgainstLogin(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const person = 4
  for (let round = 0; round < rounds; round++) {
    const [here, there] = [cluster.at(round), cluster.at(round + 1)]
    const old = await logsIn(here, person)
    const before = await tokensFor(here, old.response)
    const [, next] = await Promise.all([
      old.browser.open(`/logout?id_token_hint=${before.id_token}`),
      logsIn(there, person),
    ])
    const after = await tokensFor(here, next.response)
    tally.count('logins that live')
    tally.same(
      'the new login',
      (await verdictOf(refresh(there, 'alder', after.refresh_token))).verdict,
      '200',
    )
    tally.same(
      'the old login',
      (await verdictOf(refresh(there, 'alder', before.refresh_token))).verdict,
      SPENT,
    )
    const asks = async (browser: Browser) => answerIn(await browser.authorize('alder', { prompt: 'none' }))
    tally.expect((await asks(next.browser)).has('code'), 'the new session is gone')
    tally.same('the old session', (await asks(old.browser)).get('error'), 'login_required')
    tally.expect(cluster.heard.includes(String(payloadOf(before.id_token).sid)), 'the site was not told')
    tally.expect(
      !cluster.heard.includes(String(payloadOf(after.id_token).sid)),
      'the site was told of the new login',
    )
  }
}

/** F-39: fifty people want one name. One gets it, and nobody is told which. */
export async function oneName(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const email = `carol-${round}@example.com`
    const browsers = Array.from({ length: 50 }, (_, n) => new Browser(cluster.at(n)))
    const forms = await Promise.all(
      browsers.map(async (browser) => {
        const query = authorizationRequest(cluster.at(0), 'alder')
        return await (await browser.open(`/register?${query}`)).text()
      }),
    )
    const passwords = browsers.map((_, n) => `walrus ${n} and carpenter ${round}`)
    const answers = await Promise.all(
      browsers.map((browser, n) =>
        browser.submit(forms[n] ?? '', { email, password: passwords[n], name: `Carol ${n}` }),
      ),
    )
    for (const { status } of answers) tally.count(String(status))
    tally.same('answers', [...new Set(answers.map(({ status }) => status))], [200])

    const logins = await Promise.all(
      answers.map(async (answer, n) => {
        const fields = { email, password: passwords[n], intent: 'sign-in' }
        return await browsers[n]?.submit(await answer.text(), fields)
      }),
    )
    tally.same('accounts', logins.filter((login) => login?.status === 303).length, 1)
    tally.secrets.push(...passwords)
  }
}
