import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { AccessToken, generateKey, KeysUnavailableError, remoteKeys } from './index.ts'
import {
  accessToken,
  ISSUER,
  keysFrom,
  stoppedClock,
  type TestKey,
  testKey,
  verifierOf,
} from './issuer.fixture.ts'

const url = `${ISSUER}/jwks`
let key: TestKey
let other: TestKey
beforeAll(async () => {
  key = await testKey()
  other = await testKey()
})
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0) // the shortest jitter: half of the back-off
})
afterEach(() => vi.restoreAllMocks())

/** An issuer that counts who asks, and can be down. */
function jwksEndpoint(keys: unknown[] = [key.publicJwk]) {
  const clock = stoppedClock()
  const endpoint = {
    ...clock,
    keys,
    isDown: false,
    fetchedAt: [] as number[],
    fetch: async () => {
      endpoint.fetchedAt.push(clock.now().getTime() / 1000)
      if (endpoint.isDown) throw new TypeError('connection refused')
      return Response.json({ keys: endpoint.keys })
    },
    /** A site that has just been started. */
    site: () => {
      const source = remoteKeys({ url, fetch: endpoint.fetch, now: clock.now })
      return { source, verifier: verifierOf(source, { now: clock.now }) }
    },
    token: (signer = key) => accessToken(signer.signing, { now: clock.now(), lifetimeSeconds: 900 }),
  }
  return endpoint
}
const wanted = (signer: TestKey) => ({ alg: 'ES256' as const, kid: signer.signing.kid })

test('the keys are fetched once, whoever asks and however many at once (JW-24)', async () => {
  const endpoint = jwksEndpoint()
  const { source } = endpoint.site()
  const found = await Promise.all(Array.from({ length: 50 }, () => keysFrom(source, wanted(key))))
  expect(found.every(([first]) => first !== undefined)).toBe(true)
  expect(endpoint.fetchedAt).toHaveLength(1)
})

describe('the issuer is down', () => {
  test('with a warm cache good tokens pass for an hour, and it is asked ever more seldom (F-51)', async () => {
    const endpoint = jwksEndpoint()
    const { verifier, source } = endpoint.site()
    await verifier.verify(AccessToken, await endpoint.token())
    endpoint.isDown = true
    endpoint.move(301)
    for (let second = 0; second < 600; second++) {
      if (second % 100 === 0) await verifier.verify(AccessToken, await endpoint.token())
      expect(await keysFrom(source, wanted(key))).toHaveLength(1)
      await new Promise(setImmediate) // the failure in the background arrives
      endpoint.move(1)
    }
    const [, first = 0, ...later] = endpoint.fetchedAt
    const gaps = later.map((at, n) => at - ([first, ...later][n] ?? 0))
    expect(gaps.slice(0, 6)).toEqual([1, 1, 2, 4, 8, 15])
    expect(gaps.slice(6).every((gap) => gap >= 15)).toBe(true)

    endpoint.isDown = false
    endpoint.move(30)
    await keysFrom(source, wanted(key))
    await new Promise(setImmediate)
    endpoint.isDown = true
    endpoint.move(3601)
    await expect(keysFrom(source, wanted(key))).rejects.toThrow(KeysUnavailableError)
  })

  test('with a cold cache nobody can tell, and it is not asked for each token (F-52)', async () => {
    const endpoint = jwksEndpoint()
    endpoint.isDown = true
    const { verifier } = endpoint.site()
    const text = await endpoint.token()
    for (let n = 0; n < 200; n++) {
      await expect(verifier.verify(AccessToken, text)).rejects.toThrow(KeysUnavailableError)
    }
    expect(endpoint.fetchedAt).toHaveLength(1)
    endpoint.isDown = false
    endpoint.move(1)
    await expect(verifier.verify(AccessToken, text)).resolves.toBeDefined()
  })

  test('an unknown kid cannot be told from a new one, so it is no bad token', async () => {
    const endpoint = jwksEndpoint()
    const { verifier } = endpoint.site()
    await verifier.verify(AccessToken, await endpoint.token())
    endpoint.isDown = true
    endpoint.move(31)
    await expect(verifier.verify(AccessToken, await endpoint.token(other))).rejects.toThrow(
      KeysUnavailableError,
    )
  })

  test('jitter keeps many sites from asking in step', async () => {
    vi.mocked(Math.random).mockReturnValue(0.99)
    const endpoint = jwksEndpoint()
    endpoint.isDown = true
    const { source } = endpoint.site()
    for (const seconds of [0.6, 0.3]) {
      await expect(keysFrom(source, wanted(key))).rejects.toThrow(KeysUnavailableError)
      expect(endpoint.fetchedAt).toHaveLength(1) // with the shortest jitter it would be asked after 0.5 s
      endpoint.move(seconds)
    }
  })
})

describe('keys change', () => {
  test('a key that was published before it signs is known without a failure (F-53)', async () => {
    const endpoint = jwksEndpoint()
    const { verifier } = endpoint.site()
    await verifier.verify(AccessToken, await endpoint.token())
    endpoint.keys = [key.publicJwk, other.publicJwk]
    endpoint.move(31) // the first token of the new key is what makes the site look
    await expect(verifier.verify(AccessToken, await endpoint.token(other))).resolves.toBeDefined()
    await expect(verifier.verify(AccessToken, await endpoint.token(key))).resolves.toBeDefined()
    expect(endpoint.fetchedAt).toHaveLength(2)
  })

  test('JW-24: a key that signs a moment after the keys were fetched is looked for at once; the next unknown one waits its 30 seconds', async () => {
    const endpoint = jwksEndpoint()
    const { source, verifier } = endpoint.site()
    await verifier.verify(AccessToken, await endpoint.token())
    endpoint.keys = [other.publicJwk]
    endpoint.move(1)
    await expect(verifier.verify(AccessToken, await endpoint.token(other))).resolves.toBeDefined()
    expect(endpoint.fetchedAt).toHaveLength(2)
    for (const seconds of [0, 29]) {
      endpoint.move(seconds)
      expect(await keysFrom(source, { alg: 'ES256', kid: 'nobody knows it' })).toEqual([])
    }
    expect(endpoint.fetchedAt).toHaveLength(2)
    endpoint.move(2)
    expect(await keysFrom(source, { alg: 'ES256', kid: 'nobody knows it' })).toEqual([])
    expect(endpoint.fetchedAt).toHaveLength(3)
  })

  test('the revision grows with each change and stays with each repetition', async () => {
    const endpoint = jwksEndpoint()
    const { source } = endpoint.site()
    const revisions: unknown[] = []
    for (const keys of [
      [key.publicJwk],
      [key.publicJwk],
      [key.publicJwk, other.publicJwk],
      [other.publicJwk],
    ]) {
      endpoint.keys = keys
      await keysFrom(source, wanted(key))
      revisions.push(source.revision())
      endpoint.move(601)
    }
    expect(revisions).toEqual([1, 1, 2, 3])
  })

  test('a removed key is refused within ten minutes, also for a token that is remembered (F-54)', async () => {
    for (const pause of [1, 301, 601]) {
      const endpoint = jwksEndpoint()
      const { verifier } = endpoint.site()
      const text = await endpoint.token()
      await verifier.verify(AccessToken, text)
      endpoint.keys = [other.publicJwk]
      const outcomes: string[] = []
      for (let at = 0; at <= 602; at += pause) {
        outcomes.push(
          await verifier.verify(AccessToken, text).then(
            () => 'good',
            (error) => error.code,
          ),
        )
        endpoint.move(pause)
      }
      expect(outcomes.at(-1), `asked every ${pause} s`).toBe('unknown_key')
    }
  })

  test('after an outage all is as before it: a removed key goes as soon', async () => {
    const endpoint = jwksEndpoint()
    const { source } = endpoint.site()
    await keysFrom(source, wanted(key))
    endpoint.isDown = true
    endpoint.move(301)
    await keysFrom(source, wanted(key))
    await new Promise(setImmediate)
    endpoint.isDown = false
    endpoint.move(30)
    await keysFrom(source, wanted(key))
    await new Promise(setImmediate)
    endpoint.keys = [other.publicJwk]
    endpoint.move(601)
    expect(await keysFrom(source, wanted(key))).toEqual([])
  })

  test('a clock that is set back does not keep the old keys for ever (F-41)', async () => {
    const endpoint = jwksEndpoint()
    const { source } = endpoint.site()
    await keysFrom(source, wanted(key))
    endpoint.keys = [other.publicJwk]
    endpoint.move(-1800)
    expect(await keysFrom(source, wanted(key))).toEqual([])

    endpoint.isDown = true
    endpoint.move(-3700)
    await expect(keysFrom(source, wanted(other))).rejects.toThrow(KeysUnavailableError)
    endpoint.isDown = false
    endpoint.move(-3700)
    expect(await keysFrom(source, wanted(other))).toHaveLength(1)
  })

  test('after two hours of sleep the first answer is from fresh keys (F-43)', async () => {
    const endpoint = jwksEndpoint()
    const { source } = endpoint.site()
    await keysFrom(source, wanted(key))
    endpoint.keys = [other.publicJwk]
    endpoint.move(7200)
    expect(await keysFrom(source, wanted(key))).toEqual([])
  })
})

describe('a strange key set (F-55, JW-25)', () => {
  test('bad entries are ignored, the good key among them works', async () => {
    const spoiled = { ...other.publicJwk, kid: 'spoiled' }
    const endpoint = jwksEndpoint([
      null,
      7,
      'key',
      [],
      {},
      { kty: 'oct', k: 'AAAA', kid: 'symmetric' },
      { ...other.privateJwk, kid: 'private' },
      { ...spoiled, key_ops: 7 },
      { ...spoiled, kid: { toString: 'x' }, x: ['a'] },
      { ...other.publicJwk, kid: 'twice' },
      { ...other.publicJwk, kid: 'twice' },
      key.publicJwk,
    ])
    const { source } = endpoint.site()
    expect(await keysFrom(source, wanted(key))).toHaveLength(1)
    expect(await keysFrom(source, { alg: 'ES256' })).toHaveLength(1)
    for (const kid of ['symmetric', 'private', 'spoiled', 'twice']) {
      expect(await keysFrom(source, { alg: 'ES256', kid })).toEqual([])
      expect(await keysFrom(source, { alg: 'HS256', kid })).toEqual([])
    }
  })

  test('more than fifty keys are no key set, and the last good one stays', async () => {
    const many = await Promise.all(Array.from({ length: 50 }, () => generateKey('ES256')))
    const endpoint = jwksEndpoint([key.publicJwk])
    const { source } = endpoint.site()
    await keysFrom(source, wanted(key))
    endpoint.keys = many.map(({ publicJwk }) => publicJwk).concat(key.publicJwk)
    endpoint.move(601)
    expect(await keysFrom(source, wanted(key))).toHaveLength(1)
    expect(source.revision()).toBe(1)
    await expect(keysFrom(endpoint.site().source, wanted(key))).rejects.toThrow(KeysUnavailableError)
    endpoint.keys = endpoint.keys.slice(1)
    expect(await keysFrom(endpoint.site().source, wanted(key))).toHaveLength(1)
  })

  test.each([
    ['HTML', () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } })],
    ['nothing', () => new Response(null)],
    ['an array', () => Response.json([])],
    ['no list', () => Response.json({ keys: { 0: key.publicJwk } })],
    ['a failure that looks like a set', () => Response.json({ keys: [key.publicJwk] }, { status: 500 })],
    ['half a set', () => new Response('{"keys":[{"kty"')],
  ])('%s is no key set', async (_, answer) => {
    const source = remoteKeys({ url, fetch: async () => answer() })
    await expect(keysFrom(source, wanted(key))).rejects.toThrow(KeysUnavailableError)
  })

  test('an answer without end is left after 100 kB, whatever its headers say', async () => {
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 16_384
        controller.enqueue(new Uint8Array(16_384).fill(0x20))
      },
    })
    const headers = { 'content-length': '10' }
    const source = remoteKeys({ url, fetch: async () => new Response(endless, { headers }) })
    await expect(keysFrom(source, wanted(key))).rejects.toThrow(KeysUnavailableError)
    expect(sent).toBeLessThan(200_000)
  })
})

describe('over HTTP (JW-25)', () => {
  async function served(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await new Promise((listening) => server.once('listening', listening))
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`) // a TCP server has no other kind of address
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  test('a key set is fetched; a redirect to the same set is not followed', async () => {
    const asked: (string | undefined)[] = []
    const body = JSON.stringify({ keys: [key.publicJwk] })
    await served(
      (request, response) => {
        asked.push(request.url)
        if (request.url === '/moved') response.writeHead(302, { location: '/jwks' }).end()
        else response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      },
      async (address) => {
        expect(await keysFrom(remoteKeys({ url: address }), wanted(key))).toHaveLength(1)
        const moved = remoteKeys({ url: address.replace('/jwks', '/moved') })
        await expect(keysFrom(moved, wanted(key))).rejects.toThrow(KeysUnavailableError)
      },
    )
    expect(asked).toEqual(['/jwks', '/moved'])
  })

  test.each([
    'http://auth.example/jwks',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'http://10.0.0.7',
    'http://localhost@evil.example',
    'file:///etc/passwd',
    'data:application/json,{}',
    'ftp://localhost/jwks',
  ])('keys never come from %s', (address) => expect(() => remoteKeys({ url: address })).toThrow(TypeError))
  test.each([
    'https://auth.example/jwks',
    'http://localhost:4000/jwks',
    'http://auth.localhost:4000/jwks',
    'http://127.0.0.1:4000/jwks',
    'http://[::1]:4000/jwks',
  ])('keys may come from %s', (address) => expect(() => remoteKeys({ url: address })).not.toThrow())
})
