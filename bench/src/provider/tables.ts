import { median, quantile } from '../measure.ts'
import { number, printTable, withSpread } from '../table.ts'
import { type Figures, IN_FLIGHT, type Results } from './contest.ts'
import { OPERATIONS } from './operations.ts'

/** One table for each operation, a line for each provider. */
export function printResults(results: Results): void {
  for (const name of OPERATIONS) {
    const measured = IN_FLIGHT.flatMap((inFlight) => {
      const figures = results[name][inFlight]
      return figures ? [{ inFlight, figures }] : []
    })
    const names = measured[0]?.figures.map((provider) => provider.name) ?? []
    printTable(
      `${name}: µs of CPU at so many in flight (at 16 with the least and the most of the rounds), and ms of latency, p50 / p99`,
      [
        '',
        ...measured.map(({ inFlight }) => `CPU at ${inFlight}`),
        ...measured.map(({ inFlight }) => `latency at ${inFlight}`),
      ],
      names.map((provider, place) => {
        const own = measured.flatMap(({ inFlight, figures }) => {
          const one = figures[place]
          return one ? [{ inFlight, one }] : []
        })
        return [
          provider,
          ...own.map(({ inFlight, one }) => cpu(one, inFlight === 16)),
          ...own.map(({ one }) => latency(one)),
        ]
      }),
    )
  }
}

/** The provider's own, and that of its database if that runs by itself. */
function cpu(figures: Figures, isSpread: boolean): string {
  const own = isSpread ? withSpread(figures) : number(median(figures.rounds))
  const database = median(figures.database)
  return database === 0 ? own : `${own} + ${Number.isNaN(database) ? '?' : number(database)}`
}

function latency({ took }: Figures): string {
  return [0.5, 0.99].map((share) => number(quantile(took, share))).join(' / ')
}
