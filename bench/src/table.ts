import { cpus } from 'node:os'
import { type Measured, median } from './measure.ts'

/** Aligned plain text: the first column to the left, the others to the right. */
export function printTable(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[0] ?? 0)))
      .join('   ')
  console.log(`\n${title}\n`)
  console.log(line(head))
  console.log(widths.map((width) => '─'.repeat(width)).join('───'))
  for (const row of rows) console.log(line(row))
}

/** The median, and from the least to the most. A dash where there is nothing to measure. */
export function withSpread(measured: Measured | undefined): string {
  if (!measured) return '–'
  const least = Math.min(...measured.rounds)
  const most = Math.max(...measured.rounds)
  return `${number(median(measured.rounds))} (${number(least)}…${number(most)})`
}

/** Three significant digits, or all that are before the point. */
export function number(value: number): string {
  const digits = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 }
  return value >= 1000 ? whole(value) : value.toLocaleString('en', digits)
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}

let missed = 0

/** `isJudged`: missing it fails the run. */
export function printBudget(isMet: boolean, words: string, { isJudged = true } = {}): void {
  if (!isMet && isJudged) missed += 1
  console.log(`${isMet ? '✓' : '✗'} ${words}`)
}

/** How many budgets were missed so far. */
export function missedBudgets(): number {
  return missed
}

export function printMachine(): void {
  const [cpu] = cpus()
  const day = new Date().toISOString().slice(0, 10)
  console.log(`${cpu?.model.trim()}, ${cpus().length} cores, Node ${process.version}, ${day}`)
}
