import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { DayToken, fastClock } from './faults.fixture.ts'
import {
  AccessToken,
  defineToken,
  encodeStatusList,
  identifier,
  issue,
  StatusListToken,
  text,
} from './index.ts'
import {
  accessToken,
  ISSUER,
  NOON,
  stoppedClock,
  type TestKey,
  testKey,
  verifierFor,
} from './issuer.fixture.ts'

let key: TestKey
let next: TestKey
beforeAll(async () => {
  ;[key, next] = await Promise.all([testKey(), testKey()])
})
afterEach(() => vi.unstubAllEnvs())

describe('F-41: the clock is set back by an hour', () => {
  test('no token is good for longer than its life and the jump, remembered or not', async () => {
    const { now, move } = stoppedClock()
    const text = await accessToken(key.signing, { lifetimeSeconds: 300 })
    for (const mostRemembered of [10, 0]) {
      const verifier = await verifierFor(key, { now, mostRemembered })
      const goodSeconds = async (seconds: number) => {
        let good = 0
        for (let second = 0; second < seconds; second += 10, move(10)) {
          const isGood = await verifier.verify(AccessToken, text).then(
            () => true,
            () => false,
          )
          if (isGood) good += 10
        }
        return good
      }
      expect(await goodSeconds(200)).toBe(200)
      move(-3600)
      expect(await goodSeconds(3390)).toBe(0) // it starts in the future, so it is not good before its time
      expect(await goodSeconds(700)).toBe(10 + 310) // 10 s early and 10 s late: the tolerance
      move(-200 - 490)
    }
  })

  test('a token that is issued after the jump is good at once', async () => {
    const { now, move } = stoppedClock()
    const verifier = await verifierFor(key, { now })
    await verifier.verify(AccessToken, await accessToken(key.signing))
    move(-3600)
    const text = await accessToken(key.signing, { now: now() })
    await expect(verifier.verify(AccessToken, text)).resolves.toBeDefined()
  })
})

// The window of a proof of DPoP, as a kind of our own; dpop.test.ts has the real one, which has neither `iss` nor `exp`.
const Proof = defineToken({
  name: 'proof',
  typ: 'dpop+jwt',
  hasAudience: false,
  maxAgeSeconds: 0,
  says: { jti: identifier, htm: text(16), htu: text(2048) },
})

test.each([
  [10, [-10, 0, 10], [-3600, -60, -11, 11, 60, 3600]],
  [60, [-60, -11, 0, 11, 60], [-3600, -61, 61, 3600]],
])(
  'F-42: a proof is good within %d s around its iat, and not an hour off',
  async (toleranceSeconds, good, bad) => {
    const claims = { iss: ISSUER, jti: 'proof-1', htm: 'GET', htu: 'https://alder.example/api' }
    const proof = await issue(Proof, claims, { key: key.signing, now: NOON, lifetimeSeconds: 3600 })
    const verdict = async (seconds: number) => {
      const now = () => new Date(NOON.getTime() + seconds * 1000)
      const verifier = await verifierFor(key, { now, toleranceSeconds })
      return await verifier.verify(Proof, proof).then(
        () => 'good',
        (error) => error.code,
      )
    }
    for (const seconds of good) expect(await verdict(seconds), `${seconds}`).toBe('good')
    for (const seconds of bad) {
      expect(await verdict(seconds), `${seconds}`).toBe(seconds < 0 ? 'not_yet_valid' : 'too_old')
    }
  },
)

// Node knows no SIGSTOP on Windows.
const reason = process.platform === 'win32' ? ' (skipped: no process can be stopped on Windows)' : ''
test.skipIf(reason)(
  `F-43: after two hours of sleep the first answers are from fresh keys and a fresh list${reason}`,
  {
    timeout: 30_000,
  },
  async () => {
    const startedAt = Date.now()
    const now = fastClock(startedAt)
    const published = { keys: [key.publicJwk, next.publicJwk], revoked: [] as number[] }
    const asked: (string | undefined)[] = []
    let issuer = ''
    const server = createServer(async ({ url }, response) => {
      asked.push(url)
      if (url === '/jwks') return response.end(JSON.stringify({ keys: published.keys }))
      const status_list = { bits: 1, lst: await encodeStatusList(published.revoked, 8) }
      const claims = { iss: issuer, sub: `${issuer}/status/0`, ttl: 1800, status_list }
      response.end(
        await issue(StatusListToken, claims, { key: next.signing, now: now(), lifetimeSeconds: 43_200 }),
      )
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // a TCP server has no other kind of address

    const folder = await mkdtemp(join(tmpdir(), 'faults-'))
    const program = join(folder, 'child.mjs')
    const entry = fileURLToPath(new URL('./faults.child.ts', import.meta.url))
    await build({ entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'esm' })
    const child = fork(program, [issuer, String(startedAt)], { execArgv: [] })
    await once(child, 'message')
    const verdicts = new Map<string, (verdict: string) => void>()
    child.on('message', (answer: { text: string; verdict: string }) =>
      verdicts.get(answer.text)?.(answer.verdict),
    )
    const ask = (text: string) =>
      new Promise<string>((resolve) => {
        verdicts.set(text, resolve)
        child.send(text)
      })
    const token = (signer: TestKey, idx: number) =>
      issue(
        DayToken,
        {
          iss: issuer,
          aud: 'site',
          sub: 'alice',
          client_id: 'site',
          jti: `${idx}`,
          status: { status_list: { idx, uri: `${issuer}/status/0` } },
        },
        { key: signer.signing, now: now(), lifetimeSeconds: 86_000 },
      )

    try {
      const texts = await Promise.all([token(key, 0), token(next, 1), token(next, 2)])
      const good = async () => expect(await Promise.all(texts.map(ask))).toEqual(['good', 'good', 'good'])
      // An hour is a second here, so on a busy machine the first list may have grown old on its way.
      await vi.waitFor(good, { timeout: 10_000, interval: 200 })

      await pause(500) // so that no answer is under way when it stops
      child.kill('SIGSTOP')
      published.keys = [next.publicJwk]
      published.revoked = [1]
      asked.length = 0
      await pause(2_000)
      const answers = texts.map(ask) // they wait for it: all three are the first
      child.kill('SIGCONT')
      expect(await Promise.all(answers)).toEqual(['unknown_key', 'revoked', 'good'])
      expect(new Set(asked)).toEqual(new Set(['/jwks', '/status/0']))
    } finally {
      child.kill('SIGKILL')
      server.close()
      await rm(folder, { recursive: true })
    }
  },
)

describe('F-44: nothing changes', () => {
  test.each([
    ['the last second of 31 bits', '2038-01-19T03:14:07Z'],
    ['the last second of 32 bits', '2106-02-07T06:28:15Z'],
    ['a leap second, which the seconds since 1970 do not count', '2016-12-31T23:59:59Z'],
    ['a leap day', '2028-02-29T23:59:59Z'],
    ['the night when New York loses an hour', '2027-03-14T06:59:59Z'],
    ['the night when New York has an hour twice', '2026-11-01T05:59:59Z'],
  ])('for a token that lives across %s', async (_, moment) => {
    vi.stubEnv('TZ', 'America/New_York')
    expect(new Date('2026-07-01T12:00:00Z').getHours()).toBe(8)
    const issuedAt = new Date(moment).getTime()
    const token = await accessToken(key.signing, { now: new Date(issuedAt), lifetimeSeconds: 300 })
    let seconds = 0
    const verifier = await verifierFor(key, {
      now: () => new Date(issuedAt + seconds * 1000),
      toleranceSeconds: 0,
    })
    for (seconds of [0, 1, 2, 299]) await expect(verifier.verify(AccessToken, token)).resolves.toBeDefined()
    for (seconds of [300, 301, 900]) {
      await expect(verifier.verify(AccessToken, token)).rejects.toMatchObject({ code: 'expired' })
    }
    for (seconds of [-1, -3600]) {
      await expect(verifier.verify(AccessToken, token)).rejects.toMatchObject({ code: 'not_yet_valid' })
    }
  })
})
