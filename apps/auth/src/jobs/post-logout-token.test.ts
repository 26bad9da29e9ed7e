import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test, vi } from 'vitest'
import { postLogoutToken } from './post-logout-token.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** Answers in place of the network, and keeps what was asked. */
function network(answer: () => Promise<Response>) {
  const fetch = vi.fn<(url: URL, init: RequestInit) => Promise<Response>>(answer)
  vi.stubGlobal('fetch', fetch)
  return fetch
}

/** The TLS versions that a client offers in its first message (RFC 8446 §4.2.1). */
async function offeredVersions(connect: (port: number) => Promise<unknown>): Promise<number[]> {
  let hello = Buffer.alloc(0)
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (data) => {
      hello = data
      socket.destroy()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo // it listens at a port, not at a file
  await connect(port)
  server.close()
  const [, list = ''] = /002b[0-9a-f]{4}[0-9a-f]{2}((?:030[0-9a-f])+)/.exec(hello.toString('hex')) ?? []
  return (list.match(/.{4}/g) ?? []).map((version) => Number.parseInt(version, 16))
}

test('BL-2 the one field of a form, by POST, over TLS 1.2 or newer', async () => {
  const seen: {
    method?: string | undefined
    type?: string | undefined
    url?: string | undefined
    body: string
  }[] = []
  const server = createHttpServer(async (request, response) => {
    const { method, url, headers } = request
    seen.push({ method, url, type: headers['content-type'], body: await text(request) })
    response.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo // it listens at a port, not at a file
  expect(await postLogoutToken(`http://site.localhost:${port}/logout?x=1`, 'a.b.c')).toBeUndefined()
  server.close()
  const type = expect.stringMatching(/^application\/x-www-form-urlencoded\b/)
  expect(seen).toEqual([{ method: 'POST', url: '/logout?x=1', type, body: 'logout_token=a.b.c' }])

  const [tls12, tls13] = [0x0303, 0x0304]
  const post = (to: number) => postLogoutToken(`https://localhost:${to}/`, 'a.b.c')
  expect((await offeredVersions(post)).toSorted()).toEqual([tls12, tls13])
})

test('BL-8 a site that never answers is given up', async () => {
  const limit = new AbortController()
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal)
  vi.stubGlobal('fetch', async (_: URL, { signal }: RequestInit) => {
    limit.abort(new DOMException('it took too long', 'TimeoutError'))
    signal?.throwIfAborted()
    return new Promise(() => {})
  })
  expect(await postLogoutToken('https://site.example/', 'a.b.c')).toBe('it took too long')
  expect(timeout.mock.calls[0]?.[0]).toBeLessThanOrEqual(5_000)
})

test('BC-8 one form field by POST, no redirect followed, not waited for long', async () => {
  const fetch = network(async () => new Response())
  const timeout = vi.spyOn(AbortSignal, 'timeout')
  expect(await postLogoutToken('https://site.example/backchannel-logout?x=1', 'a.b.c')).toBeUndefined()
  const [url, init] = fetch.mock.calls[0] ?? []
  expect(String(url)).toBe('https://site.example/backchannel-logout?x=1')
  expect(init).toMatchObject({ method: 'POST', redirect: 'error', signal: expect.any(AbortSignal) })
  expect(String(init?.body)).toBe('logout_token=a.b.c')
  expect(init?.signal).toBe(timeout.mock.results[0]?.value)
  expect(timeout.mock.calls[0]?.[0]).toBeLessThanOrEqual(5_000)
})

test('a name under localhost is this machine, whatever the resolver says', async () => {
  const fetch = network(async () => new Response())
  await postLogoutToken('http://site-a.localhost:4001/path', 'a.b.c')
  await postLogoutToken('https://localhost.example/', 'a.b.c')
  expect(fetch.mock.calls.map(([url]) => String(url))).toEqual([
    'http://127.0.0.1:4001/path',
    'https://localhost.example/',
  ])
})

test.each([
  ['it answered 503', async () => new Response(null, { status: 503 })],
  [
    'fetch failed',
    async () => {
      throw new TypeError('fetch failed')
    },
  ],
  [
    'fetch failed (CERT_HAS_EXPIRED)',
    async () => {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('of site.example'), { code: 'CERT_HAS_EXPIRED' }),
      })
    },
  ],
  [
    'it did not answer',
    async () => {
      throw 'something else'
    },
  ],
])('BL-8 a failure is a reason (%s), never an exception', async (reason, answer) => {
  network(answer)
  expect(await postLogoutToken('https://site.example/', 'a.b.c')).toBe(reason)
})

test.each([200, 204])('%i is success', async (status) => {
  network(async () => new Response(null, { status }))
  expect(await postLogoutToken('https://site.example/', 'a.b.c')).toBeUndefined()
})
