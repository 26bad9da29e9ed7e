/** Printed with every run, so that it can be had again. */
export const SEED = 20_261_123

/** Numbers from 0 up to 1, the same for the same seed: a 32-bit xorshift (Marsaglia 2003). */
export function random(seed: number = SEED): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Different whole numbers below `limit`, in no order. */
export function differentNumbers(count: number, limit: number): number[] {
  const next = random()
  const taken = new Set<number>()
  while (taken.size < count) taken.add(Math.floor(next() * limit))
  return [...taken]
}

/** Fisher and Yates. */
export function shuffled<Item>(items: readonly Item[], next: () => number): Item[] {
  const rest = [...items]
  return items.flatMap(() => rest.splice(Math.floor(next() * rest.length), 1))
}
