import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const PROBE = fileURLToPath(new URL('probe.mjs', import.meta.url))
// Grove reads a large SQLite file once before it answers.
const READY_WITHIN_MS = 180_000
const STOPPED_WITHIN_MS = 15_000

/** What a server has used since it started, by its own account: threads are in it, children would not be. */
export interface Usage {
  cpuMicros: number
  /** Bytes. */
  rss: number
  heapUsed: number
}

/** How to start a server that answers at `issuer`. */
export interface Command {
  /** Of Node, in front of which the probe is put. */
  args: readonly string[]
  cwd: string
  env: Record<string, string>
}

export interface Health extends Usage {
  /** Sockets, timers and requests that keep it busy. */
  handles: number
  /** How late the event loop was, in milliseconds, since the question before. */
  delayMs: Record<'typical' | 'late' | 'most', number>
}

/** A provider in a process of its own. */
export interface Server {
  issuer: string
  usage(): Promise<Usage>
  /** After a collection of garbage. */
  collected(): Promise<Usage>
  health(): Promise<Health>
  /** Does now what it does every ten minutes or less often. */
  rareWork(): Promise<{ tookMs: number }>
  /** Microseconds of CPU of the database's own processes, where it has some. */
  databaseMicros?(): Promise<number>
  /** Asks it to end, as its operator would. */
  stop(): Promise<void>
}

/** @throws Error with its last words if it does not answer within three minutes */
export async function startServer(name: string, commandFor: (port: number) => Command): Promise<Server> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const { args, cwd, env } = commandFor(port)
  const child = spawn(process.execPath, ['--import', PROBE, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  running.add(child)
  const words = lastWords(child)
  child.once('exit', () => running.delete(child))
  await answers(issuer, child, () => `${name} did not start: ${words()}`)
  return {
    issuer,
    usage: () => ask(child, 'usage'),
    collected: () => ask(child, 'collected'),
    health: () => ask(child, 'health'),
    rareWork: () => ask(child, 'rareWork'),
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS)
      if (child.exitCode === null) await once(child, 'exit')
      clearTimeout(late)
    },
  }
}

let questions = 0

/** What the probe in that process says. */
function ask<Answer>(child: ChildProcess, question: string): Promise<Answer> {
  const id = questions++
  return new Promise((resolve, reject) => {
    const hear = (said: { id: number; answer: Answer }) => {
      if (said.id !== id) return
      child.off('message', hear).off('exit', end)
      resolve(said.answer)
    }
    const end = () => reject(new Error('the server ended'))
    child.on('message', hear).once('exit', end)
    child.send({ id, question })
  })
}

const running = new Set<ChildProcess>()
// However the bench ends, no server is left behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port')
  return address.port
}

async function answers(issuer: string, child: ChildProcess, words: () => string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(`${issuer}/.well-known/openid-configuration`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((wake) => setTimeout(wake, 100))
  }
  child.kill('SIGKILL')
  throw new Error(words())
}

function lastWords(child: ChildProcess): () => string {
  let said = ''
  const hear = (text: Buffer) => {
    said = (said + text).slice(-2_000)
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  return () => said.trim()
}
