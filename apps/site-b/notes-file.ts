import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { NOTE_LIMITS, type Note, type Notes } from './notes.ts'

/** A note as the file holds it. */
export type Entry = Note & { readonly accountId: string }

const LOCK_TRIES = 200
const LOCK_PAUSE_MILLISECONDS = 10
// A change takes milliseconds. A lock this old belongs to a process that was killed in the middle of one.
const LOCK_STALE_MILLISECONDS = 10_000

/**
 * Notes in one JSON file, for demo data: read whole, written whole, beside itself and then renamed, so that a reader sees the old
 * file or the new one. A lock file keeps two processes from losing each other's change. Starts with `seed` when there is no file.
 * Throws when the file cannot be read as JSON (it is left as it is) or when the lock is not free within two seconds.
 */
export function fileNotes(file: string, seed: readonly Entry[], now: () => Date = () => new Date()): Notes {
  let last: Promise<unknown> = Promise.resolve()

  async function read(): Promise<readonly Entry[]> {
    try {
      return JSON.parse(await readFile(file, 'utf8')) as Entry[] // as: only this file's own write() makes it
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return seed // as: fs throws nothing else with a code
      throw new Error(`The notes in ${file} cannot be read. Repair the file or move it away.`, {
        cause: error,
      })
    }
  }

  async function write(entries: readonly Entry[]): Promise<void> {
    const fresh = `${file}.${randomUUID()}`
    await writeFile(fresh, `${JSON.stringify(entries, null, 2)}\n`)
    await rename(fresh, file)
  }

  /** One change at a time: a queue inside the process, the lock between processes, and a fresh read under both. */
  function change<T>(
    edit: (entries: readonly Entry[]) => { result: T; entries?: readonly Entry[] },
  ): Promise<T> {
    const turn = last.then(() =>
      locked(`${file}.lock`, async () => {
        const { result, entries } = edit(await read())
        if (entries) await write(entries)
        return result
      }),
    )
    last = turn.catch(() => undefined)
    return turn
  }

  const list = async (accountId: string) =>
    (await read())
      .filter((entry) => entry.accountId === accountId)
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
      .map(({ accountId: _, ...note }) => note)

  return {
    list,
    find: async (accountId, noteId) => (await list(accountId)).find((note) => note.id === noteId),
    add: (accountId, { book, text }) =>
      change<Awaited<ReturnType<Notes['add']>>>((entries) => {
        const own = entries.filter((entry) => entry.accountId === accountId)
        if (own.length >= NOTE_LIMITS.notesPerAccount) return { result: { outcome: 'full' } }
        const note = { id: randomUUID(), book, text, createdAt: now().toISOString() }
        return { result: { outcome: 'added', note }, entries: [...entries, { accountId, ...note }] }
      }),
    remove: (accountId, noteId) =>
      change<'removed' | 'unknown'>((entries) => {
        const rest = entries.filter((entry) => entry.accountId !== accountId || entry.id !== noteId)
        return rest.length < entries.length ? { result: 'removed', entries: rest } : { result: 'unknown' }
      }),
  }
}

async function locked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(lock), { recursive: true })
  await takeLock(lock)
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function takeLock(lock: string): Promise<void> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    try {
      await (await open(lock, 'wx')).close()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // as: open() throws nothing else
    }
    const held = await stat(lock).catch(() => undefined)
    if (held && Date.now() - held.mtimeMs > LOCK_STALE_MILLISECONDS) await rm(lock, { force: true })
    else await pause(LOCK_PAUSE_MILLISECONDS)
  }
  throw new Error(`The notes are busy: ${lock} was not free in time.`)
}
