import build from './built.ts'
import { type Cluster, openCluster } from './cluster.ts'
import { DATABASES, type Databases, openDatabases } from './databases.ts'
import { CannotHappenHere, canHappenOn, type Fault, outcomeOf } from './fault.ts'
import { FAULTS } from './faults.list.ts'
import { writeEntry } from './faults.page.ts'

// `pnpm test:faults [F-10 …] [SQLite | PostgreSQL] [rounds] [--write]`: each fault in full, or in so many rounds, on a database of its own
// of each kind, and one line about it; `--write` puts that line into docs/faults.md.
const words = process.argv.slice(2)
const names = DATABASES.filter((name) => words.includes(name))
const asked = words.map(Number).find((number) => number > 0)
const wanted = words.filter((word) => /^[A-Z]+-/.test(word))
const isWanted = ({ id }: Fault) => wanted.length === 0 || id.split(' ').some((one) => wanted.includes(one))

const faults = FAULTS.filter(isWanted)
let isSound = faults.length > 0

build()

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
  const rounds = asked ?? fault.rounds.long
  const { seed, counts, measured, broken } = await outcomeOf(fault, cluster, rounds)
  await cluster.close()
  const counted = Object.entries(counts).map(([what, times]) => `${times} × ${what}`)
  const figures = Object.entries(measured).map(([what, value]) => `${what} ${value}`)
  const cameOfIt = `${rounds} rounds: ${[...counted, ...figures].join(', ')}`
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  const sentences = [...new Set(broken)].slice(0, 3).join(' / ')
  const result = broken.length === 0 ? 'passed' : `FAILED ${broken.length} times: ${sentences}`
  console.log(`${fault.id} on ${name}: ${fault.does}: ${cameOfIt}: ${result} (seed ${seed}, ${seconds} s)`)
  if (broken.length > 0) isSound = false
  const day = new Date().toISOString().slice(0, 10)
  if (words.includes('--write'))
    await writeEntry({ id: fault.id, does: fault.does, on: name, cameOfIt, result, day })
}
