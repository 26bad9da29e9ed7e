import { createReadStream } from 'node:fs'
import { access, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'

/** What a backup has, in the order in which it is put back. */
export const BACKED_UP = ['Account', 'AuditEvent'] as const
export type BackedUp = (typeof BACKED_UP)[number]

const headerSchema = z.strictObject({
  grove: z.literal('backup'),
  format: z.literal(1),
  madeAt: z.iso.datetime(),
  /** The folder of its migrations, and those that it had. */
  database: z.enum(['sqlite', 'postgresql']),
  migrations: z.array(z.string()).min(1),
  /** The highest place in the status list that a grant had. */
  lastPlace: z.int().min(0),
})
const rowSchema = z.strictObject({ table: z.enum(BACKED_UP), row: z.record(z.string(), z.json()) })
const endSchema = z.strictObject({ end: z.record(z.enum(BACKED_UP), z.int()) })
const lineSchema = z.union([rowSchema, endSchema])

export type BackupHeader = Omit<z.infer<typeof headerSchema>, 'grove' | 'format'>
/** A row as the database has it: a time as `stamp` writes it, JSON as JSON. */
export type BackupRow = z.infer<typeof rowSchema>
/** How many rows there are of each table. */
export type Counts = Record<BackedUp, number>

/** What is wrong with a file: a sentence that begins with its name. */
export class UnfitBackup extends Error {
  constructor(path: string, what: string) {
    super(`${path} ${what}`)
  }
}

/**
 * Writes a backup: JSON, one line for each row, in gzip, for nobody but its owner. The file has its name once it is whole, on the disk,
 * and was read again; whatever goes wrong before leaves nothing.
 * @throws UnfitBackup where there is a file of that name
 */
export async function writeBackup(
  path: string,
  header: BackupHeader,
  rows: AsyncIterable<BackupRow>,
): Promise<Counts> {
  if (await exists(path)) throw new UnfitBackup(path, 'is there already: a backup takes the place of none')
  const unfinished = `${path}-unfinished`
  await rm(unfinished, { force: true }) // of one that was killed
  const file = await open(unfinished, 'wx', 0o600)
  try {
    await pipeline(linesOf(header, rows), createGzip(), async (packed: AsyncIterable<Buffer>) => {
      for await (const piece of packed) await file.appendFile(piece)
    })
    await file.sync()
    const { counts } = await checkBackup(unfinished)
    await rename(unfinished, path)
    await syncFolder(dirname(path))
    return counts
  } finally {
    await file.close()
    await rm(unfinished, { force: true })
  }
}

async function* linesOf(header: BackupHeader, rows: AsyncIterable<BackupRow>): AsyncGenerator<string> {
  yield `${JSON.stringify({ grove: 'backup', format: 1, ...header })}\n`
  const end = noRows()
  for await (const row of rows) {
    end[row.table] += 1
    yield `${JSON.stringify(row)}\n`
  }
  yield `${JSON.stringify({ end })}\n`
}

/** Reads all of it: it is a backup, and it is whole. @throws UnfitBackup */
export async function checkBackup(path: string): Promise<{ header: BackupHeader; counts: Counts }> {
  const { header, rows } = await openBackup(path)
  const counts = noRows()
  for await (const { table } of rows) counts[table] += 1
  return { header, counts }
}

/** @throws UnfitBackup, and from `rows` when it turns out to be cut off or damaged */
export async function openBackup(
  path: string,
): Promise<{ header: BackupHeader; rows: AsyncGenerator<BackupRow> }> {
  if (!(await exists(path))) throw new UnfitBackup(path, 'is not there, or cannot be read by this user')
  const lines = linesIn(path)
  const { value: first } = await lines.next()
  const header = headerSchema.safeParse(jsonOf(first))
  if (!header.success) throw new UnfitBackup(path, 'is no backup of Grove that this version knows')
  return { header: header.data, rows: rowsIn(path, lines) }
}

async function* rowsIn(path: string, lines: AsyncGenerator<string>): AsyncGenerator<BackupRow> {
  const counts = noRows()
  let isWhole = false
  for await (const line of lines) {
    const { success, data } = lineSchema.safeParse(jsonOf(line))
    if (!success || isWhole) throw new UnfitBackup(path, 'is damaged: take another one')
    if ('end' in data) isWhole = BACKED_UP.every((table) => data.end[table] === counts[table])
    else {
      counts[data.table] += 1
      yield data
    }
  }
  if (!isWhole) throw new UnfitBackup(path, 'is cut off: take another one')
}

async function* linesIn(path: string): AsyncGenerator<string> {
  const text = createGunzip()
  createReadStream(path)
    .on('error', (error) => text.destroy(error))
    .pipe(text)
  text.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of text) {
      const lines: string[] = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (error) {
    // zlib says what it found by a code.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'Z_BUF_ERROR') throw new UnfitBackup(path, 'is cut off: take another one')
    if (code === 'Z_DATA_ERROR') throw new UnfitBackup(path, 'is damaged, or no backup at all')
    throw error
  }
  if (rest) yield rest
}

function jsonOf(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '')
  } catch {
    return undefined
  }
}

const noRows = (): Counts => ({ Account: 0, AuditEvent: 0 })

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** A new name of a file is on the disk too. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  await folder.sync().finally(() => folder.close())
}
