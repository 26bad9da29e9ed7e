import { openCluster } from './cluster.ts'
import type { Fault } from './fault.ts'
import { parsers } from './floods.parsers.ts'
import { passwords } from './floods.passwords.ts'
import { proofs, storage } from './floods.storage.ts'
import { bodies, headers, parameters, resets } from './floods.wire.ts'

const ONE_DATABASE = { processes: 1, on: ['SQLite'] } as const

export const FLOODS: readonly Fault[] = [
  {
    id: 'F-60',
    does: '200 wrong passwords at once; meanwhile keys, discovery, userinfo and refresh are asked for, and somebody logs in',
    rounds: { long: 20 },
    ...ONE_DATABASE,
    play: passwords,
  },
  {
    id: 'F-61',
    does: 'bodies of 10 MB at every form, announced and in pieces, ten at once',
    rounds: { long: 300 },
    ...ONE_DATABASE,
    play: bodies,
  },
  {
    id: 'F-62',
    does: 'headers of 15, 17 and 70 KB, a hundred cookies, two hundred lines, ten at once',
    rounds: { long: 200 },
    ...ONE_DATABASE,
    play: headers,
  },
  {
    id: 'F-63',
    does: 'thousands of parameters and scopes, a state of 100 KB, claims 2,000 deep',
    rounds: { long: 100 },
    ...ONE_DATABASE,
    play: parameters,
  },
  {
    id: 'F-65',
    does: 'authorization requests and pushed requests of nobody and of a client, 20 at once, with all limits on',
    rounds: { long: 10_000 },
    ...ONE_DATABASE,
    open: async (databases) =>
      await openCluster(1, { databaseUrl: await databases.create(), settings: { RATE_LIMITS: 'on' } }),
    play: storage,
  },
  {
    id: 'F-66',
    does: 'proofs of possession of strangers, each with a key of its own, and one account that sends more than its share',
    rounds: { long: 5_000 },
    ...ONE_DATABASE,
    play: proofs,
  },
  {
    id: 'F-67',
    does: 'addresses and tokens that are long, nested and repeated, in every place that reads one',
    rounds: { long: 10 },
    ...ONE_DATABASE,
    play: parsers,
  },
  {
    id: 'F-68',
    does: 'connections that are reset in the middle of a request or an answer, and a hundred requests in one piece',
    rounds: { long: 200 },
    ...ONE_DATABASE,
    play: resets,
  },
]
