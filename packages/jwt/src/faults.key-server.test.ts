import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { finished } from 'node:stream/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type KeySource, KeysUnavailableError, remoteKeys } from './index.ts'
import { keysFrom, stoppedClock, type TestKey, testKey } from './issuer.fixture.ts'

let key: TestKey
let other: TestKey
let isRepaired = false
let hugeBytesSent = 0
const server = createServer(({ url = '' }, response) => {
  if (isRepaired) return void answers['/good']?.(response)
  answers[url]?.(response)
})
let address = ''
beforeAll(async () => {
  ;[key, other] = await Promise.all([testKey(), testKey()])
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // a TCP server has no other kind of address
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const MEGABYTE = 1_000_000
const good = () => JSON.stringify({ keys: [key.publicJwk] })
/** A good key set and a hundred megabytes of white space behind it: whoever reads it all finds nothing wrong. */
const bomb = () =>
  Buffer.concat([gzipSync(good()), ...Array(100).fill(gzipSync(Buffer.alloc(MEGABYTE, ' ')))])
const gzipped = (response: ServerResponse, encoding: string, body: Buffer) =>
  response.writeHead(200, { 'content-encoding': encoding }).end(body)

const answers: Record<string, (response: ServerResponse) => unknown> = {
  '/good': (response) => response.end(good()),
  '/slow': (response) => setTimeout(() => response.end(good()), 2_500),
  '/zipped': (response) => gzipped(response, 'gzip', gzipSync(good())),
  '/mixed': (response) =>
    response.end(
      JSON.stringify({
        keys: [
          { kty: 'oct', k: 'AAAA', kid: key.signing.kid.toLowerCase() },
          { ...other.privateJwk, kid: 'private' },
          { ...other.publicJwk, kid: 'twice' },
          { ...other.publicJwk, kid: 'twice' },
          key.publicJwk,
        ],
      }),
    ),
  '/hangs': () => {},
  '/hangs-in-the-middle': (response) => response.write(good().slice(0, 20)),
  '/trickles': (response) => {
    response.write(good())
    const trickle = setInterval(() => response.write(' '), 100)
    response.once('close', () => clearInterval(trickle))
  },
  '/huge': async (response) => {
    response.writeHead(200, { 'content-length': 100 * MEGABYTE })
    const closed = finished(response).catch(() => 'cut off')
    for (let sent = 0; sent < 100 * MEGABYTE && !response.destroyed; sent += MEGABYTE) {
      hugeBytesSent += MEGABYTE
      if (!response.write(Buffer.alloc(MEGABYTE, ' '))) await Promise.race([once(response, 'drain'), closed])
    }
  },
  '/bomb': (response) => gzipped(response, 'gzip', bomb()),
  '/bomb-in-a-bomb': (response) => gzipped(response, 'gzip, gzip', gzipSync(bomb())),
  '/html': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
  '/moved': (response) => response.writeHead(302, { location: '/good' }).end(),
  '/ten-thousand': (response) => response.end(`{"keys":[${'{},'.repeat(10_000)}${good().slice(9)}`),
  '/fails': (response) => response.writeHead(500).end(good()),
}

const USABLE = ['/good', '/slow', '/zipped', '/mixed']

test('F-55, JW-25: a key server that is slow, hangs, trickles, floods, packs bombs or talks nonsense costs 3 s and little memory', {
  timeout: 20_000,
}, async () => {
  const { now, move } = stoppedClock()
  const wanted = { alg: 'ES256' as const, kid: key.signing.kid }
  const sources = Object.keys(answers).map(
    (path) => [path, remoteKeys({ url: address + path, now })] as const,
  )
  const outcome = (source: KeySource) =>
    keysFrom(source, wanted).then(
      ({ length }) => `${length} key`,
      (error) => (error instanceof KeysUnavailableError ? 'unavailable' : error),
    )
  const outcomes = async () =>
    Object.fromEntries(
      await Promise.all(sources.map(async ([path, source]) => [path, await outcome(source)] as const)),
    )

  const startedAt = Date.now()
  const memory = watchMemory()
  const first = await outcomes()
  const grown = memory.stop()
  expect(first).toEqual(
    Object.fromEntries(sources.map(([path]) => [path, USABLE.includes(path) ? '1 key' : 'unavailable'])),
  )
  expect(Date.now() - startedAt).toBeLessThan(8_000) // all at once: the limit is 3 s, the rest is a busy machine
  expect(grown).toBeLessThan(40 * MEGABYTE)
  expect(hugeBytesSent).toBeLessThan(20 * MEGABYTE)

  isRepaired = true
  move(31)
  expect(new Set(Object.values(await outcomes()))).toEqual(new Set(['1 key']))
})

// Before Node 24 fetch alone would lose sight of its signal once the garbage was collected.
test('F-55: an issuer that trickles is given 3 s, also when garbage is collected meanwhile', {
  timeout: 20_000,
}, async () => {
  isRepaired = false
  setFlagsFromString('--expose-gc')
  const collector = setInterval(runInNewContext('gc'), 100)
  const source = remoteKeys({ url: `${address}/trickles` })
  await expect(keysFrom(source, { alg: 'ES256' })).rejects.toThrow(KeysUnavailableError)
  clearInterval(collector)
})

/** How much memory outside of the heap was held at most, in bytes more than at the start. */
function watchMemory() {
  const held = () => process.memoryUsage().external
  const atStart = held()
  let most = atStart
  const look = () => {
    most = Math.max(most, held())
  }
  const timer = setInterval(look, 5)
  return {
    stop() {
      clearInterval(timer)
      look()
      return most - atStart
    },
  }
}
