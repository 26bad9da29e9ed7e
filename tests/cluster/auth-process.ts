import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUILT } from './built.ts'

const AUTH = fileURLToPath(new URL('../../apps/auth', import.meta.url))
const CLOCK = new URL('../browser/clock.mjs', import.meta.url).href
const HOLD = new URL('./hold.mjs', import.meta.url).href
export const SECRET = 'the secret of processes that tests start and end'

const MOST_KEPT = 100_000

const alive = new Set<ChildProcessWithoutNullStreams>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

/** A registration and a person, in the words of SEED_FILE. */
export interface Seed {
  clients: Record<string, unknown>[]
  accounts: { email: string; password: string; claims: Record<string, unknown> }[]
}

/** One real process of the server, as it was built. */
export interface AuthProcess {
  /** Where it listens. Its public name, the issuer, may be another. */
  origin: string
  pid: number
  /** How it ended: its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>
  /** The last of what it wrote, on either stream. */
  said(): string
  /** As a power failure, or the operator's last resort: SIGKILL, now. */
  kill(): Promise<void>
  /** Asks it to end. */
  stop(): Promise<void>
}

export interface StartOptions {
  clockAheadSeconds?: number
  /** Settings that only this process has. */
  settings?: Record<string, string>
  /** Another user than the one that runs the tests, who may be root. */
  uid?: number | undefined
  /** Killed so long after it was told to start, whatever it is doing then. `start` rejects, unless it was quicker. */
  killedAfterMs?: number
}

/** A database, and as many processes on it as a test starts. */
export interface Place {
  databaseUrl: string
  start(options?: StartOptions): Promise<AuthProcess>
  /** Has a process at hand that is all but started: the next `start` takes it. It has not touched the database. */
  prepare(): void
  /** Ends every process that still runs, and removes the files. */
  close(): Promise<void>
}

/**
 * @param issuer the public name; processes that nobody asks by it may keep the one that is not resolved
 * @param databaseUrl an empty database; a new file if there is none
 */
export async function openPlace(
  seed: Seed,
  {
    issuer = 'http://auth.localhost:4000',
    port = 0,
    databaseUrl: given,
    settings: more = {},
  }: {
    issuer?: string
    port?: number
    databaseUrl?: string | undefined
    settings?: Record<string, string>
  } = {},
): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'grove-cluster-'))
  await chmod(folder, 0o755) // for a process of another user
  const seedFile = join(folder, 'seed.json')
  await writeFile(seedFile, JSON.stringify(seed))
  const databaseUrl = given ?? `file:${join(folder, 'auth.db')}`
  const settings = {
    PORT: String(port),
    ISSUER: issuer,
    DATABASE_URL: databaseUrl,
    AUTH_SECRET: SECRET,
    SEED_FILE: seedFile,
    RATE_LIMITS: 'off', // many logins from one address are the point here
    ...more,
  }
  const started = new Set<AuthProcess>()
  let prepared: ChildProcessWithoutNullStreams | undefined
  return {
    databaseUrl,
    async start({ clockAheadSeconds = 0, settings: own, uid, killedAfterMs } = {}) {
      const isPlain = clockAheadSeconds === 0 && own === undefined && uid === undefined
      const child =
        isPlain && prepared ? prepared : spawnAuth({ ...settings, ...own }, clockAheadSeconds, uid)
      if (child === prepared) prepared = undefined
      child.stdin.end('go\n')
      if (killedAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killedAfterMs)
      const auth = await listens(child)
      started.add(auth)
      return auth
    },
    prepare() {
      prepared ??= spawnAuth(settings, 0)
    },
    async close() {
      prepared?.kill('SIGKILL')
      await Promise.all([...started].map((auth) => auth.kill()))
      await rm(folder, { recursive: true })
    },
  }
}

/** A process that waits for a line before it starts. */
function spawnAuth(
  settings: Record<string, string>,
  clockAheadSeconds: number,
  uid?: number,
): ChildProcessWithoutNullStreams {
  const clock = clockAheadSeconds === 0 ? [] : ['--import', CLOCK]
  const child = spawn(process.execPath, [...clock, '--import', HOLD, `${BUILT}/main.js`], {
    cwd: AUTH,
    ...(uid !== undefined && { uid, gid: uid }),
    env: {
      NODE_ENV: 'development',
      PATH: process.env.PATH,
      ...settings,
      CLOCK_AHEAD_SECONDS: String(clockAheadSeconds),
    },
  })
  endsWithUs(child)
  return child
}

/** No process outlives the tests, however they end. */
export function endsWithUs(child: ChildProcessWithoutNullStreams): void {
  alive.add(child)
  child.once('close', () => alive.delete(child))
}

/** Resolves when it says that it listens; rejects with what it said, when it ends instead. */
export async function listens(child: ChildProcessWithoutNullStreams): Promise<AuthProcess> {
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MOST_KEPT)
    })
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended
  }
  return {
    origin: await listening(child, () => said),
    pid: child.pid ?? 0, // it has one: it said that it listens
    ended,
    said: () => said,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

/** The address that it says it listens on; with what it said instead, when it ends. */
function listening(child: ChildProcessWithoutNullStreams, said: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout.on('data', () => {
      const [, address] = /listens on ([\d.]+:\d+)/.exec(said()) ?? []
      if (address) resolve(`http://${address}`)
    })
    child.once('close', (code) => reject(new Error(`it ended at once with ${code}: ${said()}`)))
  })
}

/** For an address that has to be known before anything listens there. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
