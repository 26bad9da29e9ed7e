import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OpenDatabase } from './store/database.ts'
import { openSqlite } from './store/sqlite.ts'
import { BUILT } from './testing/built.fixture.ts'

const AUTH = fileURLToPath(new URL('..', import.meta.url))
const SECRET = 'the secret that the keys were sealed with'
const OTHER = 'another secret that is as long as it has to be'

let folder: string
let settings: Record<string, string>
let database: OpenDatabase
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'main-'))
  const seed = join(folder, 'seed.json')
  await writeFile(seed, '{}')
  settings = {
    LOG_LEVEL: 'warn',
    PORT: '0',
    DATABASE_URL: `file:${join(folder, 'auth.db')}`,
    SEED_FILE: seed,
  }
  expect(await start({ AUTH_SECRET: SECRET })).toBe('listens')
  database = await openSqlite(settings.DATABASE_URL ?? '')
}, 30_000)
afterAll(async () => {
  await database.prisma.$disconnect()
  await rm(folder, { recursive: true })
})

/** Starts the server in a process of its own, with these settings and no others; stops it once it listens. */
async function start(
  env: Record<string, string>,
): Promise<'listens' | { code: number | null; said: string }> {
  const child = spawn(process.execPath, [`${BUILT}/main.js`], {
    cwd: AUTH,
    env: { PATH: process.env.PATH, ...settings, ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.startsWith('auth listens on ')) child.kill('SIGTERM')
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return said.startsWith('auth listens on ') && code === 0 ? 'listens' : { code, said }
}

const keys = () => database.prisma.signingKey.findMany({ orderBy: { id: 'asc' } })
const CANNOT_BE_OPENED =
  /^auth cannot start: The signing key [\w-]{43} cannot be opened with AUTH_SECRET: restore the secret it was sealed with\.\n$/

test('F-58: with a wrong secret the process ends with one sentence, exit code 1, and no new key', async () => {
  const before = await keys()
  expect(before).toHaveLength(6)
  const refused = await start({ AUTH_SECRET: OTHER })
  expect(refused).toEqual({ code: 1, said: expect.stringMatching(CANNOT_BE_OPENED) })
  expect(await keys()).toEqual(before)
  expect(await start({ AUTH_SECRET: `${OTHER},${SECRET}` })).toBe('listens')
}, 30_000)

test.each([
  ['cut short', (sealed: string) => sealed.slice(0, -10)],
  ['changed', (sealed: string) => sealed.replace(/.{30}$/, (end) => [...end].reverse().join(''))],
])(
  'F-58: with a signing key that was %s it ends the same way',
  async (_, damage) => {
    const [sound] = await database.prisma.signingKey.findMany({
      where: { state: 'current', algorithm: 'ES256' },
    })
    if (!sound) throw new Error('no current key')
    const write = (sealedPrivateKey: string) =>
      database.prisma.signingKey.update({ where: { id: sound.id }, data: { sealedPrivateKey } })
    await write(damage(sound.sealedPrivateKey))
    const before = await keys()
    const refused = await start({ AUTH_SECRET: SECRET })
    await write(sound.sealedPrivateKey)
    expect(refused).toEqual({ code: 1, said: expect.stringMatching(CANNOT_BE_OPENED) })
    expect((await keys()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  },
  30_000,
)

test('F-58: without a secret it ends with one sentence that says what is missing', async () => {
  expect(await start({})).toEqual({
    code: 1,
    said: expect.stringMatching(/^AUTH_SECRET is missing: it must be .*\.\n$/),
  })
}, 30_000)
