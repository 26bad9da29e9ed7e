import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, openCluster } from './cluster.ts'
import { CRASHES } from './crashes.ts'
import { outcomeOf } from './fault.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await openCluster(1)
}, 60_000)
afterAll(() => cluster.close())

test.each(CRASHES.map((crash) => [crash.id, crash.does, crash] as const))(
  '%s %s',
  async (_id, _does, crash) => {
    const { seed, broken } = await outcomeOf(crash, cluster, crash.rounds.short)
    expect({ seed, broken }).toEqual({ seed, broken: [] })
  },
  120_000,
)
