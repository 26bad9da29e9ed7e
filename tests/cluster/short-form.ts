import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, openCluster } from './cluster.ts'
import { DATABASES, type Databases, openDatabases } from './databases.ts'
import { canHappenOn, type Fault, outcomeOf } from './fault.ts'

/** A test for each fault that has a short form, on each database. Those that need nothing special share their processes. */
export function playsInShort(faults: readonly Fault[]): void {
  const short = faults.flatMap((fault) =>
    fault.rounds.short === undefined ? [] : [{ fault, rounds: fault.rounds.short }],
  )
  const names = DATABASES.filter((name) => short.some(({ fault }) => canHappenOn(fault, name)))
  describe.each(names)('on %s', (name) => {
    const here = short.filter(({ fault }) => canHappenOn(fault, name))
    const sizes = here.flatMap(({ fault }) => (fault.open ? [] : [fault.processes]))
    let databases: Databases
    const shared = new Map<number, Cluster>()
    beforeAll(async () => {
      databases = await openDatabases(name)
      for (const size of new Set(sizes))
        shared.set(size, await openCluster(size, { databaseUrl: await databases.create() }))
    }, 60_000)
    afterAll(async () => {
      for (const cluster of shared.values()) await cluster.close()
      await databases.close()
    })

    test.each(here.map(({ fault, rounds }) => [fault.id, fault.does, fault, rounds] as const))(
      '%s %s',
      async (_id, _does, fault, rounds) => {
        const own = await fault.open?.(databases)
        const cluster = own ?? shared.get(fault.processes)
        if (!cluster) throw new Error('beforeAll has opened one')
        const { seed, broken } = await outcomeOf(fault, cluster, rounds)
        await own?.close()
        expect({ seed, broken }).toEqual({ seed, broken: [] })
      },
      120_000,
    )
  })
}
