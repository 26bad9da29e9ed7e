// `pnpm add-site <name>`: one more Next site, registered with auth, with a port, a host name and a browser story of its own.
//   pnpm add-site willow             apps/site-willow, at http://willow.localhost:4003
//   pnpm add-site --remove willow    undoes it; --force also when its files have been changed since
import './check-node.mjs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { addSite, removeSite } from './add-site/change.mjs'
import { Refusal } from './add-site/plan.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const usage = 'pnpm add-site <name>, or pnpm add-site --remove <name> [--force]'

/** What is typed: one name, and what to do with it. @throws Refusal */
function readArguments() {
  const booleans = ['remove', 'force', 'no-install']
  const options = Object.fromEntries(booleans.map((name) => [name, { type: 'boolean', default: false }]))
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    if (positionals.length === 1) return { ...values, name: positionals[0] }
  } catch {
    // An option that there is not: the usage says which there are.
  }
  throw new Refusal(`One name is needed: ${usage}.`)
}

// Ctrl-C ends the installation, not what has to be undone after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
try {
  const { name, remove, force, 'no-install': noInstall } = readArguments()
  const options = { force, install: !noInstall }
  console.log(remove ? removeSite(root, name, options) : addSite(root, name, options))
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  console.error(error.message)
  process.exitCode = 1
}
