import { openCluster } from './cluster.ts'
import { CRASHES } from './crashes.ts'
import { DATABASES, type Databases, openDatabases } from './databases.ts'
import { type Fault, outcomeOf } from './fault.ts'
import { RACES } from './races.ts'

// `pnpm test:faults [F-10 …] [SQLite | PostgreSQL]`: each fault in full, on a database of its own of each kind, and one line about it.
const words = process.argv.slice(2)
const names = DATABASES.filter((name) => words.includes(name))
const wanted = words.filter((word) => !DATABASES.some((name) => name === word))
const isWanted = ({ id }: Fault) => wanted.length === 0 || id.split(' ').some((one) => wanted.includes(one))

const plans = [
  ...RACES.map((fault) => ({ fault, processes: 2 })),
  ...CRASHES.map((fault) => ({ fault, processes: 1 })),
].filter(({ fault }) => isWanted(fault))
let isSound = plans.length > 0

for (const name of names.length > 0 ? names : DATABASES) {
  const databases = await openDatabases(name)
  for (const plan of plans) await playOne(name, databases, plan)
  await databases.close()
}
process.exit(isSound ? 0 : 1)

async function playOne(
  name: string,
  databases: Databases,
  { fault, processes }: { fault: Fault; processes: number },
): Promise<void> {
  const startedAt = Date.now()
  const cluster = await openCluster(processes, await databases.create())
  const { seed, counts, broken } = await outcomeOf(fault, cluster, fault.rounds.long)
  await cluster.close()
  const counted = Object.entries(counts).map(([what, times]) => `${times} × ${what}`)
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  const result = broken.length === 0 ? 'passed' : `FAILED: ${broken.length} × ${broken[0]}`
  console.log(
    `${fault.id} on ${name}: ${fault.rounds.long} rounds: ${fault.does}: ${counted.join(', ')}: ${result} (seed ${seed}, ${seconds} s)`,
  )
  if (broken.length > 0) isSound = false
}
