import { expect, test, vi } from 'vitest'
import { fetchBounded } from './index.ts'

const URL_OF_BIRCH = 'http://birch.localhost:4002/api/notes'

/** Answers with this body, and forgets its signal as soon as it has answered. */
const forgetful =
  (body: BodyInit | null, init?: ResponseInit): typeof fetch =>
  async () =>
    new Response(body, init)

/** A body that begins and never ends. Says when all that came was read, and when nobody reads on. */
function endless(whenRead: () => void, cancel: () => void): ReadableStream<Uint8Array> {
  let hasBegun = false
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    if (hasBegun) return whenRead()
    hasBegun = true
    controller.enqueue(new TextEncoder().encode('{"notes":['))
  }
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
}

test('the answer comes whole, with its status and headers', async () => {
  const headers = { 'content-type': 'application/json', 'x-page': '2' }
  const response = await fetchBounded(URL_OF_BIRCH, {}, forgetful('{"notes":[]}', { status: 403, headers }))
  expect([response.status, response.headers.get('x-page')]).toEqual([403, '2'])
  expect(await response.json()).toEqual({ notes: [] })
  expect((await fetchBounded(URL_OF_BIRCH, {}, forgetful(null, { status: 204 }))).body).toBeNull()
})

test.each(['before its body is read', 'while its body is read'])(
  'F-101: an answer that does not end is given up when its signal says so, %s',
  async (moment) => {
    const patience = new AbortController()
    const giveUp = () => patience.abort(new Error('no longer'))
    const cancel = vi.fn()
    const get: typeof fetch = async () => {
      if (moment.startsWith('before')) giveUp()
      return new Response(endless(giveUp, cancel))
    }
    const { signal } = patience
    await expect(fetchBounded(URL_OF_BIRCH, { signal }, get)).rejects.toThrow('no longer')
    expect(cancel).toHaveBeenCalledOnce()
  },
)

test('an answer of more than a million bytes is read no further, whatever it announces', async () => {
  const large = 'x'.repeat(1_000_001)
  const headers = { 'content-length': '2' }
  await expect(fetchBounded(URL_OF_BIRCH, {}, forgetful(large, { headers }))).rejects.toThrow(RangeError)
  const response = await fetchBounded(URL_OF_BIRCH, {}, forgetful(large.slice(1)))
  expect((await response.text()).length).toBe(1_000_000)
})

test('who names no time gets three seconds, and everything else is asked as it was said', async () => {
  const asked: [unknown, RequestInit | undefined][] = []
  const get: typeof fetch = async (input, init) => {
    asked.push([input, init])
    return new Response('')
  }
  const init = { method: 'POST', redirect: 'error', headers: { authorization: 'Bearer a' } } as const
  await fetchBounded(URL_OF_BIRCH, init, get)
  expect(asked).toEqual([[URL_OF_BIRCH, { ...init, signal: expect.any(AbortSignal) }]])
})
