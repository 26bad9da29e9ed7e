import { setTimeout as pause } from 'node:timers/promises'
import { type Browser, codeIn, openSql, payloadOf, redeem, refresh, type Tokens } from '@grove/auth/testing'
import { accountOf, type Cluster, logsIn, verdictOf } from './cluster.ts'
import type { Tally } from './fault.ts'

/** Something that a client was told is done. */
export type Fact = {
  /** The code that was used, to try it again. */
  code?: string
} & ({ grantId: string; generation: number } | { endedSessionId: string })

const VISITS_OF_A_LOGIN = 8
const PAUSE_MS = 50

interface Life {
  goesOn(): boolean
  /** Of everything that was answered well. */
  hear(fact: Fact): Promise<void> | void
  /** Of everything else. */
  fails?(verdict: string): void
  tally: Tally
}

/** A person who signs in at the site, refreshes, and signs out, without a pause unless something fails. */
export async function keepsBusy(cluster: Cluster, person: number, life: Life): Promise<void> {
  const { goesOn, hear, tally } = life
  while (goesOn()) {
    const login = await answered(logsIn(cluster.at(person), person))
    if (login?.response.status !== 303) await failed('login', login?.response.status)
    else await visits(login.browser)
  }

  async function visits(browser: Browser): Promise<void> {
    let last: Tokens | undefined
    for (let visit = 0; visit < VISITS_OF_A_LOGIN && goesOn(); visit++) {
      const asked = await answered(browser.authorize('alder'))
      const code = asked ? codeIn(asked) : 'no code'
      if (code === 'no code') await failed('authorize', asked?.status)
      else last = (await redeems(code)) ?? last
    }
    if (!last) return
    const left = await answered(browser.open(`/logout?id_token_hint=${last.id_token}`))
    if (left?.status !== 200) return await failed('logout', left?.status)
    tally.count('logout 200')
    await hear({ endedSessionId: String(payloadOf(last.id_token).sid) })
  }

  async function redeems(code: string): Promise<Tokens | undefined> {
    const redeemed = await verdictOf(redeem(cluster.at(person), 'alder', code))
    if (!redeemed.tokens) return await failed('redemption', redeemed.verdict)
    tally.count('redemption 200')
    tally.same('the person', payloadOf(redeemed.tokens.id_token).sub, accountOf(person))
    await hear({ code, ...familyOf(redeemed.tokens) })
    const refreshed = await verdictOf(refresh(cluster.at(person), 'alder', redeemed.tokens.refresh_token))
    if (!refreshed.tokens) await failed('refresh', refreshed.verdict)
    else {
      tally.count('refresh 200')
      await hear(familyOf(refreshed.tokens))
    }
    return redeemed.tokens
  }

  async function failed(what: string, how: string | number = 'lost'): Promise<undefined> {
    tally.count(`${what} ${how}`)
    life.fails?.(`${what} ${how}`)
    await pause(PAUSE_MS)
  }
}

const answered = <T>(asked: Promise<T>): Promise<T | undefined> => asked.catch(() => undefined)

function familyOf({ refresh_token }: Tokens): { grantId: string; generation: number } {
  const [grantId = '', generation] = refresh_token.split('.')
  return { grantId, generation: Number(generation) }
}

/** A sentence for each that the database does not know. */
export async function lostFacts(databaseUrl: string, facts: readonly Fact[]): Promise<string[]> {
  const sql = await openSql(databaseUrl)
  const grants = await sql.query('SELECT "id", "generation" FROM "Grant"')
  const ended = await sql.query('SELECT "id" FROM "Session" WHERE "endedAt" IS NOT NULL')
  await sql.close()
  const generations = new Map(grants.map(({ id, generation }) => [id, Number(generation)]))
  const sessions = new Set(ended.map(({ id }) => id))
  return facts.flatMap((fact) => {
    if ('endedSessionId' in fact)
      return sessions.has(fact.endedSessionId) ? [] : [`the end of session ${fact.endedSessionId} is lost`]
    const isThere = (generations.get(fact.grantId) ?? -1) >= fact.generation
    return isThere ? [] : [`generation ${fact.generation} of grant ${fact.grantId} is lost`]
  })
}
