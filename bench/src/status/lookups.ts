import { PerformanceObserver } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { decodeStatusList, encodeStatusList, statusAt } from '@grove/jwt'
import { collectGarbage, cpuMs, median } from '../measure.ts'
import { differentNumbers, random } from '../random.ts'
import type { Effort } from '../section.ts'
import { printTable, whole } from '../table.ts'
import { SIZES } from './sizes.ts'

const PLACES = 2 ** 20

/** How fast a bit is found, and that finding it makes no garbage. */
export async function printLookups({ isQuick }: Effort): Promise<void> {
  const passes = isQuick ? 1 : 10
  const rows: string[][] = []
  for (const size of SIZES) {
    const lst = await encodeStatusList(differentNumbers(size / 100, size), size)
    const list = await decodeStatusList(lst, size)
    const next = random()
    const places = Uint32Array.from({ length: PLACES }, () => next() * size)
    const { rounds } = await cpuMs(() => countRevoked(list, places), passes)
    const { bytes, collections } = await heapGrowth(list, places, passes)
    rows.push([whole(size), whole(PLACES / (median(rounds) / 1000)), whole(bytes), whole(collections)])
  }
  const lookups = whole(passes * PLACES)
  printTable(
    'statusAt, places at random, 1 % revoked',
    ['places', 'look-ups a second', `bytes of heap after ${lookups}`, 'collections meanwhile'],
    rows,
  )
}

function countRevoked(list: Uint8Array, places: Uint32Array): number {
  let revoked = 0
  for (const place of places) revoked += statusAt(list, 1, place) ?? 0
  return revoked
}

/** What the look-ups leave on the heap. Garbage that was collected meanwhile would not be seen there, so collections count too. */
async function heapGrowth(list: Uint8Array, places: Uint32Array, passes: number) {
  let collections = 0
  const observer = new PerformanceObserver((entries) => {
    collections += entries.getEntries().length
  })
  collectGarbage()
  await setTimeout(10)
  observer.observe({ entryTypes: ['gc'] })
  const before = process.memoryUsage().heapUsed
  for (let pass = 0; pass < passes; pass++) countRevoked(list, places)
  const bytes = process.memoryUsage().heapUsed - before
  await setTimeout(10) // the observer is told later
  observer.disconnect()
  return { bytes, collections }
}
