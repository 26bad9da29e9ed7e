import { type Browser, codeIn, openSql, redeem, refresh, type Tokens } from '@grove/auth/testing'
import { type Cluster, logsIn, payloadOf, verdictOf } from './cluster.ts'
import type { Tally } from './fault.ts'

/** Something that a client was told is done. */
export type Fact = {
  /** The code that was used, to try it again. */
  code?: string
} & ({ grantId: string; generation: number } | { endedSessionId: string })

type Hear = (fact: Fact) => Promise<void> | void

const LOGINS_BETWEEN = 8

/** A person who signs in at the site, refreshes, and signs out, without a pause, and says each time what was answered. */
export async function keepsBusy(
  cluster: Cluster,
  person: number,
  { goesOn, hear, tally }: { goesOn: () => boolean; hear: Hear; tally: Tally },
): Promise<void> {
  while (goesOn()) {
    const login = await logsIn(cluster.at(person), person).catch(() => undefined)
    if (login?.response.status !== 303) continue
    const last = await visits(login.browser)
    if (!last) continue
    const left = await login.browser.open(`/logout?id_token_hint=${last.id_token}`).catch(() => undefined)
    tally.count(`logout ${left?.status ?? 'lost'}`)
    if (left?.status === 200) await hear({ endedSessionId: String(payloadOf(last.id_token).sid) })
  }

  async function visits(browser: Browser): Promise<Tokens | undefined> {
    let last: Tokens | undefined
    for (let visit = 0; visit < LOGINS_BETWEEN && goesOn(); visit++) {
      const code = codeIn(await browser.authorize('alder').catch(() => new Response()))
      const redeemed = await verdictOf(redeem(cluster.at(person), 'alder', code))
      tally.count(`redemption ${redeemed.verdict}`)
      if (!redeemed.tokens) continue
      last = redeemed.tokens
      await hear({ code, ...familyOf(last) })
      const refreshed = await verdictOf(refresh(cluster.at(person), 'alder', last.refresh_token))
      tally.count(`refresh ${refreshed.verdict}`)
      if (refreshed.tokens) await hear(familyOf(refreshed.tokens))
    }
    return last
  }
}

function familyOf({ refresh_token }: Tokens): { grantId: string; generation: number } {
  const [grantId = '', generation] = refresh_token.split('.')
  return { grantId, generation: Number(generation) }
}

/** Those that the database does not know. */
export async function lostFacts(databaseUrl: string, facts: readonly Fact[]): Promise<Fact[]> {
  const sql = await openSql(databaseUrl)
  const grants = await sql.query('SELECT "id", "generation" FROM "Grant"')
  const ended = await sql.query('SELECT "id" FROM "Session" WHERE "endedAt" IS NOT NULL')
  await sql.close()
  const generations = new Map(grants.map(({ id, generation }) => [id, Number(generation)]))
  const sessions = new Set(ended.map(({ id }) => id))
  return facts.filter((fact) =>
    'grantId' in fact
      ? (generations.get(fact.grantId) ?? -1) < fact.generation
      : !sessions.has(fact.endedSessionId),
  )
}
