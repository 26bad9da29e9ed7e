import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { ISSUER } from '@grove/auth/testing'
import type { Cluster } from './cluster.ts'
import type { Tally } from './fault.ts'
import { millisecondsOf, percentile } from './measured.ts'
import { open, requestText } from './wire.ts'

const READERS = 2
const READS = 200
// docs/limits.md, and how often the server looks, and what this machine may be late.
const LIMITS = { headers: 10_000, body: 30_000, late: 10_000 }
const REST_MS = 50_000

interface Kind {
  name: string
  begins: string
  /** Each second. */
  adds: string
  limitMs: number
}
const KINDS: readonly Kind[] = [
  { name: 'says nothing', begins: '', adds: '', limitMs: LIMITS.headers },
  {
    name: 'a header a second',
    begins: 'GET /jwks HTTP/1.1\r\n',
    adds: 'x-slow: 1\r\n',
    limitMs: LIMITS.headers,
  },
  {
    name: 'a byte of a body a second',
    begins: requestText(
      'POST /token',
      'Content-Type: application/x-www-form-urlencoded',
      'Content-Length: 1000',
    ),
    adds: 'x',
    limitMs: LIMITS.body,
  },
]

/** F-64: who lets the server wait is cut off in time, and nobody else notices. */
export async function waiters(cluster: Cluster, ofEach: number, tally: Tally): Promise<void> {
  const origin = cluster.processes[0]?.origin ?? ''
  const probes = askAllTheTime(cluster, tally)
  const unread = Array.from({ length: READERS }, () => doesNotRead(origin))
  await Promise.all(
    KINDS.map(async (kind) => {
      const lives = await Promise.all(Array.from({ length: ofEach }, () => lifeOf(origin, kind)))
      const longest = Math.max(...lives)
      tally.count(`${kind.name}: cut off`, lives.length)
      tally.measure(`${kind.name}: cut off after`, `${(longest / 1_000).toFixed(1)} s at most`)
      tally.expect(longest < kind.limitMs + LIMITS.late, `${kind.name}: lived for ${longest} ms`)
    }),
  )
  for (const { socket, startedAt } of unread) {
    await pause(Math.max(0, startedAt + REST_MS - performance.now()))
    const answers = await restOf(socket)
    tally.expect(answers < READS, 'who did not read its answers for 50 s got all of them')
    tally.count('does not read: cut off')
  }
  await probes.end()
}

async function lifeOf(origin: string, { begins, adds }: Kind): Promise<number> {
  const socket = open(origin).resume()
  const startedAt = performance.now()
  if (begins) socket.write(begins)
  const timer = setInterval(() => adds && socket.writable && socket.write(adds), 1_000)
  await new Promise((resolve) => socket.once('close', resolve))
  clearInterval(timer)
  return performance.now() - startedAt
}

/** So many answers do not fit between here and there. */
function doesNotRead(origin: string): { socket: Socket; startedAt: number } {
  const socket = open(origin).pause()
  socket.write('GET /openapi.json HTTP/1.1\r\nHost: auth.localhost:4000\r\n\r\n'.repeat(READS))
  return { socket, startedAt: performance.now() }
}

/** How many whole answers are left to read. */
async function restOf(socket: Socket): Promise<number> {
  let text = ''
  socket.setEncoding('latin1').on('data', (piece) => {
    text += piece
  })
  const over = new Promise((resolve) => socket.once('close', resolve))
  socket.resume().end()
  await over
  return text.split('HTTP/1.1 200').length - 1
}

function askAllTheTime(cluster: Cluster, tally: Tally): { end(): Promise<void> } {
  const times: number[] = []
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      for (const path of ['/jwks', '/.well-known/openid-configuration', '/healthz'])
        times.push(
          await millisecondsOf(async () =>
            tally.same(`${path} meanwhile`, (await cluster.at(0).fetch(ISSUER + path)).status, 200),
          ),
        )
      await pause(100)
    }
  })()
  return {
    async end() {
      isOver = true
      await asking
      tally.measure(
        'others',
        `p50 ${percentile(times, 0.5)}, p99 ${percentile(times, 0.99)} of ${times.length}`,
      )
    },
  }
}
