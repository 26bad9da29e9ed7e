import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  buildServer,
  builtServer,
  CLIENTS,
  ISSUER,
  openLogoutReceiver,
  PASSWORDS,
  type Provider,
  providerAt,
  registrationOf,
} from '@grove/auth/testing'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const AUTH = join(ROOT, 'apps/auth')
const NAME = 'operations'
const BUILT = builtServer(NAME)
const SITES = CLIENTS.filter(({ id }) => id === 'alder' || id === 'birch')

const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** For vitest's `globalSetup`. */
export default function build(): void {
  buildServer(NAME)
}

/** What a command answered, both streams. */
export interface Said {
  code: number
  said: string
}

/** The machine of auth: one real process of it, and somebody who types commands there. */
export interface House {
  /** What auth and the commands are started with from now on. */
  settings: Record<string, string>
  /** Where commands are typed. */
  folder: string
  /** The process that runs, for the helpers that fill in forms and redeem codes. */
  provider: Provider
  /** The `sid` of each logout token that the sites were sent. */
  heard: string[]
  start(): Promise<void>
  stop(): Promise<void>
  /** A line as it stands in a page; `env` beside the settings. */
  types(line: string, env?: Record<string, string>): Promise<Said>
  close(): Promise<void>
}

/** @param databaseUrl an empty database; a new file if there is none */
export async function openHouse(databaseUrl?: string): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'grove-operations-'))
  const sites = await openLogoutReceiver()
  await writeFile(join(folder, 'seed.json'), JSON.stringify(seedWith(sites.uri)))
  const settings: Record<string, string> = {
    PORT: '0',
    ISSUER,
    DATABASE_URL: databaseUrl ?? `file:${join(folder, 'auth.db')}`,
    AUTH_SECRET: 'the secret of a machine that tests start and end',
    SEED_FILE: join(folder, 'seed.json'),
    LOG_LEVEL: 'warn',
  }
  let child: ChildProcess | undefined
  let origin = ''

  async function stop(): Promise<void> {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null) return
    const ended = new Promise((resolve) => ending.once('close', resolve))
    ending.kill('SIGTERM')
    await ended
  }

  return {
    settings,
    folder,
    heard: sites.heard,
    provider: providerAt(() => origin, SITES),
    async start() {
      await stop()
      child = spawn(process.execPath, [`${BUILT}/main.js`], {
        cwd: AUTH,
        env: { PATH: process.env.PATH, ...settings },
      })
      origin = await listening(child)
    },
    stop,
    types: (line, env = {}) => run(line, folder, { ...settings, ...env }),
    async close() {
      await stop()
      sites.close()
      await rm(folder, { recursive: true })
    },
  }
}

function seedWith(backchannelLogoutUri: string) {
  return {
    clients: SITES.map((client) => registrationOf(client, backchannelLogoutUri)),
    accounts: (['alice', 'bob'] as const).map((person) => ({
      email: `${person}@example.com`,
      password: PASSWORDS[person],
      claims: { sub: `acc_${person}`, name: person },
    })),
  }
}

/** The address that it says it listens on; with what it said instead, when it ends. */
function listening(child: ChildProcess): Promise<string> {
  alive.add(child)
  return new Promise((resolve, reject) => {
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (piece: string) => {
        said = (said + piece).slice(-4_000)
        const [, address] = /listens on ([\d.]+:\d+)/.exec(said) ?? []
        if (address) resolve(`http://${address}`)
      })
    }
    child.once('close', (code) => {
      alive.delete(child)
      reject(new Error(`auth ended at once with ${code}: ${said}`))
    })
  })
}

function run(line: string, folder: string, settings: Record<string, string>): Promise<Said> {
  // As pnpm does it: with the place where it was typed.
  const env = { ...settings, PATH: process.env.PATH, INIT_CWD: folder }
  return new Promise((resolve) => {
    execFile('sh', ['-c', scriptOf(line) ?? line], { cwd: folder, env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, said: `${out}${err}`.trim() })
    })
  })
}

/** What pnpm makes of a line: the script of auth that it names, or that a script of the root stands for; and of that the built one. */
function scriptOf(line: string): string | undefined {
  const [, ofAuth, name = '', words = ''] = /^pnpm (--filter @grove\/auth )?(\S+)(.*)$/.exec(line) ?? []
  if (!name) return undefined
  const scripts = (file: string): Record<string, string> => JSON.parse(readFileSync(file, 'utf8')).scripts
  const asTyped = ofAuth ? `pnpm --filter @grove/auth ${name}` : scripts(join(ROOT, 'package.json'))[name]
  const [, own = ''] = /^pnpm --filter @grove\/auth (\S+)$/.exec(asTyped ?? '') ?? []
  const [, program] = /^tsx src\/([\w-]+)\.ts$/.exec(scripts(join(AUTH, 'package.json'))[own] ?? '') ?? []
  if (!program) throw new Error(`there is no script for "${line}"`)
  return `node ${BUILT}/${program}.js${words}`
}
