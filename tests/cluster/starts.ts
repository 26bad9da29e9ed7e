import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { askOracle, ISSUER, openSql } from '@grove/auth/testing'
import { SECRET } from './auth-process.ts'
import { BUILT } from './built.ts'
import { type Cluster, isAlive, logsIn, providerAt, tokensFor } from './cluster.ts'
import type { Fault, Tally } from './fault.ts'
import { isFile } from './held.ts'

/** The first part of a start only reads code. */
const momentOf = (wholeMs: number, tally: Tally): number => wholeMs * (0.4 + 0.6 * tally.random())

/** F-13: whoever starts on nothing is killed at any moment, twice; the third goes on, while a fourth beside it is killed too. */
async function killedAtTheStart(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const begunAt = Date.now()
  const practice = await emptyDatabase(cluster.databaseUrl, 'practice')
  await (await cluster.start({ settings: { DATABASE_URL: practice } })).kill()
  const wholeMs = Date.now() - begunAt
  for (let round = 0; round < rounds; round++) {
    const settings = { DATABASE_URL: await emptyDatabase(cluster.databaseUrl, `start_${round}`) }
    const dies = () =>
      cluster.start({ settings, killedAfterMs: momentOf(wholeMs, tally) }).then(
        () => tally.count('was there before the kill'),
        () => tally.count('was killed while it started'),
      )
    await dies()
    await dies()
    const [third] = await Promise.all([cluster.start({ settings }), dies()])
    const { response } = await logsIn(
      providerAt(() => third.origin),
      LAST_OF_THE_SEED,
    )
    const { access_token } = await tokensFor(
      providerAt(() => third.origin),
      response,
    )
    tally.expect(
      await isAlive(
        providerAt(() => third.origin),
        access_token,
      ),
      'its own token is refused',
    )
    await third.kill()
    for (const sentence of await askOracle(settings.DATABASE_URL, { told: ['alder'] }))
      tally.broken.push(sentence)
  }
}

const LAST_OF_THE_SEED = 39

async function emptyDatabase(beside: string, name: string): Promise<string> {
  if (isFile(beside)) return `${beside}.${name}`
  const sql = await openSql(beside)
  await sql.query(`CREATE DATABASE "${new URL(beside).pathname.slice(1)}_${name}"`)
  await sql.close()
  return `${beside}_${name}`
}

/** F-13: `pnpm keys:rotate` is killed at any moment. One key signs, and every token that was given is good. */
async function killedWhileKeysRotate(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const { browser, response } = await logsIn(cluster.at(0), 19)
  const given = [await tokensFor(cluster.at(0), response)]
  const begunAt = Date.now()
  await rotatesKeys(cluster.databaseUrl)
  const wholeMs = Date.now() - begunAt
  for (let round = 0; round < rounds; round++) {
    tally.count(`the program ended with ${await rotatesKeys(cluster.databaseUrl, momentOf(wholeMs, tally))}`)
    await cluster.processes[0]?.kill()
    cluster.processes[0] = await cluster.start()
    given.push(await tokensFor(cluster.at(0), await browser.authorize('alder')))
    const { keys } = await (await cluster.at(0).fetch(`${ISSUER}/jwks`)).json()
    for (const { access_token } of given) {
      const { kid } = JSON.parse(Buffer.from(access_token.split('.')[0] ?? '', 'base64url').toString())
      tally.expect(
        keys.some((key: { kid: string }) => key.kid === kid),
        'the key of a living token is not published',
      )
      tally.expect(await isAlive(cluster.at(0), access_token), 'a token is refused')
    }
    for (const sentence of await cluster.oracle()) tally.broken.push(sentence)
  }
  tally.count('tokens that are good', given.length)
}

/** @returns its exit code, or the signal that ended it */
async function rotatesKeys(databaseUrl: string, killedAfterMs?: number): Promise<unknown> {
  const child = spawn(process.execPath, [`${BUILT}/rotate-keys.js`, '--now'], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, AUTH_SECRET: SECRET },
  })
  const dying =
    killedAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killedAfterMs)
  const [code, signal] = await once(child, 'exit')
  clearTimeout(dying)
  return code ?? signal
}

export const STARTS: readonly Fault[] = [
  {
    id: 'F-13',
    does: 'first starts (migration, seed, first keys) killed at any moment, two one after the other and one beside another',
    rounds: { long: 6 },
    processes: 1,
    play: killedAtTheStart,
  },
  {
    id: 'F-13',
    does: 'keys:rotate killed at any moment',
    rounds: { long: 10 },
    processes: 1,
    play: killedWhileKeysRotate,
  },
]
