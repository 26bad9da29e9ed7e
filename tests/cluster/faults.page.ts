import { readFile, writeFile } from 'node:fs/promises'

const PAGE = new URL('../../docs/faults.md', import.meta.url)
const HEAD =
  '| Id | What is done | On | What came of it | Result | Day |\n| --- | --- | --- | --- | --- | --- |'

/** What the page says about one fault on one database. */
export interface Entry {
  id: string
  does: string
  on: string
  cameOfIt: string
  result: string
  day: string
}

const rowOf = ({ id, does, on, cameOfIt, result, day }: Entry): string =>
  `| ${[id, does, on, cameOfIt, result, day].map((cell) => cell.replaceAll('|', '/').replaceAll('\n', ' ')).join(' | ')} |`

/** The last run of a fault takes the place of the one before; rows are in the order of their ids. */
export async function writeEntry(entry: Entry): Promise<void> {
  const page = await readFile(PAGE, 'utf8')
  const [before = '', table = ''] = page.split(HEAD)
  const key = `| ${entry.id} | ${entry.does} | ${entry.on} |`
  const rows = table.split('\n').filter((row) => row.startsWith('| ') && !row.startsWith(key))
  rows.push(rowOf(entry))
  rows.sort((one, other) => numberIn(one) - numberIn(other) || one.localeCompare(other))
  await writeFile(PAGE, `${before}${HEAD}\n${rows.join('\n')}\n`)
}

const numberIn = (row: string): number => Number(/F-(\d+)/.exec(row)?.[1] ?? 0)
