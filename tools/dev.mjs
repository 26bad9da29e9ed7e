// `pnpm dev`, which is also `npm start`: auth and every site in development, from a fresh clone or the hundredth time.
import './check-node.mjs'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { whenParentsGo } from './parents.mjs'
import { isTaken, lastSentence, start } from './processes.mjs'
import { localSettings, writeMissingSecrets } from './secrets.mjs'
import { sitesOf } from './sites.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const next = (port) => ['node_modules/.bin/next', 'dev', '-H', '127.0.0.1', '-p', String(port)]
const READY_WITHIN_SECONDS = 120

const sites = sitesOf(root)
const apps = [
  ...sites.map(({ clientId, title, folder, port, address, pages }) => ({
    ...{ name: clientId, title, folder, port, address },
    answersAt: '/api/me',
    visited: ['/', '/sso/login', '/session', ...pages],
    command: next(port),
  })),
  {
    name: 'auth',
    title: 'Grove, the sign-in',
    folder: 'apps/auth',
    port: 4000,
    address: 'http://auth.localhost:4000',
    answersAt: '/healthz',
    visited: ['/'],
    // Node's own watcher says so when the program has ended; `tsx watch` would wait in silence.
    command: [
      ...[process.execPath, '--watch', '--watch-preserve-output', '--env-file=.env.local'],
      ...['--import', 'tsx', 'src/main.ts'],
    ],
  },
]

const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
// Each app has its own value of these, so one value from outside cannot be meant.
for (const name of ['PORT', 'SITE_URL', 'CLIENT_ID', 'CLIENT_SECRET', 'SESSION_SECRET', 'HOST', 'NODE_ENV'])
  delete env[name]
// The terminal is for people: what goes well is logged only if asked for.
env.LOG_LEVEL ??= 'warn'
// A relative path is meant from where the command was typed; auth itself runs in its own folder.
if (env.SEED_FILE) {
  const fromHere = (file) => (existsSync(file) ? resolve(file) : file)
  env.SEED_FILE = env.SEED_FILE.split(',')
    .map((file) => fromHere(file.trim()))
    .join(',')
} else if (!localSettings(root, 'apps/auth').SEED_FILE) {
  // A site that was added brings its registration along, and what is beside the apps to try them with may sign in too.
  const added = sites.flatMap(({ registration }) => (registration ? [registration] : []))
  env.SEED_FILE = ['apps/auth/prisma/seed.json', 'examples/seed.json', ...added]
    .map((file) => resolve(root, file))
    .join(',')
}

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
console.log(welcome())
process.stdin.setEncoding('utf8').on('data', (text) => text.trim() === 'g' && void toggleAuth())

function launch(app) {
  const child = start(app.command, { cwd: resolve(root, app.folder), env, hear: (line) => heard(app, line) })
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
  while (!(await ask(answersAt))) {
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

function inWords(count) {
  return ['no', 'one', 'two', 'three', 'four', 'five', 'six'][count] ?? count
}

function welcome() {
  const strong = (text) =>
    process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[22m` : text
  const addresses = apps.map((app) => `    ${app.title.padEnd(26)} ${strong(app.address)}`)
  return `
  ${strong(`Grove is running: one login, ${inWords(sites.length)} sites.`)}

${addresses.join('\n')}

  Try it
    1. Open Alder and sign in as Alice.
    2. Open Birch: it knows her already, and says why.
    3. Sign out everywhere at Birch, and watch the open Alder tab.

  Demo accounts
    alice@example.com   wonderland-1865
    bob@example.com     yes-we-can-1999

  g and Enter stops Grove alone, and starts it again. Ctrl-C stops everything.
`
}
