import type { Operation } from './operations.ts'

/** Runs the operation `count` times, `inFlight` of them at once. Returns how long each took, in milliseconds. */
export async function run(operation: Operation, count: number, inFlight: number): Promise<number[]> {
  const took: number[] = []
  let left = count
  const lane = async (_: unknown, index: number) => {
    while (left-- > 0) {
      const startedAt = performance.now()
      await operation(index)
      took.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return took
}
