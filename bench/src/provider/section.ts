import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Effort } from '../section.ts'
import { printCpuBudgets, printFootprintBudgets } from './budgets.ts'
import { contest } from './contest.ts'
import { buildGrove } from './contestants/grove.ts'
import { contestants } from './contestants/index.ts'
import { measureFootprints, printFootprints } from './footprint.ts'
import { installPeers } from './peers.ts'
import { close, open, type Running, SESSIONS } from './running.ts'
import { printStatements } from './statements.ts'
import { printResults } from './tables.ts'

const FULL = {
  pace: { rounds: 12, roundMs: 300, warmUpMs: 700, freshTokens: 100 },
  footprint: { sessions: 500, hops: 20_000 },
}
const QUICK = {
  pace: { rounds: 2, roundMs: 150, warmUpMs: 150, freshTokens: 20 },
  footprint: { sessions: 50, hops: 2_000 },
}

/** What Grove costs a server's owner, beside node-oidc-provider, through the wire and as each is run. */
export async function measureProviders({ isQuick }: Effort): Promise<void> {
  const { pace, footprint } = isQuick ? QUICK : FULL
  installPeers()
  buildGrove()
  const folder = await mkdtemp(join(tmpdir(), 'grove-bench-'))
  try {
    const running = await startAll(join(folder, 'cpu'))
    const results = await contest(running, pace)
    await Promise.all(running.map(close))
    printResults(results)
    printCpuBudgets(results)
    await printStatements(join(folder, 'statements'))
    const footprints = await measureFootprints(join(folder, 'footprint'), footprint)
    printFootprints(footprints, footprint.hops)
    printFootprintBudgets(footprints)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function startAll(folder: string): Promise<Running[]> {
  const running = []
  for (const [place, contestant] of contestants.entries())
    running.push(await open(contestant, join(folder, String(place))))
  await Promise.all(running.map(({ visitor }) => visitor.logIn(SESSIONS)))
  return running
}
