// `pnpm dev`, which is also `npm start`: auth and every site in development, from a fresh clone or the hundredth time.
//   pnpm dev:https                the same at https://alder.test and so on, in front of it a proxy with certificates of its own
//   pnpm dev:https --port=9443    at another port than 443, or 8443 where that cannot be used
import './check-node.mjs'
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { appsOf, seedFiles, sharedEnvironment } from './dev/apps.mjs'
import { readArguments } from './dev/arguments.mjs'
import { welcome } from './dev/welcome.mjs'
import { whenParentsGo } from './parents.mjs'
import { isTaken, lastSentence, start } from './processes.mjs'
import { writeMissingSecrets } from './secrets.mjs'
import { sitesOf } from './sites.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const READY_WITHIN_SECONDS = 120

const sites = sitesOf(root)
const env = sharedEnvironment(process.env)
const seeds = seedFiles(root, sites, env.SEED_FILE)
const https = await readyIfAsked()
const apps = appsOf(sites, https?.house)
env.SEED_FILE = https?.seedFile ?? seeds.join(',')

const longestName = Math.max(...apps.map(({ name }) => name.length))

let isReady = false
let isStopping = false
const running = new Map()

for (const { port, title } of apps) {
  if (!(await isTaken(port))) continue
  console.error(`Port ${port} is taken, and this is where "${title}" belongs.`)
  console.error(
    `Stop the program that listens there (lsof -i :${port} names it; is Grove running already?), then start again.`,
  )
  process.exit(1)
}
writeMissingSecrets(root)
generate()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0))
whenParentsGo(() => stop(0))
// The last resort, should this program itself fall: children are never left behind.
process.on('uncaughtException', (error) => stop(1, String(error.stack)))

console.log('\n  Starting auth and the sites …')
for (const app of apps) launch(app)
await Promise.all(apps.map(answers))
isReady = true
console.log(welcome(apps, https?.words))
process.stdin.setEncoding('utf8').on('data', (text) => text.trim() === 'g' && void toggleAuth())

async function readyIfAsked() {
  try {
    const { https: isAsked, port } = readArguments(process.argv.slice(2))
    if (!isAsked) return undefined
    const { readyHttps } = await import('./https/ready.mjs') // what signs certificates is loaded for those who need one
    return await readyHttps({ root, sites, seeds, env, port })
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}

function launch(app) {
  const child = start(app.command, {
    cwd: resolve(root, app.folder),
    env: { ...env, ...app.settings },
    hear: (line) => heard(app, line),
  })
  running.set(app.name, child)
  void child.ended.then(() => {
    const isWanted = running.get(app.name) === child
    if (isWanted) void stop(1, `${app.title}, has ended: ${lastSentence(child.lines)}`)
  })
}

/** Lets people see what the sites do without Grove. */
async function toggleAuth() {
  const auth = apps.find(({ name }) => name === 'auth')
  const child = running.get(auth.name)
  running.delete(auth.name)
  if (child) await child.stop()
  else launch(auth)
  console.log(
    child
      ? '\n  Grove is stopped, the sites go on. g and Enter starts it again.\n'
      : '\n  Grove starts again …\n',
  )
}

/** The Prisma client is generated code; turbo knows when the models have changed. */
function generate() {
  const turbo = resolve(root, 'node_modules/.bin/turbo')
  const args = ['run', 'generate', '--output-logs=errors-only']
  const { status, stdout, stderr } = spawnSync(turbo, args, { cwd: root, env, encoding: 'utf8' })
  if (status === 0) return
  console.error(`${stdout}${stderr}\nThe Prisma client could not be generated: the lines above say why.`)
  process.exit(1)
}

function heard({ name, title }, line) {
  if (/^Failed running/.test(line) && !isReady) {
    void stop(1, `${title}, cannot start: ${lastSentence(running.get(name).lines)}`)
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes by which a program moves the cursor
  const words = line.replace(/\u001b\[[0-9;?]*[a-zA-Z]/g, '').trimEnd()
  // Codes and states are in these addresses: they belong to the browser, not on a screen.
  if (isReady && words)
    console.log(`${name.padEnd(longestName)} │ ${words.replace(/(\/sso\/\S+?)\?\S+/, '$1?…')}`)
}

/** Waits until the app answers anything at all, then has the first pages built, so that nobody waits for them. */
async function answers({ name, title, port, answersAt, visited }) {
  const deadline = Date.now() + READY_WITHIN_SECONDS * 1000
  const ask = (path) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { 'sec-purpose': 'prefetch' }, // so that it starts no login
      redirect: 'manual',
      signal: AbortSignal.timeout(60_000),
    }).catch(() => undefined)
  const isThere = () => (answersAt ? ask(answersAt) : isTaken(port))
  while (!(await isThere())) {
    if (Date.now() > deadline) {
      const words = lastSentence(running.get(name).lines)
      await stop(
        1,
        `${title}, has not answered for ${READY_WITHIN_SECONDS} seconds. Its last words: ${words}`,
      )
    }
    await new Promise((wake) => setTimeout(wake, 200))
  }
  for (const path of visited) await ask(path)
}

/** @param {number} code @param {string} [sentence] why, when nobody asked for it */
async function stop(code, sentence) {
  if (isStopping) return
  isStopping = true
  if (sentence) console.error(`\n${sentence}`)
  await Promise.all([...running.values()].map((child) => child.stop()))
  if (!sentence) console.log('\n  Stopped. What you did is kept for the next start.')
  process.exit(code)
}
