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
  /** Bytes. */
  database: number
  log: number
}

export function printSamples(samples: readonly Sample[]): void {
  const head = [
    'minute',
    'operations/s',
    'CPU of a core',
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
    const { growth, noise, mean } = fittedLine(samples.map((sample) => [sample.minute, of(sample)]))
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

const WATCHED: readonly { name: string; unit: string; of(sample: Sample): number }[] = [
  { name: 'RSS', unit: 'MB', of: ({ rss }) => rss / 1e6 },
  { name: 'the heap', unit: 'MB', of: ({ heapUsed }) => heapUsed / 1e6 },
  { name: 'the number of handles', unit: 'handles', of: ({ handles }) => handles },
  { name: 'the delay of the event loop, p99,', unit: 'ms', of: ({ delayMs }) => delayMs.late },
  { name: 'the log of the database', unit: 'MB', of: ({ log }) => log / 1e6 },
]
