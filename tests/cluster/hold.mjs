// Preloaded (--import): what src/main.ts needs is read and compiled, and nothing runs until a line comes in. So a restart costs no
// more than opening the database does.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const main = pathToFileURL('src/main.ts')
for (const [, name] of readFileSync(main, 'utf8').matchAll(/from '(\.[^']+)'/g))
  await import(new URL(name, main))
// The store loads the driver of its database only when it opens it.
const database = /^postgres/.test(process.env.DATABASE_URL ?? '') ? 'postgresql' : 'sqlite'
await import(new URL(`store/${database}.ts`, main))
await once(process.stdin, 'data')
process.stdin.destroy()
