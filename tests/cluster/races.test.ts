import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, openCluster } from './cluster.ts'
import { DATABASES, type Databases, openDatabases } from './databases.ts'
import { outcomeOf } from './fault.ts'
import { RACES } from './races.ts'

describe.each(DATABASES)('on %s', (name) => {
  let databases: Databases
  let cluster: Cluster
  beforeAll(async () => {
    databases = await openDatabases(name)
    cluster = await openCluster(2, await databases.create())
  }, 60_000)
  afterAll(async () => {
    await cluster.close()
    await databases.close()
  })

  test.each(RACES.map((race) => [race.id, race.does, race] as const))(
    '%s %s',
    async (_id, _does, race) => {
      const { seed, broken } = await outcomeOf(race, cluster, race.rounds.short)
      expect({ seed, broken }).toEqual({ seed, broken: [] })
    },
    120_000,
  )
})
