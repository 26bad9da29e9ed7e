// pnpm bench [jwt] [status] [provider] [growth] [growth-postgresql] [soak] [--quick]
import { growthOnPostgresql, growthOnSqlite } from './growth/section.ts'
import { measureJwt } from './jwt/section.ts'
import { measureProviders } from './provider/section.ts'
import { SEED } from './random.ts'
import type { Section } from './section.ts'
import { soak } from './soak/section.ts'
import { measureStatusLists } from './status/section.ts'
import { missedBudgets, printMachine } from './table.ts'

const sections: Record<string, Section> = {
  jwt: measureJwt,
  status: measureStatusLists,
  provider: measureProviders,
  growth: growthOnSqlite,
  'growth-postgresql': growthOnPostgresql,
  soak,
}
// The others take their time and build the peers of the provider: they are measured when they are named.
const USUAL = ['jwt', 'status']

const words = process.argv.slice(2)
const isQuick = words.includes('--quick')
const named = words.filter((word) => word !== '--quick')
const chosen = named.length > 0 ? named : USUAL
const unknown = chosen.find((name) => !Object.hasOwn(sections, name))
if (unknown) {
  console.error(`There is no section "${unknown}": the sections are ${Object.keys(sections).join(', ')}.`)
  process.exit(2)
}

printMachine()
console.log(`seed ${SEED}${isQuick ? ', quick: the figures are rough' : ''}`)
for (const [name, measure] of Object.entries(sections)) {
  if (chosen.includes(name)) await measure({ isQuick })
}
const isFailed = missedBudgets() > 0 && !isQuick // rough figures are no verdict
process.exit(isFailed ? 1 : 0) // connections that are kept open would keep the bench waiting
