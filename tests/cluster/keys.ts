import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { headerOf, ISSUER, refresh, SITE_A, type Tokens } from '@grove/auth/testing'
import { AccessToken, createVerifier, remoteKeys, type Verifier } from '@grove/jwt'
import { SECRET } from './auth-process.ts'
import { BUILT } from './built.ts'
import { HURRY } from './clock.ts'
import { type Cluster, isAlive, logsIn, openCluster, tokensFor, verdictOf } from './cluster.ts'
import type { Fault, Tally } from './fault.ts'

const CLIENTS = 16
const EVERY_MS = 2_000
// A key is published an hour before it signs, and here for two seconds: so the key set that clients keep for ten minutes at most has to
// grow old faster, and is not kept for longer than two seconds.
const TIMES = 300

/** What an operator runs: `pnpm keys:rotate --now`, as a process of its own. */
async function rotateKeys({ databaseUrl }: Cluster): Promise<void> {
  await promisify(execFile)(process.execPath, [`${BUILT}/rotate-keys.js`, '--now'], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'development',
      LOG_LEVEL: 'error',
      DATABASE_URL: databaseUrl,
      AUTH_SECRET: SECRET,
    },
  })
}

function verifierAt({ processes }: Cluster, number: number): Verifier {
  const startedAt = Date.now()
  const origin = processes[number % processes.length]?.origin ?? ''
  const now = () => new Date(startedAt + (Date.now() - startedAt) * TIMES)
  const keys = remoteKeys({ url: `${origin}/jwks`, now })
  return createVerifier({
    issuer: ISSUER,
    audience: SITE_A,
    algorithms: ['ES256'],
    keys,
    status: 'unchecked',
  })
}

/** F-53: whoever verifies and refreshes notices nothing of a key that changes. */
async function rotationUnderLoad(cluster: Cluster, rotations: number, tally: Tally): Promise<void> {
  const kids = new Set<unknown>()
  let isOver = false
  const first: Tokens[] = []
  const clients = Array.from({ length: CLIENTS }, (_, n) => client(n))
  for (let rotation = 0; rotation < rotations; rotation++) {
    const next = pause(EVERY_MS)
    await rotateKeys(cluster)
    for (const sentence of await cluster.oracle()) tally.broken.push(`after a rotation: ${sentence}`)
    tally.count('rotations')
    await next
  }
  isOver = true
  await Promise.all(clients)

  for (const { access_token } of first) {
    tally.same('a token of before', await verify(verifierAt(cluster, 0), access_token), 'good')
    tally.expect(await isAlive(cluster.at(1), access_token), 'a token of before is refused by auth')
  }
  // The last one may not sign yet.
  tally.expect(kids.size >= rotations, `${rotations} rotations, and only ${kids.size} keys signed`)

  async function client(n: number) {
    const verifier = verifierAt(cluster, n)
    const { response } = await logsIn(cluster.at(n), n)
    let tokens = await tokensFor(cluster.at(n), response)
    first.push(tokens)
    for (let turn = n; !isOver; turn++) {
      const { verdict, tokens: next } = await verdictOf(
        refresh(cluster.at(turn), 'alder', tokens.refresh_token),
      )
      tally.same('a refresh', verdict, '200')
      const [old, at] = [tokens, cluster.at(turn + 1)]
      tokens = next ?? tokens
      kids.add(headerOf(tokens.access_token).kid)
      for (const { access_token } of [old, tokens]) {
        tally.same('a token', await verify(verifier, access_token), 'good')
        tally.expect(await isAlive(at, access_token), 'the other process of auth refuses a token')
      }
      tally.count('refreshes, each token verified twice')
      await pause(100)
    }
  }
}

async function verify(verifier: Verifier, token: string): Promise<string> {
  return await verifier.verify(AccessToken, token).then(
    () => 'good',
    (error) => error.code ?? error.name,
  )
}

export const KEYS: readonly Fault[] = [
  {
    id: 'F-53',
    does: `${CLIENTS} clients verify and refresh all the time, over two processes, while an operator's command puts another key in use every two seconds`,
    rounds: { short: 2, long: 10 },
    processes: 2,
    open: async (databases) =>
      await openCluster(2, { databaseUrl: await databases.create(), settings: { NODE_OPTIONS: HURRY } }),
    play: rotationUnderLoad,
  },
]
