import { setTimeout as pause } from 'node:timers/promises'
import { type Browser, codeIn, openSql, redeem, refresh, type Tokens } from '@grove/auth/testing'
import { type Cluster, logsIn, openCluster, SPENT, tokensFor, verdictOf } from './cluster.ts'
import type { Databases } from './databases.ts'
import type { Fault, Tally } from './fault.ts'
import { openHolder } from './held.ts'
import { crowds } from './locked.ts'
import { type OnOwnServer, onOwnServer } from './own-server.ts'

const BUSY = '503 temporarily_unavailable'
/** Five seconds for a connection, five for the statement, and what this machine takes. */
const BOUND_MS = 15_000

/** F-26: the one connection is taken by a statement that waits. Everybody else is told so in bounded time, and all goes on afterwards. */
async function oneConnection(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const provider = cluster.at(0)
  const holder = await openHolder(plain(cluster.databaseUrl))
  for (let round = 0; round < rounds; round++) {
    await crowds(cluster, 1, tally, [2, 4]) // no request needs a second connection while it holds the one
    const { browser } = await logsIn(provider, 15)
    const codes = await Promise.all(
      Array.from({ length: 20 }, async () => codeIn(await browser.authorize('alder'))),
    )
    await holder.take()
    const askedAt = Date.now()
    const answers = await Promise.all(
      codes.map(async (code, n) => {
        await pause(n) // so that they do not share one statement
        return (await verdictOf(redeem(provider, 'alder', code))).verdict
      }),
    )
    tally.measure('longest wait', `${Date.now() - askedAt} ms`)
    tally.expect(Date.now() - askedAt < BOUND_MS, 'an answer took too long')
    for (const verdict of answers) tally.count(`without a connection ${verdict}`)
    tally.same('without a connection', [...new Set(answers)], [BUSY])
    await holder.give()
    const again = await Promise.all(codes.map((code) => verdictOf(redeem(provider, 'alder', code))))
    tally.same('afterwards', [...new Set(again.map(({ verdict }) => verdict))], ['200'])
  }
  await holder.close()
}

/** The driver of a test takes only what the server knows. */
const plain = (databaseUrl: string): string => databaseUrl.replace(/\?.*/, '')

/** F-26: others have taken all connections that the server gives. */
async function noConnection(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const provider = cluster.at(0)
  for (let round = 0; round < rounds; round++) {
    const { browser, response } = await logsIn(provider, 16)
    const tokens = await tokensFor(provider, response)
    const code = codeIn(await browser.authorize('alder'))
    const others = await takeAll(cluster.databaseUrl, tally)
    const askedAt = Date.now()
    const verdicts = await Promise.all([
      verdictOf(redeem(provider, 'alder', code)),
      verdictOf(refresh(provider, 'alder', tokens.refresh_token)),
    ])
    for (const { verdict } of verdicts) {
      tally.count(`without a connection ${verdict}`)
      tally.same('without a connection', verdict, BUSY)
    }
    tally.measure('longest wait', `${Date.now() - askedAt} ms`)
    tally.expect(Date.now() - askedAt < BOUND_MS, 'an answer took too long')
    for (const other of others) await other.close()
    tally.same('afterwards', (await verdictOf(redeem(provider, 'alder', code))).verdict, '200')
  }
}

/** Takes what is free, then what the processes have: theirs are ended, and taken before they come back. */
async function takeAll(databaseUrl: string, tally: Tally) {
  const others = [await openSql(databaseUrl)]
  await others[0]?.query('SELECT 1')
  for (;;) {
    await others[0]?.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'grove-auth'`,
    )
    const one = await openSql(databaseUrl)
    const isIn = await one.query('SELECT 1').then(
      () => true,
      () => false,
    )
    if (isIn) others.push(one)
    else {
      await one.close()
      tally.count('connections taken by others', others.length)
      return others
    }
  }
}

/** F-27: connections are ended, and the whole server is, in the middle of redemptions and refreshes. */
async function serverGoes(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const { crash, resume } = cluster as OnOwnServer // `open` made it
  for (let round = 0; round < rounds; round++) {
    const { browser, response } = await logsIn(cluster.at(0), 17)
    const family = await tokensFor(cluster.at(0), response)
    const answered = new Map<string, string>()
    let isOver = false
    const redeeming = Array.from({ length: 4 }, async (_, n) => {
      while (!isOver) {
        const code = codeIn(await browser.authorize('alder').catch(() => new Response()))
        if (code === 'no code') continue
        const { verdict } = await verdictOf(redeem(cluster.at(n), 'alder', code))
        tally.count(`redemption ${verdict}`)
        answered.set(code, verdict)
      }
    })
    const refreshing = refreshes(cluster, family, () => !isOver, tally)
    await endsConnections(cluster.databaseUrl, tally)
    await crash()
    await pause(tally.random() * 500)
    await resume()
    await isThere(cluster)
    isOver = true
    await Promise.all([...redeeming, refreshing])
    await judge(answered)
    await stillIn(browser)
  }

  async function judge(answered: Map<string, string>) {
    tally.secrets.push(...answered.keys())
    for (const [code, first] of answered) {
      const { verdict } = await verdictOf(redeem(cluster.at(0), 'alder', code))
      const isFair = first === '200' ? verdict === SPENT : ['200', SPENT].includes(verdict)
      tally.count(`${first}, then ${verdict}`)
      tally.expect(isFair, `a code answered ${first} answers ${verdict} afterwards`)
      tally.expect(['200', BUSY].includes(first), `a code was answered ${first}`)
    }
  }
  async function stillIn(browser: Browser) {
    await tokensFor(cluster.at(0), await browser.authorize('alder', { prompt: 'none' }))
  }
}

/** A client that keeps its newest token, and asks again with it when it got none. */
async function refreshes(cluster: Cluster, from: Tokens, goesOn: () => boolean, tally: Tally): Promise<void> {
  let { refresh_token } = from
  while (goesOn()) {
    const { verdict, tokens } = await verdictOf(refresh(cluster.at(1), 'alder', refresh_token))
    tally.count(`refresh ${verdict}`)
    // A rotation whose answer was lost is answered again within the grace, so this client never falls out.
    tally.expect(['200', BUSY].includes(verdict), `a refresh was answered ${verdict}`)
    refresh_token = tokens?.refresh_token ?? refresh_token
    await pause(5)
  }
}

async function endsConnections(databaseUrl: string, tally: Tally): Promise<void> {
  const sql = await openSql(databaseUrl)
  for (let times = 0; times < 20; times++) {
    const rows = await sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'grove-auth' ORDER BY random() LIMIT 2`,
    )
    tally.count('connections ended', rows.length)
    await pause(tally.random() * 100)
  }
  await sql.close()
}

async function isThere(cluster: Cluster): Promise<void> {
  for (let n = 0; n < cluster.processes.length; n++)
    while ((await fetch(`${cluster.processes[n]?.origin}/readyz`)).status !== 200) await pause(50)
}

export const POOL: readonly Fault[] = [
  {
    id: 'F-26',
    does: 'one connection, and it is taken by a statement that waits',
    rounds: { long: 3 },
    processes: 1,
    on: ['PostgreSQL'],
    open: (databases: Databases) => oneFrom(databases),
    play: oneConnection,
  },
  {
    id: 'F-26',
    does: 'a server with eight connections, all of them taken by others',
    rounds: { long: 3 },
    processes: 1,
    on: ['PostgreSQL'],
    open: () =>
      onOwnServer(1, { max_connections: '8', superuser_reserved_connections: '0', max_wal_senders: '0' }),
    play: noConnection,
  },
  {
    id: 'F-27',
    does: 'connections ended and the server stopped at once while codes are redeemed and tokens rotated, over two processes',
    rounds: { long: 10 },
    processes: 2,
    on: ['PostgreSQL'],
    open: () => onOwnServer(2, {}),
    play: serverGoes,
  },
]

async function oneFrom(databases: Databases): Promise<Cluster> {
  return await openCluster(1, { databaseUrl: `${await databases.create()}?connection_limit=1` })
}
