import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Effort } from '../section.ts'
import { printTable, withSpread } from '../table.ts'
import { printCpuBudgets, printFootprintBudgets } from './budgets.ts'
import { buildGrove } from './contestants.ts'
import { type CpuResults, close, IN_FLIGHT, measureCpu, type Pace, type Running, startAll } from './cpu.ts'
import { measureFootprints, printFootprints } from './footprint.ts'
import { printLatency } from './latency.ts'
import { OPERATIONS } from './operations.ts'
import { installPeers } from './peers.ts'

const FULL = {
  pace: {
    rounds: 15,
    warmUp: 3_000,
    count: {
      ...{ hop: 600, refresh: 800, userinfo: 2_000, 'first userinfo': 200 },
      ...{ introspection: 2_000, jwks: 4_000 },
    },
  } satisfies Pace,
  latencies: 1_000,
  footprint: { sessions: 500, hops: 20_000 },
}
const QUICK = {
  pace: {
    rounds: 3,
    warmUp: 500,
    count: {
      ...{ hop: 200, refresh: 300, userinfo: 500, 'first userinfo': 100 },
      ...{ introspection: 500, jwks: 1_000 },
    },
  } satisfies Pace,
  latencies: 100,
  footprint: { sessions: 50, hops: 2_000 },
}

/** What Grove costs a server's owner, beside node-oidc-provider, through the wire and as each is run. */
export async function measureProviders({ isQuick }: Effort): Promise<void> {
  const { pace, latencies, footprint } = isQuick ? QUICK : FULL
  installPeers()
  buildGrove()
  const folder = await mkdtemp(join(tmpdir(), 'grove-bench-'))
  try {
    const running = await startAll(join(folder, 'cpu'))
    const results = await measureCpu(running, pace)
    printCpu(running, results)
    printCpuBudgets(results)
    await printLatency(running, latencies)
    await Promise.all(running.map(close))
    const footprints = await measureFootprints(join(folder, 'footprint'), footprint)
    printFootprints(footprints, footprint.hops)
    printFootprintBudgets(footprints)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function printCpu(running: readonly Running[], results: CpuResults): void {
  printTable(
    `Provider: µs of the server's CPU per operation at ${IN_FLIGHT} in flight, median (least…most) of the rounds`,
    ['', ...running.map(({ name }) => name)],
    OPERATIONS.map((name) => [name, ...results[name].map(withSpread)]),
  )
}
