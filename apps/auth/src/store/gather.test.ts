import { expect, test, vi } from 'vitest'
import { StoreBusyError } from '../domain/store.ts'
import { gather } from './gather.ts'

/** Answers each item with its double, a moment later. */
const double = async (items: number[]) => {
  await new Promise((resolve) => setTimeout(resolve, 5))
  return items.map((item) => item * 2)
}

test('calls that arrive while one is under way go together in the next, and each gets its own result', async () => {
  const run = vi.fn(double)
  const ask = gather(run)
  const first = ask(1)
  while (run.mock.calls.length === 0) await new Promise(setImmediate)
  expect(await Promise.all([first, ask(2), ask(3), ask(4)])).toEqual([2, 4, 6, 8])
  expect(run.mock.calls).toEqual([[[1]], [[2, 3, 4]]])
})

test('who comes with the next turn of the event loop comes along', async () => {
  const run = vi.fn(double)
  const ask = gather(run)
  const first = ask(1)
  await new Promise(setImmediate)
  expect(await Promise.all([first, ask(2)])).toEqual([2, 4])
  expect(run.mock.calls).toEqual([[[1, 2]]])
})

test('items with the same key never share a round, and keep their order', async () => {
  const run = vi.fn(double)
  const ask = gather(run, { apart: (item) => item % 10 })
  expect(await Promise.all([1, 11, 2, 21].map(ask))).toEqual([2, 22, 4, 42])
  expect(run.mock.calls).toEqual([[[1, 2]], [[11]], [[21]]])
})

test('a crowd is split', async () => {
  const run = vi.fn(double)
  const items = Array.from({ length: 600 }, (_, n) => n)
  expect(await Promise.all(items.map(gather(run)))).toEqual(items.map((n) => n * 2))
  expect(run.mock.calls.map(([round]) => round.length)).toEqual([256, 256, 88])
})

test('one bad item fails alone', async () => {
  const ask = gather(async (items: number[]) => {
    if (items.includes(3)) throw new Error('three')
    return double(items)
  })
  const results = await Promise.allSettled([1, 2, 3, 4].map(ask))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(await ask(5)).toBe(10)
})

test('a busy database is not asked again for each item', async () => {
  const run = vi.fn(async (): Promise<number[]> => {
    throw new StoreBusyError(undefined)
  })
  const results = await Promise.allSettled([1, 2, 3].map(gather(run)))
  expect(results.every(({ status }) => status === 'rejected')).toBe(true)
  expect(run).toHaveBeenCalledTimes(1)
})
