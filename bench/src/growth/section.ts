import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildGrove, startGrove } from '../provider/contestants/grove.ts'
import { installPeers } from '../provider/peers.ts'
import type { Effort, Section } from '../section.ts'
import { number, whole } from '../table.ts'
import { compareWithEmpty } from './comparison.ts'
import { fill, type Size } from './fill.ts'
import { type OpenPlace, onPostgresql, onSqlite, type Place } from './places.ts'
import { close, openPopulated } from './populated.ts'
import { measureSweep } from './sweep.ts'

const FULL = {
  pace: { rounds: 15, roundMs: 700, grants: 4_000 },
  size: { accounts: 1_000_000, usedCodes: 10_000_000, usedTokens: 1_000_000 },
}
const QUICK = {
  pace: { rounds: 3, roundMs: 300, grants: 320 },
  size: { accounts: 10_000, usedCodes: 20_000, usedTokens: 10_000 },
}
export type GrowthPace = (typeof FULL)['pace']

/** Whether a sign-on costs more when a million people have an account, and what it takes to sweep what they leave behind. */
export const growthOnSqlite: Section = (effort) => measureGrowth('SQLite', onSqlite, effort)
export const growthOnPostgresql: Section = (effort) => measureGrowth('PostgreSQL', onPostgresql, effort)

async function measureGrowth(name: string, open: OpenPlace, { isQuick }: Effort): Promise<void> {
  const { pace, size } = isQuick ? QUICK : FULL
  installPeers()
  buildGrove()
  console.log(`\nGrowth on ${name}`)
  const folder = await mkdtemp(join(tmpdir(), 'grove-growth-'))
  const places: Place[] = []
  try {
    for (const part of ['empty', 'full']) places.push(await openPlace(open, join(folder, part)))
    await measureOn(places, { folder, size, pace })
  } finally {
    for (const place of places) await place.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** With its tables, which the first start makes. */
async function openPlace(open: OpenPlace, folder: string): Promise<Place> {
  await mkdir(folder, { recursive: true })
  const place = await open(folder)
  await (await startGrove(folder, place.url)).stop()
  return place
}

async function measureOn(
  [empty, full]: readonly Place[],
  { folder, size, pace }: { folder: string; size: Size; pace: GrowthPace },
): Promise<void> {
  if (!empty || !full) throw new Error('there are two places')
  await fill(full, size)
  await printSizes(full)
  const populated = await Promise.all([
    openPopulated('empty', { place: empty, folder: join(folder, 'empty'), filled: 0 }),
    openPopulated('full', { place: full, folder: join(folder, 'full'), filled: size.accounts }),
  ])
  const [, ours] = populated
  console.log(`  started in ${populated.map(({ startMs }) => whole(startMs)).join(' and ')} ms`)
  try {
    await compareWithEmpty(populated, pace, 'full')
    await measureSweep(ours, full)
    await compareWithEmpty(populated, pace, 'swept')
    const usage = await Promise.all(populated.map(({ server }) => server.usage()))
    console.log(`  RSS, MB: ${usage.map(({ rss }) => number(rss / 1e6)).join(' and ')}`)
  } finally {
    await Promise.all(populated.map(close))
  }
}

async function printSizes({ run, bytes, dialect }: Place): Promise<void> {
  const tables = await run([dialect.sizes])
  const each = tables.map(({ table, rows, bytes: size }) => `${table} ${whole(Number(size) / Number(rows))}`)
  console.log(
    `  ${number((await bytes()) / 1e9)} GB on disk; bytes a row with its indexes: ${each.join(', ')}`,
  )
}
