import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, openCluster } from './cluster.ts'
import { outcomeOf } from './fault.ts'
import { RACES } from './races.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await openCluster(2)
}, 60_000)
afterAll(() => cluster.close())

test.each(RACES.map((race) => [race.id, race.does, race] as const))(
  '%s %s',
  async (_id, _does, race) => {
    const { seed, broken } = await outcomeOf(race, cluster, race.rounds.short)
    expect({ seed, broken }).toEqual({ seed, broken: [] })
  },
  120_000,
)
