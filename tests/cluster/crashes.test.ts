import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, openCluster } from './cluster.ts'
import { CRASHES } from './crashes.ts'
import { DATABASES, type Databases, openDatabases } from './databases.ts'
import { outcomeOf } from './fault.ts'

describe.each(DATABASES)('on %s', (name) => {
  let databases: Databases
  let cluster: Cluster
  beforeAll(async () => {
    databases = await openDatabases(name)
    cluster = await openCluster(1, await databases.create())
  }, 60_000)
  afterAll(async () => {
    await cluster.close()
    await databases.close()
  })

  test.each(CRASHES.map((crash) => [crash.id, crash.does, crash] as const))(
    '%s %s',
    async (_id, _does, crash) => {
      const { seed, broken } = await outcomeOf(crash, cluster, crash.rounds.short)
      expect({ seed, broken }).toEqual({ seed, broken: [] })
    },
    120_000,
  )
})
