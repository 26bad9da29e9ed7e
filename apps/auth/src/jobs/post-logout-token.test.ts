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

test('BL-2 BC-8 one form field by POST, no redirect followed, not waited for long', async () => {
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
