// pnpm bench [jwt] [status] [--quick]
import { measureJwt } from './jwt/section.ts'
import { SEED } from './random.ts'
import type { Section } from './section.ts'
import { measureStatusLists } from './status/section.ts'
import { printMachine } from './table.ts'

const sections: Record<string, Section> = { jwt: measureJwt, status: measureStatusLists }

const words = process.argv.slice(2)
const isQuick = words.includes('--quick')
const chosen = words.filter((word) => word !== '--quick')
const unknown = chosen.find((name) => !Object.hasOwn(sections, name))
if (unknown) {
  console.error(`There is no section "${unknown}": the sections are ${Object.keys(sections).join(', ')}.`)
  process.exit(2)
}

printMachine()
console.log(`seed ${SEED}${isQuick ? ', quick: the figures are rough' : ''}`)
for (const [name, measure] of Object.entries(sections)) {
  if (chosen.length === 0 || chosen.includes(name)) await measure({ isQuick })
}
