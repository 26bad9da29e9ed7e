import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const CLOCK = new URL('clock.mjs', import.meta.url).href
const logs = fileURLToPath(new URL('test-results/logs/', import.meta.url))

/** What a server of this name has logged, in the runs before too. */
export const logOf = (name: string): string => readFileSync(join(logs, `${name}.log`), 'utf8')

export type Environment = Readonly<Record<string, string>>

interface Recipe {
  /** Names the log: `test-results/logs/<name>.log`. */
  name: string
  /** A folder of the repository. */
  folder: string
  /** What Node runs there. */
  args: readonly string[]
  port: number
  /** It is ready when this path answers anything; without it, when it listens. */
  readyAt?: string
  env: Environment
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** One server of a story, as a process of its own that can be ended and started again. */
export class Server {
  private child: ChildProcess | undefined
  private readonly recipe: Recipe

  constructor(recipe: Recipe) {
    this.recipe = recipe
  }

  /** Where other servers and a story's own requests reach it: Node does not resolve *.localhost everywhere. */
  get internalUrl(): string {
    return `http://127.0.0.1:${this.recipe.port}`
  }

  /**
   * Resolves when it answers. Rejects with what it said, when it ends instead.
   * @param clockAheadSeconds how far its clock is ahead of ours; below zero it lives in the past
   */
  async starts(clockAheadSeconds = 0): Promise<void> {
    const { name, folder, args, port, readyAt, env } = this.recipe
    if (await isTaken(port)) {
      throw new Error(`Port ${port} is taken: the browser stories need it. Is \`npm start\` still running?`)
    }
    const said = this.spawn(clockAheadSeconds)
    const child = this.child
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(50)) {
      if (child?.exitCode !== null) throw new Error(`${name} ended at once: ${said.join('').slice(-800)}`)
      const answers = () =>
        fetch(`${this.internalUrl}${readyAt}`, { redirect: 'manual' }).catch(() => undefined)
      if (await (readyAt ? answers() : isTaken(port))) return
    }
    throw new Error(
      `${name} did not answer within a minute (${folder}: ${args.join(' ')}, ${Object.keys(env)})`,
    )
  }

  /** Ends the process, as a deployment would: by SIGKILL, if it takes longer than this. */
  async stops(patienceMs = 1000): Promise<void> {
    const child = this.child
    if (child?.exitCode === null) {
      child.kill('SIGTERM')
      await Promise.race([once(child, 'exit'), pause(patienceMs)])
    }
    await this.crashes()
  }

  /** Ends it without a word (SIGKILL), as a crash would. */
  async crashes(): Promise<void> {
    const child = this.child
    this.child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** A process that was started in the past has our time from now on. */
  catchesUp(): void {
    this.child?.kill('SIGUSR2')
  }

  /** A program beside it, in its folder and with its settings; rejects with what that said when it fails. */
  async runs(args: readonly string[]): Promise<void> {
    const { folder, env } = this.recipe
    const { PATH = '', HOME = '' } = process.env
    await promisify(execFile)(process.execPath, args, {
      cwd: join(root, folder),
      env: { PATH, HOME, NODE_ENV: 'production', ...env },
    })
  }

  private spawn(clockAheadSeconds: number): string[] {
    const { name, folder, args, env } = this.recipe
    const { PATH = '', HOME = '', TMPDIR = '' } = process.env
    const clock = { NODE_OPTIONS: `--import ${CLOCK}`, CLOCK_AHEAD_SECONDS: String(clockAheadSeconds) }
    const child = spawn(process.execPath, args, {
      cwd: join(root, folder),
      env: {
        PATH,
        HOME,
        TMPDIR,
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        ...env,
        ...(clockAheadSeconds && clock),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    mkdirSync(logs, { recursive: true })
    const log = createWriteStream(join(logs, `${name}.log`), { flags: 'a' })
    const said: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        log.write(text)
        said.push(text.toString())
      })
    }
    running.add(child)
    child.once('exit', () => {
      running.delete(child)
      log.end()
    })
    this.child = child
    return said
  }
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
