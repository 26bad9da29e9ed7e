import { type Cluster, openCluster } from './cluster.ts'
import { DATABASES, type Databases, openDatabases } from './databases.ts'
import { CannotHappenHere, canHappenOn, type Fault, outcomeOf } from './fault.ts'
import { FAULTS } from './faults.list.ts'

// `pnpm test:faults [F-10 …] [SQLite | PostgreSQL]`: each fault in full, on a database of its own of each kind, and one line about it.
const words = process.argv.slice(2)
const names = DATABASES.filter((name) => words.includes(name))
const wanted = words.filter((word) => !DATABASES.some((name) => name === word))
const isWanted = ({ id }: Fault) => wanted.length === 0 || id.split(' ').some((one) => wanted.includes(one))

const faults = FAULTS.filter(isWanted)
let isSound = faults.length > 0

for (const name of names.length > 0 ? names : DATABASES) {
  const databases = await openDatabases(name)
  for (const fault of faults.filter((one) => canHappenOn(one, name))) await playOne(name, databases, fault)
  await databases.close()
}
process.exit(isSound ? 0 : 1)

async function opened(fault: Fault, databases: Databases): Promise<Cluster> {
  if (fault.open) return await fault.open(databases)
  return await openCluster(fault.processes, { databaseUrl: await databases.create() })
}

async function playOne(name: string, databases: Databases, fault: Fault): Promise<void> {
  const startedAt = Date.now()
  const cluster = await opened(fault, databases).catch((error) => {
    if (error instanceof CannotHappenHere) return error
    throw error
  })
  if (cluster instanceof CannotHappenHere)
    return console.log(`${fault.id} on ${name}: ${fault.does}: NOT PLAYED: ${cluster.message}`)
  const { seed, counts, measured, broken } = await outcomeOf(fault, cluster, fault.rounds.long)
  await cluster.close()
  const counted = Object.entries(counts).map(([what, times]) => `${times} × ${what}`)
  const figures = Object.entries(measured).map(([what, value]) => `${what} ${value}`)
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  const result = broken.length === 0 ? 'passed' : `FAILED: ${broken.length} × ${broken[0]}`
  console.log(
    `${fault.id} on ${name}: ${fault.rounds.long} rounds: ${fault.does}: ${[...counted, ...figures].join(', ')}: ${result} (seed ${seed}, ${seconds} s)`,
  )
  if (broken.length > 0) isSound = false
}
