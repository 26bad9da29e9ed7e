import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUILT } from './testing/built.fixture.ts'

const AUTH = fileURLToPath(new URL('..', import.meta.url))

let folder: string
let server: ChildProcess
let port: number
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headers-'))
  await writeFile(join(folder, 'seed.json'), '{}')
  server = spawn(process.execPath, [`${BUILT}/main.js`], {
    cwd: AUTH,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      LOG_LEVEL: 'error',
      AUTH_SECRET: 'a secret for this test that is long enough',
      DATABASE_URL: `file:${join(folder, 'auth.db')}`,
      SEED_FILE: join(folder, 'seed.json'),
    },
  })
  port = await new Promise<number>((resolve, reject) => {
    server.stdout?.setEncoding('utf8').on('data', (said: string) => {
      const [, at] = /^auth listens on [\d.]+:(\d+) /.exec(said) ?? []
      if (at) resolve(Number(at))
    })
    server.once('close', () => reject(new Error('the server ended')))
  })
}, 30_000)
afterAll(async () => {
  const hasEnded = new Promise((resolve) => server.once('close', resolve))
  server.kill('SIGTERM')
  await hasEnded
  await rm(folder, { recursive: true })
})

/** Sends these lines as they are, and reads what comes back. */
async function answerTo(lines: string[], path = '/account', method = 'GET'): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: auth.localhost:4000\r\nConnection: close\r\n`)
  socket.write(`${lines.map((line) => `${line}\r\n`).join('')}\r\n`)
  let said = ''
  try {
    for await (const piece of socket.setEncoding('utf8')) said += piece
  } catch (error) {
    // Who goes on sending to a server that has hung up is told so, perhaps before the answer was read.
    if (!(error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) throw error
  }
  return said
}

async function statusOf(lines: string[], path?: string): Promise<number> {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(await answerTo(lines, path))?.[1])
}
const times = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n))

describe('F-62 headers and cookies, on the wire', () => {
  test.each<[string, string[], number]>([
    ['15 KB of a header are read', [`x-long: ${'x'.repeat(15_000)}`], 200],
    ['17 KB are not', [`x-long: ${'x'.repeat(17_000)}`], 431],
    ['17 KB of cookies are not', [`cookie: a=${'x'.repeat(17_000)}`], 431],
    ['a hundred cookies are read', [`cookie: ${times(100, (n) => `c${n}=${n}`).join('; ')}`], 200],
    ['a cookie of ours that is 15 KB is no session', [`cookie: __Host-sso=${'x'.repeat(15_000)}`], 200],
    ['our cookies a hundred times over are no session', times(100, (n) => `cookie: __Host-sso=${n}.x`), 200],
    ['two hundred lines are read', times(200, (n) => `x-line-${n}: ${n}`), 200],
    ['of three thousand lines Node reads the first thousand', times(3_000, (n) => `x${n}: 1`), 200],
    ['a line without a name', [': nothing'], 400],
    ['a line with a NUL', ['x-nul: a\0b'], 400],
  ])('%s', async (_, lines, status) => {
    expect(await statusOf(lines)).toBe(status)
    expect(await statusOf([], '/healthz')).toBe(200) // the process lives
  })

  const jar = [`cookie: ${times(40, (n) => `planted${n}=${'x'.repeat(500)}`).join('; ')}`]

  test('a person whose cookies are too many gets a page with a button that clears them, and its style', async () => {
    const page = await answerTo(jar)
    expect(page).toMatch(/^HTTP\/1\.1 431 /)
    expect(page).toContain('content-security-policy: default-src')
    expect(page).toMatch(/<form[^>]+method="post" action="\/cookies"/)
    expect(page).not.toMatch(/clear-site-data/i)
    const style = /href="(\/assets\/grove\.css[^"]*)"/.exec(page)?.[1]
    expect(await statusOf(jar, style)).toBe(200)
  })

  test('the button clears them, and no other site can press it', async () => {
    const pressed = (site: string) => answerTo([...jar, `sec-fetch-site: ${site}`], '/cookies', 'POST')
    const cleared = await pressed('same-origin')
    expect(cleared).toMatch(/^HTTP\/1\.1 303 /)
    expect(cleared).toMatch(/\r\nlocation: \/\r\n/i)
    expect(cleared).toMatch(/\r\nclear-site-data: "cookies"\r\n/i)
    for (const site of ['cross-site', 'same-site']) {
      const refused = await pressed(site)
      expect(refused).toMatch(/^HTTP\/1\.1 403 /)
      expect(refused).not.toMatch(/clear-site-data/i)
    }
  })

  test('a long address clears nobody’s cookies, and offers it to nobody', async () => {
    const refused = await answerTo(['cookie: __Host-sso=a.b'], `/?${'x'.repeat(17_000)}`)
    expect(refused).toMatch(/^HTTP\/1\.1 [24]00 /)
    expect(refused).not.toMatch(/action="\/cookies"|clear-site-data/i)
  })

  test('a program is told so in JSON', async () => {
    const refused = await answerTo(jar, '/userinfo')
    expect(refused).toMatch(/^HTTP\/1\.1 431 /)
    expect(refused).toMatch(/"error":"invalid_request"/)
  })

  test('more than 64 KB is not read at all', async () => {
    const said = await answerTo([`cookie: a=${'x'.repeat(70_000)}`])
    expect(said.split('\r\n')[0]).toBe(said && 'HTTP/1.1 431 Request Header Fields Too Large')
    expect(said).not.toContain('<html')
    expect(await statusOf([], '/healthz')).toBe(200)
  })
})
