import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * The file behind a `file:` URL. SQLite makes a new database of nothing in silence; this says when nothing is wrong: a file
 * that lost its content, or that went away and left its log.
 */
export class DatabaseFile {
  readonly path: string
  /** With the path absolute and encoded. */
  readonly url: string

  constructor(databaseUrl: string) {
    if (!/^file:[^?#]+$/.test(databaseUrl)) {
      throw new Error(`DATABASE_URL must be a file, such as file:./dev.db, but it is "${databaseUrl}"`)
    }
    this.path = databaseUrl.startsWith('file://')
      ? fileURLToPath(databaseUrl)
      : resolve(databaseUrl.slice('file:'.length))
    this.url = pathToFileURL(this.path).href
  }

  async prepare(): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true })
    // The log is looked for first: another process that starts on nothing too makes the file before it.
    const log = await sizeOf(`${this.path}-wal`)
    const size = await sizeOf(this.path)
    if (size === undefined && log) {
      throw new Error(
        `The database ${this.path} is missing, but its log (-wal) is there: restore both from a backup`,
      )
    }
    // Empty, and still so: another process takes its mark away when there is something in it.
    if (size === 0 && (await sizeOf(this.#mark)) === undefined && (await sizeOf(this.path)) === 0) {
      throw new Error(
        `The database ${this.path} is empty: restore it from a backup, or delete it to begin with none`,
      )
    }
    if (size === undefined) await writeFile(this.#mark, '')
  }

  /** The first start is done. */
  async settle(): Promise<void> {
    await rm(this.#mark, { force: true })
  }

  /** Stands there during a first start, so that one that was killed can go on. */
  get #mark(): string {
    return `${this.path}-new`
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size
}
