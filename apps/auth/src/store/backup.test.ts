import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as otherWork } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newPostgresDatabase } from '../testing/postgres.fixture.ts'
import { backUp } from './backup.ts'
import { type OpenDatabase, openDatabase } from './database.ts'
import { openStore } from './index.ts'
import { restore, restoreInPlace } from './restore.ts'
import { after, aGrant, aKey, anAccount, aSession, T0 } from './store.fixture.ts'

const LIST_SIZE = 2 ** 20
const folder = mkdtempSync(join(tmpdir(), 'backup-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const newFile = (name: string) => {
  files += 1
  return join(folder, `${files}-${name}`)
}
const newSqlite = async () => `file:${newFile('auth.db')}`
const newPostgresql = async () => {
  const database = await newPostgresDatabase()
  if ('reason' in database) throw new Error(database.reason)
  return database.url
}

const alice = {
  ...anAccount('acc_alice'),
  claims: { name: 'Алиса "A" 🌳\\\n', address: { locality: "O'xford" }, roles: [], updated_at: 1.5 },
}

/** A database in which something has happened: people, sessions, a grant, a consent, a key, spent tokens. */
async function used(url: string): Promise<string> {
  const store = await openStore(url)
  await store.accounts.addMissing([alice, ...Array.from({ length: 1_100 }, (_, n) => anAccount(`acc_${n}`))])
  const session = aSession(alice.id)
  await store.sessions.start(session)
  await store.grants.redeem(aGrant(session.id), after(1))
  await store.consents.allow(alice.id, 'cedar', 'openid', after(2))
  await store.keys.apply([{ change: 'add', key: aKey() }])
  await store.usedTokens.spend('spent', new Date(Date.now() + 60_000))
  await store.close()
  return url
}

/** The driver of SQLite lets a file go with the garbage, so this process may have it open still: a copy that it has not. */
async function unopened(url: string): Promise<string> {
  if (!url.startsWith('file:')) return url
  const copy = newFile('copy.db')
  await looking(url, (db) => db.$executeRaw`VACUUM INTO ${copy}`)
  return `file:${copy}`
}

async function looking<T>(url: string, look: (database: OpenDatabase['prisma']) => Promise<T>): Promise<T> {
  const { prisma } = await openDatabase(url)
  return await look(prisma).finally(() => prisma.$disconnect())
}

const kept = (url: string) =>
  looking(url, async (db) => ({
    accounts: await db.account.findMany({ orderBy: { id: 'asc' } }),
    events: await db.auditEvent.findMany({ orderBy: { n: 'asc' } }),
  }))

const alive = (url: string) =>
  looking(url, async (db) => [
    await db.session.count(),
    await db.grant.count(),
    await db.consent.count(),
    await db.signingKey.count(),
  ])

/** What is in the file, changed line by line. */
async function changed(path: string, change: (lines: string[]) => string[]): Promise<string> {
  const lines = gunzipSync(await readFile(path))
    .toString()
    .trimEnd()
    .split('\n')
  const other = newFile('changed.backup')
  await writeFile(other, gzipSync(`${change(lines).join('\n')}\n`))
  return other
}

describe.each([
  ['SQLite', newSqlite, 'PostgreSQL', newPostgresql],
  ['PostgreSQL', newPostgresql, 'SQLite', newSqlite],
] as const)('of %s', (_, newDatabase, other, newOther) => {
  let source: string
  let backup: string
  let empty: string
  beforeAll(async () => {
    source = await used(await newDatabase())
    empty = await newDatabase()
    backup = newFile('auth.backup')
    expect(await backUp(source, backup, T0)).toEqual({ Account: 1_101, AuditEvent: 3 })
  })

  test('is for its owner alone, and has no session, grant, consent or key in it', async () => {
    expect((await stat(backup)).mode & 0o777).toBe(0o600)
    const text = gunzipSync(await readFile(backup)).toString()
    const tables = [...text.matchAll(/^\{"table":"(\w+)"/gm)].map(([, table]) => table)
    expect(new Set(tables)).toEqual(new Set(['Account', 'AuditEvent']))
    expect(text).not.toContain('sealed')
  })

  test.each([
    ['one of its own kind', newDatabase],
    [other, newOther],
  ])('into %s: every account and event is as it was, and nothing is alive', async (_name, newTarget) => {
    const target = await newTarget()
    await restore(target, backup, after(60))
    const [before, now] = [await kept(source), await kept(target)]
    expect(now.accounts).toEqual(before.accounts)
    const restored = { type: 'database.restored', at: after(60), reason: T0.toISOString() }
    expect(now.events).toEqual([...before.events, expect.objectContaining(restored)])
    expect(await alive(target)).toEqual([0, 0, 0, 0])
  })

  test('a grant gets a place in a list that no token of before names', async () => {
    const target = await newDatabase()
    await restore(target, backup, T0)
    const store = await openStore(target)
    const session = aSession(alice.id)
    await store.sessions.start(session)
    const redeemed = await store.grants.redeem(aGrant(session.id), after(1))
    expect(redeemed).toMatchObject({ outcome: 'redeemed', grant: { index: 2 * LIST_SIZE } })
    await store.close()
  })

  test('a database that came back by itself forgets the same, and what was spent stays spent', async () => {
    const target = await unopened(source)
    await restoreInPlace(target, after(60))
    expect(await alive(target)).toEqual([0, 0, 0, 0])
    expect((await kept(target)).events.at(-1)).toMatchObject({
      type: 'database.restored',
      reason: 'in place',
    })
    const store = await openStore(target)
    expect(await store.usedTokens.spend('spent', new Date(Date.now() + 60_000))).toBe(false)
    await store.close()
  })

  test('is of one moment: whoever registers meanwhile is in it with the event, or not at all', async () => {
    const busy = await used(await newDatabase())
    const store = await openStore(busy)
    const [file, seen] = [newFile('busy.backup'), { people: 0 }]
    const backingUp = { isOver: false }
    const done = backUp(busy, file, T0).finally(() => {
      backingUp.isOver = true
    })
    while (!backingUp.isOver && seen.people < 2_000) {
      await store.accounts.register(anAccount(`acc_z_${seen.people}`), T0)
      seen.people += 1
      await otherWork() // the driver of SQLite lets nobody else in by itself
    }
    await done
    await store.close()
    const rows = gunzipSync(await readFile(file)).toString()
    const people = rows.match(/"id":"acc_z_/g) ?? []
    const events = rows.match(/"type":"account.registered"/g) ?? []
    expect(events).toHaveLength(people.length)
    expect(seen.people).toBeGreaterThan(people.length)
  })

  test('a server that runs is not restored under its feet', async () => {
    const target = await used(await newDatabase())
    const store = await openStore(target)
    await store.ping()
    await expect(restoreInPlace(target, T0)).rejects.toThrow(/ is open in another process: stop auth first$/)
    await store.close()
    expect(await alive(target)).toEqual([1, 1, 1, 1])
  })

  test('a database in which something is stays as it is', async () => {
    const before = await kept(source)
    await expect(restore(source, backup, T0)).rejects.toThrow(/ is (there already|not empty)/)
    expect(await kept(source)).toEqual(before)
  })

  test('wherever a file is cut off or changed it is refused, and nothing is begun', async () => {
    const whole = await readFile(backup)
    const broken = newFile('broken.backup')
    for (let step = 0; step < 24; step += 1) {
      const at = Math.floor((whole.length * step) / 24)
      await writeFile(broken, whole.subarray(0, at))
      await expect(restore(empty, broken, T0), `cut at ${at}`).rejects.toThrow(/backup (is|has) /)
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] ?? 0) ^ 0x10
      // The first ten bytes say when and where it was packed.
      if (at > 9) {
        await writeFile(broken, flipped)
        await expect(restore(empty, broken, T0), `changed at ${at}`).rejects.toThrow(/backup (is|has|was) /)
      }
    }
  })

  test.each([
    ['without its last line', (lines: string[]) => lines.slice(0, -1), 'is cut off'],
    ['without a row', (lines: string[]) => lines.toSpliced(5, 1), 'is cut off'],
    ['with a row after the last line', (lines: string[]) => [...lines, lines[1] ?? ''], 'is damaged'],
    [
      'with a table of another name',
      (lines: string[]) => lines.with(1, '{"table":"Session","row":{}}'),
      'is damaged',
    ],
    [
      'of another format',
      ([, ...rows]: string[]) => ['{"grove":"backup","format":2}', ...rows],
      'is no backup',
    ],
    [
      'of a newer version',
      ([first = '', ...rows]: string[]) => [
        first.replace(/"migrations":\[/, '$&"29990101000000_x",'),
        ...rows,
      ],
      'was made by a newer version (29990101000000_x)',
    ],
    [
      'with a column that nobody knows',
      (lines: string[]) => lines.map((line) => line.replace('"row":{', '"row":{"isAdmin":true,')),
      'has other columns',
    ],
    [
      'with a value that the database does not take',
      (lines: string[]) => lines.map((line) => line.replace(/"passwordHash":"[^"]*"/, '"passwordHash":null')),
      'does not go into the database: ',
    ],
  ])('a file %s is refused', async (_name, change, why) => {
    await expect(restore(empty, await changed(backup, change), T0)).rejects.toThrow(why)
  })

  test('after all that the database is as empty as before, and takes the whole one', async () => {
    await restore(empty, backup, T0)
    expect((await kept(empty)).accounts).toHaveLength(1_101)
  })

  test('takes the place of no file, and one that fails leaves none', async () => {
    const before = await readFile(backup)
    await expect(backUp(source, backup, T0)).rejects.toThrow(/is there already/)
    expect(await readFile(backup)).toEqual(before)
    const none = newFile('none.backup')
    await expect(backUp(await newDatabase(), none, T0)).rejects.toThrow(
      /^There is no database|is not one of Grove$/,
    )
    await expect(backUp(source, join(folder, 'no-folder', 'x'), T0)).rejects.toThrow('ENOENT')
    expect((await readdir(folder)).filter((name) => /unfinished|restoring|none/.test(name))).toEqual([])
  })
})

test('a backup of an older version is filled into tables of its time, which are then brought up to date', async () => {
  const source = await used(await newSqlite())
  const backup = newFile('auth.backup')
  await backUp(source, backup, T0)
  const older = await changed(backup, ([first = '', ...rows]) => {
    const header = JSON.parse(first)
    return [JSON.stringify({ ...header, migrations: header.migrations.slice(0, 1) }), ...rows]
  })
  const target = await newSqlite()
  await restore(target, older, T0)
  expect((await kept(target)).accounts).toEqual((await kept(source)).accounts)
  await expect(restore(await newPostgresql(), older, T0)).rejects.toThrow(
    /other kind of database: restore it into sqlite/,
  )
})
