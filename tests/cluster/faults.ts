import { openCluster } from './cluster.ts'
import { CRASHES } from './crashes.ts'
import { type Fault, outcomeOf } from './fault.ts'
import { RACES } from './races.ts'

// `pnpm test:faults [F-10 …]`: each fault in full, on a database of its own, and one line about it.
const wanted = process.argv.slice(2)
const isWanted = ({ id }: Fault) => wanted.length === 0 || id.split(' ').some((one) => wanted.includes(one))

const plans = [
  ...RACES.map((fault) => ({ fault, processes: 2 })),
  ...CRASHES.map((fault) => ({ fault, processes: 1 })),
].filter(({ fault }) => isWanted(fault))
let isSound = plans.length > 0

for (const { fault, processes } of plans) {
  const startedAt = Date.now()
  const cluster = await openCluster(processes)
  const { seed, counts, broken } = await outcomeOf(fault, cluster, fault.rounds.long)
  await cluster.close()
  const counted = Object.entries(counts).map(([what, times]) => `${times} × ${what}`)
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  const result = broken.length === 0 ? 'passed' : `FAILED: ${broken.length} × ${broken[0]}`
  console.log(
    `${fault.id}: ${fault.rounds.long} rounds: ${fault.does}: ${counted.join(', ')}: ${result} (seed ${seed}, ${seconds} s)`,
  )
  if (broken.length > 0) isSound = false
}
process.exit(isSound ? 0 : 1)
