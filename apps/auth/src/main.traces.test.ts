import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const AUTH = fileURLToPath(new URL('..', import.meta.url))
// Says at the end which of OpenTelemetry's libraries were loaded. (prom-client loads the interfaces, `api`, by itself.)
const PROBE = `data:text/javascript,${encodeURIComponent(`
  import { createRequire } from 'node:module'
  const { cache } = createRequire('file:///')
  const names = () => Object.keys(cache).map((name) => /node_modules.@opentelemetry.([^\\\\/]+)/.exec(name)?.[1])
  process.on('exit', () => console.log('loaded:', ...new Set(names().filter((name) => name && name !== 'api'))))
`)}`

let folder: string
let settings: Record<string, string>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'traces-'))
  const seed = join(folder, 'seed.json')
  await writeFile(seed, '{}')
  settings = {
    PORT: '0',
    DATABASE_URL: `file:${join(folder, 'auth.db')}`,
    SEED_FILE: seed,
    AUTH_SECRET: 'a secret of thirty-two characters or more',
  }
})
afterAll(() => rm(folder, { recursive: true }))

interface Process {
  origin: string
  /** Sends SIGTERM; its exit code, and all that it said. */
  end(): Promise<{ code: number | null; said: string }>
}

async function start(env: Record<string, string>): Promise<Process> {
  const child = spawn(process.execPath, ['--import', PROBE, '--import', 'tsx', 'src/main.ts'], {
    cwd: AUTH,
    env: { PATH: process.env.PATH, ...settings, ...env },
  })
  let said = ''
  const ended = once(child, 'close')
  const origin = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (more: string) => {
        said += more
        const [, address] = /listens on ([\d.]+:\d+)/.exec(said) ?? []
        if (address) resolve(`http://${address}`)
      })
    }
    child.once('close', () => reject(new Error(said)))
  })
  return { origin, end: () => end(child, ended).then((code) => ({ code, said })) }
}

async function end(child: ChildProcessWithoutNullStreams, ended: Promise<unknown[]>): Promise<number | null> {
  child.kill('SIGTERM')
  await ended
  return child.exitCode
}

/** A receiver for OTLP over HTTP, as a collector is one. `answers: false` takes everything and says nothing. */
async function receiver(answers: boolean): Promise<{ address: string; received: string[]; server: Server }> {
  const received: string[] = []
  const server = createServer(async (request, response) => {
    received.push(`${request.method} ${request.url} ${await text(request)}`)
    if (answers) response.setHeader('content-type', 'application/json').end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo // it listens at a port
  return { address: `http://127.0.0.1:${port}`, received, server }
}

test('without the setting nothing for traces is loaded, and no line of the log speaks of them', async () => {
  const auth = await start({ OTEL_SERVICE_NAME: 'auth' })
  expect((await fetch(`${auth.origin}/jwks`)).status).toBe(200)
  const { code, said } = await auth.end()
  expect(code).toBe(0)
  expect(said).toMatch(/^loaded:$/m)
  expect(said).toContain('"route":"/jwks"')
  expect(said).not.toContain('trace_id')
}, 30_000)

test('with it the spans of the last requests are sent before a process that is told to stop has ended', async () => {
  const { address, received, server } = await receiver(true)
  const auth = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: address,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_BSP_SCHEDULE_DELAY: '3600000', // never by itself
  })
  expect((await fetch(`${auth.origin}/userinfo`)).status).toBe(401)
  expect(received).toEqual([])
  const { code, said } = await auth.end()
  server.close()
  expect(code).toBe(0)
  expect(said).toMatch(/^loaded: .*\bsdk-trace\b/m)
  expect(received).toHaveLength(1)
  expect(received[0]).toMatch(/^POST \/v1\/traces \{/)
  const traceId = /"trace_id":"([0-9a-f]{32})"/.exec(said)?.[1]
  expect(received[0]).toContain(`"traceId":"${traceId}"`)
  for (const part of ['"GET /userinfo"', '"service.name"', '"auth"', '"deployment.environment.name"'])
    expect(received[0]).toContain(part)
}, 30_000)

test('a receiver that never answers fails no request, and keeps no process alive', async () => {
  const { address, received, server } = await receiver(false)
  const auth = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: address,
    OTEL_BSP_SCHEDULE_DELAY: '1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '3600000',
  })
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => fetch(`${auth.origin}/userinfo`)))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(401))
  }
  expect((await auth.end()).code).toBe(0)
  expect(received.length).toBeGreaterThan(0)
  server.closeAllConnections()
  server.close()
}, 60_000)
