// Preloaded (--import): what the server needs is read and compiled, and nothing runs until a line comes in. So a restart costs no more
// than opening the database does.
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const main = pathToFileURL(process.argv[1])
for (const [, name] of readFileSync(main, 'utf8').matchAll(/^(?:import|} from) .*"(\.[^"]+)";$/gm))
  await import(new URL(name, main))
// The store loads the driver of its database only when it opens it.
const database = /^postgres/.test(process.env.DATABASE_URL ?? '') ? 'postgresql' : 'sqlite'
for (const name of readdirSync(new URL('.', main)))
  if (name.startsWith(`${database}-`)) await import(new URL(name, main))
await once(process.stdin, 'data')
process.stdin.destroy()
