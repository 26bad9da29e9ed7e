import { chmod, open, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { openSql } from '@grove/auth/testing'
import type { Tally } from './fault.ts'
import { isFile } from './held.ts'

const PAGE_BYTES = 4096
export const PASSWORD_OF_NOBODY = 'guessed-1865'

/** What can be wrong with a database, and the sentence that says so. */
export interface Flaw {
  name: string
  /** Makes a sound database unfit. */
  make?(databaseUrl: string, tally: Tally): Promise<unknown>
  /** Its address, if that is what is wrong. */
  url?(databaseUrl: string): string
  says: RegExp
  /** Its owner would not notice. */
  isForOthers?: boolean
}

const DAMAGED = /is damaged: restore it from a backup/
const pathOf = (databaseUrl: string): string => databaseUrl.slice('file:'.length)
const sizeOf = async (databaseUrl: string) => (await stat(pathOf(databaseUrl))).size

export async function execute(databaseUrl: string, ...statements: string[]): Promise<void> {
  const sql = await openSql(databaseUrl)
  for (const statement of statements) await sql.query(statement)
  if (isFile(databaseUrl)) await sql.query('PRAGMA wal_checkpoint(TRUNCATE)')
  await sql.close()
}

/** Four bytes of chance, none of which is found in an honest place of this kind. */
async function overwrite(databaseUrl: string, place: number, tally: Tally): Promise<void> {
  const file = await open(pathOf(databaseUrl), 'r+')
  await file.write(Buffer.from([0, 0, 0, 0].map(() => 0x80 + Math.floor(tally.random() * 0x80))), 0, 4, place)
  await file.close()
}

/** The place of any page but the first. */
const aPage = (size: number, tally: Tally): number =>
  PAGE_BYTES * (1 + Math.floor(tally.random() * (size / PAGE_BYTES - 1)))

const migration = (name: string, finishedAt: string) =>
  `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at") VALUES ('x', 'y', '${name}', ${finishedAt})`

const ANYWHERE: Flaw[] = [
  {
    name: 'a table is missing',
    make: (url) => execute(url, 'DROP TABLE "UsedToken"'),
    says: /lacks the table UsedToken: restore it from a backup/,
  },
  {
    name: 'of a newer version',
    make: (url) => execute(url, migration('20991231000000_later', "'2099-12-31'")),
    says: /was upgraded by a newer version \(20991231000000_later\): start that version/,
  },
  {
    name: 'half migrated',
    make: (url) => execute(url, migration('20261124000000_half', 'NULL')),
    says: /has a migration that failed \(20261124000000_half\)/,
  },
  {
    name: 'of another program',
    make: (url) => execute(url, 'DROP TABLE "_prisma_migrations"'),
    says: /belongs to another program/,
  },
]

export const FLAWS_OF_FILES: readonly Flaw[] = [
  ...ANYWHERE,
  { name: 'its first bytes changed', make: (url, tally) => overwrite(url, 4, tally), says: DAMAGED },
  {
    name: 'the head of a page changed',
    make: async (url, tally) => overwrite(url, aPage(await sizeOf(url), tally), tally),
    says: DAMAGED,
  },
  {
    name: 'cut after a page',
    make: async (url, tally) => truncate(pathOf(url), aPage(await sizeOf(url), tally)),
    says: DAMAGED,
  },
  {
    name: 'cut anywhere',
    make: async (url, tally) =>
      truncate(pathOf(url), 1 + Math.floor(tally.random() * ((await sizeOf(url)) - 1))),
    says: DAMAGED,
  },
  {
    name: 'emptied',
    make: (url) => truncate(pathOf(url)),
    says: /is empty: restore it from a backup, or delete it to begin with none/,
  },
  {
    name: 'gone, and its log is there',
    async make(url) {
      await rm(pathOf(url))
      await writeFile(`${pathOf(url)}-wal`, 'the log')
    },
    says: /is missing, but its log \(-wal\) is there: restore both from a backup/,
  },
  {
    name: 'another file',
    make: (url) => writeFile(pathOf(url), 'Dear diary, today I was not a database. '.repeat(300)),
    says: DAMAGED,
  },
  {
    name: 'read-only',
    make: (url) => chmod(pathOf(url), 0o444),
    says: /cannot be written by this user/,
    isForOthers: true,
  },
  {
    name: 'of another program that keeps no log',
    async make(url) {
      await execute(url, 'DROP TABLE "_prisma_migrations"', `VACUUM INTO '${pathOf(url)}-plain'`)
      for (const suffix of ['-wal', '-shm']) await rm(pathOf(url) + suffix, { force: true })
      await rename(`${pathOf(url)}-plain`, pathOf(url))
    },
    says: /belongs to another program/,
  },
]

const nameIn = (databaseUrl: string): string => new URL(databaseUrl).pathname.slice(1)

export const FLAWS_OF_SERVERS: readonly Flaw[] = [
  ...ANYWHERE,
  {
    name: 'read-only',
    make: (url) => execute(url, `ALTER DATABASE "${nameIn(url)}" SET default_transaction_read_only = on`),
    says: /cannot be written/,
  },
  {
    name: 'without durable commits',
    make: (url) => execute(url, `ALTER DATABASE "${nameIn(url)}" SET synchronous_commit = off`),
    says: /must run with synchronous_commit=on/,
  },
  {
    name: 'not there',
    url: (url) => new URL('/nowhere', url).href,
    says: /does not exist: create it/,
  },
  {
    name: 'opened with a wrong password',
    url(url) {
      const wrong = new URL(url)
      wrong.password = PASSWORD_OF_NOBODY
      return wrong.href
    },
    says: /refuses this user: correct the user and the password/,
  },
]
