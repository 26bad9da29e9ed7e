import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHILD } from '../testing/built.fixture.ts'
import { openStore } from './index.ts'
import { anAccount, aSession } from './store.fixture.ts'

const AUTH = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
/** A database with accounts in it, closed. */
let sound: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'))
  sound = join(folder, 'sound.db')
  const store = await openStore(`file:${sound}`)
  const accounts = Array.from({ length: 300 }, () => anAccount())
  await store.accounts.addMissing(accounts)
  for (const { id } of accounts) await store.sessions.start(aSession(id))
  await store.close()
  await execute(sound, 'PRAGMA wal_checkpoint(TRUNCATE)')
})
afterAll(() => rm(folder, { recursive: true }))

async function copyOf(name: string): Promise<string> {
  const path = join(folder, name)
  await copyFile(sound, path)
  return path
}
async function execute(path: string, script: string): Promise<void> {
  const connection = await new PrismaLibSql({ url: `file:${path}` }).connect()
  await connection.executeScript(script)
  await connection.dispose()
}
async function reasonAgainst(path: string): Promise<string> {
  const opened = await openStore(`file:${path}`).catch((error: Error) => error)
  if (opened instanceof Error) return opened.message
  await opened.close()
  return 'opened'
}

describe('the Prisma command line, without any download', () => {
  const prisma = async (path: string, ...args: string[]) => {
    // Where a download would be tried, nobody answers.
    const nowhere = { PRISMA_ENGINES_MIRROR: 'http://127.0.0.1:9' }
    const env = { ...process.env, ...nowhere, DATABASE_URL: `file:${path}` }
    const { stdout } = await promisify(execFile)(process.execPath, ['tools/prisma.mjs', ...args], {
      cwd: AUTH,
      env,
    })
    return stdout
  }
  const HISTORY = 'prisma/sqlite/migrations'

  test('knows the models', async () => {
    expect(await prisma(sound, 'validate')).toContain('valid')
  }, 60_000)

  test('takes a database that the server migrated for its own', async () => {
    expect(await prisma(sound, 'migrate', 'status')).toContain('Database schema is up to date!')
    expect(await prisma(sound, 'migrate', 'deploy')).toContain('No pending migrations')
  }, 60_000)

  test('the server takes a database that `migrate deploy` made', async () => {
    const path = join(folder, 'deployed.db')
    await prisma(path, 'migrate', 'deploy')
    expect(await reasonAgainst(path)).toBe('opened')
  }, 60_000)

  test('the migrations lead to the models, and leave no file behind', async () => {
    const path = join(folder, 'untouched.db')
    // Exits with 2, which rejects, when they differ.
    await prisma(
      path,
      'migrate',
      'diff',
      '--from-migrations',
      HISTORY,
      '--to-schema',
      'prisma/sqlite',
      '--exit-code',
    )
    await expect(stat(path)).rejects.toThrow('ENOENT')
  }, 60_000)
})

describe('starting', () => {
  test('a first start makes the folder and the file; relative paths begin at the working directory', async () => {
    const path = join(folder, 'deep', 'er', 'a b#c.db')
    expect(await reasonAgainst(path.replace('#', '%23'))).toBe('opened')
    expect((await stat(path.replace('#', '%23'))).size).toBeGreaterThan(0)
    await expect(stat(`${path}-new`)).rejects.toThrow('ENOENT')
  })

  test('F-13: several processes may start together on nothing', async () => {
    const path = join(folder, 'together.db')
    const start = async () => {
      const child = fork(CHILD, [`file:${path}`], { cwd: AUTH, execArgv: [] })
      const [message] = await once(child, 'message')
      child.disconnect()
      return message
    }
    const here = Array.from({ length: 5 }, () => reasonAgainst(path))
    expect(await Promise.all([start(), start(), ...here])).toEqual([
      { id: 0, result: 'ready' },
      { id: 0, result: 'ready' },
      ...here.map(() => 'opened'),
    ])
  }, 60_000)

  test('F-13: a first start that was killed can be repeated', async () => {
    const path = join(folder, 'killed.db')
    await writeFile(path, '')
    await writeFile(`${path}-new`, '')
    expect(await reasonAgainst(path)).toBe('opened')
    await expect(stat(`${path}-new`)).rejects.toThrow('ENOENT')
  })
})

describe('F-25: refusing, with a sentence that says what to do', () => {
  test('a file that is no database', async () => {
    const path = join(folder, 'text.db')
    await writeFile(path, 'not a database '.repeat(1000))
    expect(await reasonAgainst(path)).toBe(`The database ${path} is damaged: restore it from a backup`)
  })

  test('a file with flipped bytes, far from its beginning', async () => {
    const path = await copyOf('flipped.db')
    const file = await open(path, 'r+')
    const { size } = await file.stat()
    for (let page = 1; page <= 5; page++) await file.write(Buffer.alloc(64, 0xa5), 0, 64, size - page * 4096)
    await file.close()
    expect(await reasonAgainst(path)).toContain('is damaged: restore it from a backup')
  })

  test('a file that was cut short', async () => {
    const path = await copyOf('short.db')
    await truncate(path, Math.floor((await stat(path)).size / 2))
    expect(await reasonAgainst(path)).toContain('is damaged: restore it from a backup')
  })

  test('an empty file, and a log without its file: never a new database in silence', async () => {
    const path = join(folder, 'empty.db')
    await writeFile(path, '')
    expect(await reasonAgainst(path)).toContain('is empty: restore it from a backup')
    expect((await stat(path)).size).toBe(0)
    const gone = join(folder, 'gone.db')
    await writeFile(`${gone}-wal`, 'log')
    expect(await reasonAgainst(gone)).toContain('is missing, but its log (-wal) is there')
  })

  test('a newer schema, a failed migration, a missing table, another program', async () => {
    const row = (name: string, finished: string) =>
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at") VALUES ('x', 'y', '${name}', ${finished})`
    const newer = await copyOf('newer.db')
    await execute(newer, row('20991231000000_later', "'2099-12-31'"))
    expect(await reasonAgainst(newer)).toContain('was upgraded by a newer version (20991231000000_later)')

    const half = await copyOf('half.db')
    await execute(half, row('20261124000000_half', 'NULL'))
    expect(await reasonAgainst(half)).toContain('has a migration that failed (20261124000000_half)')

    const lacking = await copyOf('lacking.db')
    await execute(lacking, 'DROP TABLE "UsedToken"')
    expect(await reasonAgainst(lacking)).toContain('lacks the table UsedToken')

    const foreign = join(folder, 'foreign.db')
    await execute(foreign, 'CREATE TABLE "Recipe" ("id" TEXT)')
    expect(await reasonAgainst(foreign)).toContain('belongs to another program')
  })

  test.each([
    ['file', 0o777],
    ['folder', 0o555],
  ])(
    'a %s that cannot be written',
    async (what, folderMode) => {
      const path = await copyOf(`readonly-${what}.db`)
      await chmod(path, 0o444)
      await chmod(folder, folderMode)
      // Root may write everywhere, so the child becomes nobody.
      const uid = process.getuid?.() === 0 ? 65534 : undefined
      const options = { cwd: AUTH, execArgv: [], uid, gid: uid, silent: true }
      const child = fork(CHILD, [`file:${path}`], options)
      let said = ''
      child.stderr?.on('data', (text) => {
        said += text
      })
      child.on('message', () => child.kill()) // it opened the database
      await once(child, 'close')
      await chmod(folder, 0o755)
      expect(said).toContain(`The database ${path} cannot be written by this user`)
    },
    60_000,
  )

  test('a URL that is not a file', async () => {
    await expect(openStore('mysql://localhost/auth')).rejects.toThrow('DATABASE_URL must be a file')
    await expect(openStore('file:')).rejects.toThrow('DATABASE_URL must be a file')
  })

  test('and the refused file stays as it was', async () => {
    const path = await copyOf('kept.db')
    await execute(path, 'DROP TABLE "UsedToken"; PRAGMA wal_checkpoint(TRUNCATE)')
    const before = await readFile(path)
    await reasonAgainst(path)
    expect((await readFile(path)).equals(before)).toBe(true)
  })
})
