// `pnpm test:compose`: starts docker-compose.yml from a fresh copy of this tree, uses it as people and operators do, says what it saw line by
// line, and removes all of it. Takes some minutes and an engine, so it is not part of `npm test`.
//   pnpm test:compose                    with docker compose
//   pnpm test:compose podman-compose     with another one
import '../check-node.mjs'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isTaken } from '../processes.mjs'
import { Engine } from './engine.mjs'
import {
  nobodyIsRoot,
  nothingCanBeChanged,
  nothingStartsWithoutSecrets,
  secretsAreNowhere,
} from './inside.mjs'
import { opensBrowser, Person } from './person.mjs'
import { asks, keepsAsking, plainly, WRONG_SECRET_FROM_INSIDE, wrongSecret } from './traffic.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const words = process.argv.slice(2)
const folder = join(mkdtempSync(join(tmpdir(), 'grove-compose-')), 'grove')
const env = { ...process.env, TAG: 'proof', REGISTRATION: 'on' }
const engine = new Engine(words.length > 0 ? words : ['docker', 'compose'], {
  project: 'grove-proof',
  folder,
  env,
})

const [AUTH, ALDER, BIRCH] = ['auth', 'alder', 'birch'].map((name) => `https://${name}.localhost`)
const services = ['postgres', 'auth-1', 'auth-2', 'site-a-1', 'site-a-2', 'site-b-1', 'site-b-2', 'gateway']
const images = ['auth', 'site-a', 'site-b', 'gateway'].map((name) => `grove-${name}:proof`)
const CERTIFICATES = '/data/caddy/pki/authorities/local'
// docker-compose.yml gives ten to finish in; the engine and its command need a moment of their own.
const STOP_WITHIN_SECONDS = 10

let authority
let browser
let ada
let otherTab

const steps = {
  'Without secrets it does not start, and says what makes them': async () => {
    const { code, all } = await engine.compose('up', '-d')
    if (code === 0 || !all.includes('npm run compose:secrets')) throw new Error(all.slice(-500))
  },
  'One command makes them; a second time it changes nothing': async () => {
    makesSecrets()
    const before = readFileSync(join(folder, 'secrets/auth_secret'), 'utf8')
    makesSecrets()
    if (readFileSync(join(folder, 'secrets/auth_secret'), 'utf8') !== before)
      throw new Error('it wrote another one')
  },
  'The images are built': async () => {
    await engine.must(engine.compose('build'))
    for (const image of images) await engine.must(engine.engine('image', 'inspect', image))
    const sizes = images.map(async (image) => {
      const size = await engine.must(engine.engine('image', 'inspect', '--format', '{{.Size}}', image))
      return `${image.split(':')[0]} ${Math.round(Number(size) / 1e6)} MB`
    })
    return (await Promise.all(sizes)).join(', ')
  },
  'No image starts without its secrets': () => nothingStartsWithoutSecrets(engine, 'proof'),
  'Everything starts and says that it is well': async () => {
    const startedAt = Date.now()
    await engine.must(engine.compose('up', '-d'))
    for (const service of services) await until(() => engine.isWell(service), `${service} is well`, 120)
    return `${services.length} containers in ${Math.round((Date.now() - startedAt) / 1000)} s`
  },
  'Nobody in there is root': () => nobodyIsRoot(engine, services),
  'Nothing in there can be changed': () => nothingCanBeChanged(engine, services),
  'No image and no environment has a secret': () =>
    secretsAreNowhere(engine, { services, images, folder: join(folder, 'secrets') }),
  'Three names speak HTTPS with certificates that stand every check': async () => {
    authority = await engine.must(engine.exec('gateway', 'cat', `${CERTIFICATES}/root.crt`))
    const { issuer } = JSON.parse(
      (await asks(`${AUTH}/.well-known/openid-configuration`, { authority })).text,
    )
    if (issuer !== AUTH) throw new Error(`the issuer is ${issuer}`)
    for (const site of [ALDER, BIRCH])
      if ((await asks(`${site}/api/me`, { authority })).status !== 401) throw new Error(site)
    const { status, headers } = await plainly('alder.localhost')
    if (!(status >= 300 && status < 400) || headers.location !== `${ALDER}/`)
      throw new Error(`plain http answers ${status} ${headers.location}`)
  },
  'Both processes of each app get requests, and each site finds auth': async () => {
    for (let n = 0; n < 6; n++) await asks(`${AUTH}/jwks`, { authority })
    for (const service of ['auth-1', 'auth-2'])
      if (!(await engine.logs(service)).includes('"/jwks"')) throw new Error(`${service} got none`)
    // Four in a row: two for each process, which loads what it needs at the first.
    const leadsToAuth = async (site) => {
      for (let n = 0; n < 4; n++) {
        const { headers } = await asks(`${site}/sso/login`, { authority })
        if (!headers.location?.startsWith(`${AUTH}/authorize?`)) return false
      }
      return true
    }
    for (const site of [ALDER, BIRCH]) await until(() => leadsToAuth(site), `${site} leads to the login`, 60)
  },
  'Rate limits count who really asks, not what is claimed, and not the gateway': async () => {
    const tries = await Promise.all(
      Array.from({ length: 24 }, (_, n) => wrongSecret(AUTH, authority, `203.0.113.${n}`)),
    )
    const limited = tries.filter(({ status }) => status === 429).length
    if (limited === 0) throw new Error(`24 claimed addresses: ${tries.map(({ status }) => status)}`)
    const elsewhere = await engine.must(engine.exec('site-a-2', 'node', '-e', WRONG_SECRET_FROM_INSIDE))
    if (elsewhere !== '401') throw new Error(`another machine shares the limit: ${elsewhere}`)
    return `of 24 wrong client secrets, each from another claimed address, ${limited} were refused; another machine's was not`
  },
  'Somebody signs in at Alder': async () => {
    browser = await opensBrowser(
      await engine.must(engine.exec('gateway', 'cat', `${CERTIFICATES}/intermediate.crt`)),
    )
    const context = await browser.newContext()
    ada = new Person(await context.newPage())
    otherTab = new Person(await context.newPage())
    return await ada.registersAt(ALDER)
  },
  'Birch, at another domain, knows her': async () => {
    const greeting = await ada.arrivesAt(BIRCH)
    await ada.keepsNote(BIRCH, 'The Engine weaves algebraical patterns.')
    return greeting
  },
  'Alder reads the note from Birch with her token': async () => {
    for (let visit = 0; visit < 4; visit++) {
      await ada.page.goto(ALDER)
      await ada.page.getByText('algebraical patterns').waitFor()
    }
  },
  'One auth stops in the middle: it finishes what it does, and nobody notices': async () => {
    const traffic = keepsAsking(AUTH, authority)
    const { seconds, code } = await engine.stops('auth-1')
    await pause(1000)
    const { asked, failed } = await traffic.ends()
    if (code !== 0) throw new Error(`exit code ${code}`)
    if (seconds > STOP_WITHIN_SECONDS) throw new Error(`it took ${seconds.toFixed(1)} s`)
    if (failed.length > 0) throw new Error(`${failed.length} of ${asked} requests failed: ${failed[0]}`)
    return `stopped in ${seconds.toFixed(1)} s with exit code 0; ${asked} requests meanwhile, all answered`
  },
  'She signs out of Birch and in again, with the other auth': async () => {
    await ada.signsOutOf(BIRCH)
    return await ada.signsInAgainAt(BIRCH)
  },
  'One Birch stops under an open page, and the page goes on': async () => {
    await otherTab.arrivesAt(BIRCH)
    const { seconds, code } = await engine.stops('site-b-1')
    if (code !== 0) throw new Error(`exit code ${code}`)
    if (seconds > STOP_WITHIN_SECONDS) throw new Error(`it took ${seconds.toFixed(1)} s`)
    for (let visit = 0; visit < 4; visit++) await ada.arrivesAt(BIRCH)
    return `stopped in ${seconds.toFixed(1)} s with exit code 0`
  },
  'She signs out everywhere: open tabs hear of it, and both sites know nobody': async () => {
    await otherTab.arrivesAt(ALDER)
    const startedAt = Date.now()
    await ada.signsOutEverywhereAt(BIRCH)
    await otherTab.page.locator('#account').waitFor({ state: 'detached' })
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
    for (const site of [ALDER, BIRCH, ALDER, BIRCH])
      if (!(await ada.isNobodyAt(site))) throw new Error(`${site} still knows her`)
    return `the open tab at Alder knew after ${seconds} s`
  },
  'The sites were told by a push, inside of the network': async () => {
    const told = (await engine.logs('auth-2'))
      .split('\n')
      .filter((line) => line.includes('"logout.delivered"'))
    for (const client of ['alder', 'birch'])
      if (!told.some((line) => line.includes(`"${client}"`))) throw new Error(`${client} was not told`)
  },
  'What was stopped starts again and takes part': async () => {
    for (const service of ['auth-1', 'site-b-1']) {
      await engine.must(engine.compose('start', service))
      await until(() => engine.isWell(service), `${service} is well`, 60)
    }
  },
  'An operator makes the next keys sign, in a container': async () =>
    (await engine.must(engine.exec('auth-2', 'node', 'dist/server/rotate-keys.js', '--now')))
      .split('\n')
      .at(-1),
  'Each stops in time, and says that it ended well': async () => {
    const stopped = []
    for (const service of services.toReversed()) stopped.push({ service, ...(await engine.stops(service)) })
    const late = stopped.filter(({ seconds, code }) => seconds > STOP_WITHIN_SECONDS || code !== 0)
    const line = ({ service, seconds, code }) =>
      `${service} ${seconds.toFixed(1)} s${code ? ` (${code})` : ''}`
    if (late.length > 0) throw new Error(late.map(line).join(', '))
    return stopped.map(line).join(', ')
  },
}

for (const port of [80, 443])
  if (await isTaken(port)) fail(`Port ${port} is taken, and the gateway is published there.`)
copyTree()
let failed = false
try {
  for (const [sentence, step] of Object.entries(steps)) {
    try {
      const detail = await step()
      console.log(`✔ ${sentence}${detail ? `: ${detail}` : ''}`)
    } catch (error) {
      failed = true
      console.log(`✘ ${sentence}: ${error.message}`)
      if (ada) console.log(await ada.looksAt())
      if (!process.env.KEEP_GOING) break
    }
  }
  if (failed) await shows()
} finally {
  await browser?.close()
  await engine.removes(images)
  rmSync(join(folder, '..'), { recursive: true, force: true })
}
console.log(
  failed
    ? '\nIt does not hold.'
    : `\nAll of it holds, with ${engine.words.join(' ')}. Everything is removed again.`,
)
process.exit(failed ? 1 : 0)

/** What git would see, in a folder of its own: no secret and no build of this tree comes along. */
function copyTree() {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = spawnSync('git', list, { cwd: root, encoding: 'utf8' })
  for (const path of stdout.split('\0'))
    if (path && existsSync(join(root, path)))
      cpSync(join(root, path), join(folder, path), { verbatimSymlinks: true })
}

function makesSecrets() {
  const { status, stderr } = spawnSync('npm', ['run', 'compose:secrets'], { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

async function until(isSo, what, seconds) {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await pause(500)) {
    if (await isSo().catch(() => false)) return
  }
  throw new Error(`${seconds} s have passed, and not: ${what}`)
}

/** The last words of every container, for whoever has to find out. */
async function shows() {
  for (const service of services) {
    const lines = await engine.logs(service).catch((error) => error.message)
    console.error(`\n── ${service}\n${lines.split('\n').slice(-15).join('\n')}`)
  }
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
