import { StoreBusyError } from '../domain/store.ts'

interface Waiting<Item, Result> {
  item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}

interface GatherOptions<Item> {
  /** Items with the same key never share a statement: the second has to see what the first did. */
  apart?: (item: Item) => unknown
}

/** More items than this in one statement gain nothing. */
const MOST_ITEMS = 256

/**
 * Makes one statement of the calls that arrive while another is under way: they share its transaction and its fsync, and each
 * gets its own result. No timer, so nobody waits for company.
 *
 * `run` gets items and answers in their order. If it fails, its items are tried one by one, so that one bad item does not fail
 * the others; except when the database is busy, for then each would wait in vain.
 */
export function gather<Item, Result>(
  run: (items: Item[]) => Promise<Result[]>,
  { apart = () => undefined }: GatherOptions<Item> = {},
): (item: Item) => Promise<Result> {
  let queue: Waiting<Item, Result>[] = []
  let isRunning = false

  async function drain(): Promise<void> {
    while (queue.length > 0) await answer(takeRound())
    isRunning = false
  }

  function takeRound(): Waiting<Item, Result>[] {
    const keys = new Set<unknown>()
    const round: Waiting<Item, Result>[] = []
    const later: Waiting<Item, Result>[] = []
    for (const waiting of queue) {
      const key = apart(waiting.item)
      const fits = round.length < MOST_ITEMS && (key === undefined || !keys.has(key))
      keys.add(key)
      ;(fits ? round : later).push(waiting)
    }
    queue = later
    return round
  }

  async function answer(round: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await run(round.map(({ item }) => item))
      // `run` answers every item in order.
      round.forEach(({ resolve }, index) => {
        resolve(results[index] as Result)
      })
    } catch (error) {
      if (round.length > 1 && !(error instanceof StoreBusyError))
        for (const waiting of round) await answer([waiting])
      else for (const { reject } of round) reject(error)
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject })
      if (isRunning) return
      isRunning = true
      // Two turns of the event loop: who came with the sockets' next turn comes along, which saves a refresh a twentieth of its CPU.
      setImmediate(() => setImmediate(drain))
    })
}
