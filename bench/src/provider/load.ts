import type { Operation } from './operations.ts'

/** Runs the operation `count` times, `inFlight` of them at once. Returns how long each took, in milliseconds. */
export async function run(operation: Operation, count: number, inFlight: number): Promise<number[]> {
  let left = count
  return await inLanes(operation, inFlight, () => left-- > 0)
}

/** Begins no more of them after so many milliseconds. */
export async function runFor(operation: Operation, ms: number, inFlight: number): Promise<number[]> {
  const until = performance.now() + ms
  return await inLanes(operation, inFlight, () => performance.now() < until)
}

async function inLanes(operation: Operation, inFlight: number, goesOn: () => boolean): Promise<number[]> {
  const took: number[] = []
  const lane = async (_: unknown, index: number) => {
    while (goesOn()) {
      const startedAt = performance.now()
      await operation(index)
      took.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return took
}
