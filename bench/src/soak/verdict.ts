import type { Health } from '../provider/server.ts'
import { number, printBudget, printTable, whole } from '../table.ts'
import { fittedLine } from './fitted-line.ts'

/** What was seen at one moment, and what was done since the moment before. */
export interface Sample extends Health {
  minute: number
  operationsASecond: number
  hops: number
  /** p99. */
  hopMs: number
  failures: string[]
  /** Of one core. */
  cpuShare: number
  /** How many processes of the machine wanted to run, on average over a minute. */
  machineLoad: number
  /** Bytes. */
  database: number
  log: number
}

export function printSamples(samples: readonly Sample[]): void {
  const head = [
    'minute',
    'operations/s',
    'CPU of a core',
    'load of the machine',
    'RSS, MB',
    'heap, MB',
    'handles',
    'event loop late, ms: p50 / p99 / most',
  ]
  printTable(
    'Soak: Grove on SQLite under steady work',
    [...head, 'hop p99, ms', 'database, MB', 'its log, MB', 'failures'],
    samples.map((sample) => [
      number(sample.minute),
      number(sample.operationsASecond),
      `${whole(sample.cpuShare * 100)} %`,
      number(sample.machineLoad),
      number(sample.rss / 1e6),
      number(sample.heapUsed / 1e6),
      whole(sample.handles),
      [sample.delayMs.typical, sample.delayMs.late, sample.delayMs.most].map(number).join(' / '),
      number(sample.hopMs),
      number(sample.database / 1e6),
      number(sample.log / 1e6),
      whole(sample.failures.length),
    ]),
  )
}

/** What may grow is the database, by a row a hop. */
export function printVerdict(samples: readonly Sample[]): void {
  const [first] = samples
  const last = samples.at(-1)
  if (!first || !last) throw new Error('there is too little to judge')
  const hops = samples.slice(1).reduce((sum, sample) => sum + sample.hops, 0)
  console.log(`\nFrom minute ${number(first.minute)} to ${number(last.minute)}, ${whole(hops)} hops`)
  for (const { name, of, unit } of WATCHED) {
    const { growth, noise, mean } = fittedLine(of(samples))
    const isFlat = growth <= Math.max(2 * noise, mean * MOST_GROWTH)
    printBudget(
      isFlat,
      `${name} is flat: ${number(growth)} ± ${number(noise)} ${unit} along the fitted line, around a mean of ${number(mean)}`,
    )
  }
  const failures = samples.flatMap((sample) => sample.failures)
  printBudget(
    failures.length === 0,
    `nothing failed${failures[0] ? `, but ${failures.length}: ${failures[0]}` : ''}`,
  )
  const bytesAHop = (last.database - first.database) / hops
  printBudget(
    bytesAHop <= MOST_BYTES_A_HOP,
    `the database grows by its rows alone: ${whole(bytesAHop)} bytes a hop`,
  )
}

const MOST_GROWTH = 0.05
const MOST_BYTES_A_HOP = 1_000

/** What is left of the heap after a collection is seen where it is least. */
const HEAP_WINDOW = 6

type Points = [minute: number, value: number][]

const each =
  (of: (sample: Sample) => number) =>
  (samples: readonly Sample[]): Points =>
    samples.map((sample) => [sample.minute, of(sample)])

function leastHeaps(samples: readonly Sample[]): Points {
  const points: Points = []
  for (let from = 0; from + HEAP_WINDOW <= samples.length; from += HEAP_WINDOW) {
    const window = samples.slice(from, from + HEAP_WINDOW)
    points.push([window[0]?.minute ?? 0, Math.min(...window.map(({ heapUsed }) => heapUsed)) / 1e6])
  }
  return points
}

const WATCHED: readonly { name: string; unit: string; of(samples: readonly Sample[]): Points }[] = [
  { name: 'RSS', unit: 'MB', of: each(({ rss }) => rss / 1e6) },
  { name: 'the heap at its least', unit: 'MB', of: leastHeaps },
  { name: 'the number of handles', unit: 'handles', of: each(({ handles }) => handles) },
  {
    name: 'the CPU of an operation',
    unit: 'µs',
    of: each(({ cpuShare, operationsASecond }) => (1e6 * cpuShare) / operationsASecond),
  },
  { name: 'the delay of the event loop, p99,', unit: 'ms', of: each(({ delayMs }) => delayMs.late) },
  { name: 'the log of the database', unit: 'MB', of: each(({ log }) => log / 1e6) },
]
