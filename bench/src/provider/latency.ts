import { quantile } from '../measure.ts'
import { number, printTable } from '../table.ts'
import { IN_FLIGHT, type Running, SESSIONS } from './cpu.ts'
import { run } from './load.ts'
import type { OperationName } from './operations.ts'

const MEASURED: readonly OperationName[] = ['hop', 'refresh', 'userinfo']
const AT_ONCE = [1, IN_FLIGHT, 64]

/** How long a client waits, alone and in company. Driver and server share the machine, so this is an upper bound. */
export async function printLatency(running: readonly Running[], count: number): Promise<void> {
  for (const name of MEASURED) {
    const rows = []
    for (const { name: provider, visitor } of running) {
      const cells = []
      for (const inFlight of AT_ONCE) {
        await visitor.logIn(SESSIONS)
        const operation = await visitor.prepare(name, inFlight, count)
        await run(operation, inFlight, inFlight)
        const took = await run(operation, count * (inFlight === 1 ? 1 : 2), inFlight)
        cells.push([0.5, 0.99].map((share) => number(quantile(took, share))).join(' / '))
      }
      rows.push([provider, ...cells])
    }
    const head = AT_ONCE.map((inFlight) => `${inFlight} in flight`)
    printTable(`${name}: ms of latency, p50 / p99`, ['', ...head], rows)
  }
}
