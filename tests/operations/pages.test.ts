import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  askOracle,
  codeIn,
  errorOf,
  ISSUER,
  PASSWORDS,
  type PostgresServer,
  payloadOf,
  redeem,
  refresh,
  startPostgres,
  tokensIn,
  userinfo,
} from '@grove/auth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, openHouse } from './house.ts'
import { openPage, pagesPlayed, pagesWithCommands } from './page.ts'
import { crowd, isDead, kidOf, kids, refreshed, signsIn, silently } from './people.ts'

const CLOCK = new URL('../browser/clock.mjs', import.meta.url).href
const done = { code: 0, said: expect.any(String) }

const pages = Object.fromEntries(
  ['README.md', 'backup.md', 'keys.md', 'leaked-token.md', 'lost-database.md', 'secrets.md'].map((name) => [
    name,
    openPage(name),
  ]),
)
const page = (name: string) => pages[name] ?? openPage(name)

afterAll(() => {
  expect(pagesPlayed()).toEqual(pagesWithCommands().toSorted())
  for (const [name, { left }] of Object.entries(pages)) expect(left(), `left of ${name}`).toEqual([])
})

/** The commands of a program whose clock is ahead, so that nobody waits. */
const later = (hours: number) => ({
  env: { NODE_OPTIONS: `--import ${CLOCK}`, CLOCK_AHEAD_SECONDS: String(hours * 3_600) },
})

describe('on a machine whose database is well', () => {
  let house: House
  beforeAll(async () => {
    house = await openHouse()
    await house.start()
  })
  afterAll(() => house.close())

  test('README.md: a role is changed', async () => {
    const { tokens } = await signsIn(house)
    const command = `pnpm --filter @grove/auth account:claims alice@example.com '{"roles":["editor"]}'`
    expect(await page('README.md').types(command, house)).toEqual(done)
    const next = await refreshed(house, tokens)
    expect((await (await userinfo(house.provider, next.access_token)).json()).roles).toEqual(['editor'])
  })

  test('README.md: a password is replaced by one that may be, and nobody is signed in with the old one', async () => {
    const { browser } = await signsIn(house, 'bob')
    const command = 'pnpm --filter @grove/auth account:password alice@example.com < new-password'
    await writeFile(join(house.folder, 'new-password'), 'password\n')
    expect(await house.types(command)).toEqual({ code: 1, said: 'The new password is refused: common.' })
    await writeFile(join(house.folder, 'new-password'), `${PASSWORDS.alice}\n`)
    const alice = await signsIn(house)
    expect(await page('README.md').types(command, house)).toEqual(done)
    expect([await silently(alice.browser), await silently(browser)]).toEqual(['login_required', 'signed in'])
    expect((await signsIn(house)).tokens.refresh_token).toBeDefined()
  })

  test('what is typed wrong changes nothing, is answered in a sentence, and fails', async () => {
    const { browser } = await signsIn(house)
    const wrong = [
      ['pnpm backup', 'Give the name of a new file'],
      ['pnpm restore', 'Give the file of a backup'],
      ['pnpm restore no-such-file', 'no-such-file is not there'],
      ['pnpm restore seed.json', 'is damaged, or no backup at all'],
      ['pnpm restore seed.json --in-place', 'Give the file of a backup'],
      ['pnpm --filter @grove/auth account:sign-out', 'Give an email'],
      ['pnpm --filter @grove/auth account:sign-out alice@example.com --everybody', 'Give an email'],
      [
        'pnpm --filter @grove/auth account:sign-out nobody@example.com',
        'There is no account nobody@example.com.',
      ],
      ['pnpm --filter @grove/auth account:sign-out --client nobody', 'There is no client nobody.'],
      [
        'pnpm --filter @grove/auth account:password nobody@example.com',
        'There is no account nobody@example.com.',
      ],
    ]
    const all = wrong.map(async ([line = '', why = '']) => {
      const { code, said } = await house.types(line)
      expect({ line, code, said }).toEqual({ line, code: 1, said: expect.stringContaining(why) })
      expect(said).not.toContain('\n')
    })
    await Promise.all(all)
    expect(await silently(browser)).toBe('signed in')
  })

  test('keys.md: keys are rotated when sites know the next ones, or at once, and a leaked one is gone', async () => {
    const { tokens } = await signsIn(house)
    const keys = page('keys.md')
    expect(await keys.types('pnpm keys:rotate', house, later(2))).toEqual(done)
    expect(await keys.types('pnpm keys:rotate --now', house)).toEqual(done)
    const leaked = kidOf(tokens.access_token)
    const values = { kid: leaked }
    expect(await keys.types('pnpm keys:rotate --withdraw <kid>', house, { values })).toEqual(done)
    await house.start() // or a minute
    expect(await kids(house)).not.toContain(leaked)
    expect((await userinfo(house.provider, tokens.access_token)).status).toBe(401)
    const next = await refreshed(house, tokens)
    expect((await userinfo(house.provider, next.access_token)).status).toBe(200)
  })

  test('secrets.md: AUTH_SECRET is replaced and nobody is signed out; when it has leaked everybody is', async () => {
    const secrets = page('secrets.md')
    const made = await secrets.types(`node -p "crypto.randomBytes(32).toString('base64url')"`, house)
    expect(made.said).toMatch(/^[\w-]{43}$/)
    const { AUTH_SECRET: old = '' } = house.settings
    const { browser, tokens } = await signsIn(house)

    house.settings.AUTH_SECRET = `${made.said},${old}`
    await house.start()
    const next = await refreshed(house, tokens)
    expect(await secrets.types('pnpm keys:rotate', house, later(4))).toEqual(done)
    house.settings.AUTH_SECRET = made.said
    await house.stop()
    await expect(house.start()).rejects.toThrow('cannot be opened with AUTH_SECRET') // step 4, too early
    house.settings.AUTH_SECRET = `${made.said},${old}`
    expect(await secrets.types('pnpm keys:rotate', house, later(6))).toEqual(done)
    house.settings.AUTH_SECRET = made.said
    await house.start()
    const last = await refreshed(house, next)
    expect(await silently(browser)).toBe('signed in')

    await house.stop()
    house.settings.AUTH_SECRET = 'another secret that has nothing to do with the last one and no comma in it'
    expect(await secrets.types('pnpm restore --in-place', house)).toEqual(done)
    await house.start()
    expect(await silently(browser)).toBe('login_required')
    expect(await errorOf(await refresh(house.provider, 'alder', last.refresh_token))).toBe(
      '400 invalid_grant',
    )
    expect((await userinfo(house.provider, last.access_token)).status).toBe(401)
    expect((await signsIn(house)).tokens.refresh_token).toBeDefined()
  })

  // After the one before: what the oracle has read, SQLite's driver holds open until memory is tidied up, and --in-place wants to be alone.
  test('leaked-token.md: a person, a site, everybody is signed out, and the sites hear of it', async () => {
    const leaked = page('leaked-token.md')
    const [alice, bob] = [await signsIn(house), await signsIn(house, 'bob')]
    const account = 'pnpm --filter @grove/auth account:sign-out'
    expect(await leaked.types(`${account} alice@example.com`, house)).toEqual(done)
    expect(await errorOf(await refresh(house.provider, 'alder', alice.tokens.refresh_token))).toBe(
      '400 invalid_grant',
    )
    expect(await silently(alice.browser)).toBe('login_required')
    expect((await userinfo(house.provider, alice.tokens.access_token)).status).toBe(401)
    expect(await silently(bob.browser)).toBe('signed in')
    await expect
      .poll(() => house.heard, { timeout: 20_000 })
      .toContain(payloadOf(alice.tokens.access_token).sid)

    expect(await leaked.types(`${account} --client alder`, house)).toEqual(done)
    expect(await errorOf(await refresh(house.provider, 'alder', bob.tokens.refresh_token))).toBe(
      '400 invalid_grant',
    )
    expect(await silently(bob.browser)).toBe('signed in')

    expect(await leaked.types(`${account} --everybody`, house)).toEqual(done)
    expect(await silently(bob.browser)).toBe('login_required')
    const { DATABASE_URL = '' } = house.settings
    expect(await askOracle(DATABASE_URL, { told: ['alder', 'birch'] })).toEqual([])
  })
})

const DATABASES = ['SQLite', 'PostgreSQL'] as const

describe.each(DATABASES)('a database of %s', (name) => {
  let server: PostgresServer | undefined
  let house: House
  beforeAll(async () => {
    if (name === 'PostgreSQL') server = await startPostgres()
    house = await openHouse(await server?.createDatabase('first'))
    await house.start()
  })
  afterAll(async () => {
    await house.close()
    await server?.stop()
  })

  /** From now on there is an empty one. */
  async function losesIt(): Promise<void> {
    await house.stop()
    house.settings.DATABASE_URL =
      (await server?.createDatabase('another')) ?? `file:${join(house.folder, 'another.db')}`
  }

  const at = (command: string) =>
    name === 'SQLite' ? page('backup.md').types(command, house) : house.types(command)

  test('backup.md, lost-database.md: from a backup that was taken under load people are back, and nothing that was alive', async () => {
    const alice = await signsIn(house)
    const code = codeIn(await alice.browser.authorize('alder', { prompt: 'none' }))
    const withdrawn = kidOf(alice.tokens.access_token)
    const stop = crowd(house)
    expect(await at('pnpm backup auth.backup')).toEqual(done)
    expect(await stop()).toBeGreaterThan(3)
    expect((await at('gzip -dc auth.backup | head -n 1')).said).toContain('"grove":"backup"')

    // What happens since: the code and the refresh token are spent, somebody comes, the key leaks, alice leaves.
    const spent = await tokensIn(await redeem(house.provider, 'alder', code))
    const next = await refreshed(house, alice.tokens)
    const bob = await signsIn(house, 'bob')
    const keyIds = await kids(house)
    const [rotated, signedOut] = await Promise.all([
      house.types(`pnpm keys:rotate --withdraw ${withdrawn}`),
      house.types('pnpm --filter @grove/auth account:sign-out alice@example.com'),
    ])
    expect([rotated, signedOut]).toEqual([done, done])
    await losesIt()

    const restores = page('lost-database.md')
    const command = 'pnpm restore auth.backup'
    const restored = name === 'SQLite' ? await restores.types(command, house) : await house.types(command)
    expect(restored).toEqual({ code: 0, said: expect.stringMatching(/^2 accounts and \d+ events are back/) })
    await house.start()
    const all = [alice.tokens, spent, next, bob.tokens]
    await isDead(house, { browsers: [alice.browser, bob.browser], all, codes: [code], keyIds })
    const { tokens } = await signsIn(house)
    expect(payloadOf(tokens.access_token).status).toMatchObject({
      status_list: { uri: `${ISSUER}/status/2` },
    })
    expect((await house.provider.fetch(`${ISSUER}/status/2`)).status).toBe(200)

    const again = await house.types(command)
    expect(again.code).toBe(1)
    expect(again.said).toMatch(/^Nothing was restored: The database .* is (there already|not empty)[^\n]*$/)
    await refreshed(house, tokens)
  })
})

test('lost-database.md: with a snapshot that came back, or without a backup, nothing of before works', async () => {
  const house = await openHouse()
  await house.start()
  const { browser, tokens } = await signsIn(house)
  const keyIds = await kids(house)
  const [file, snapshot] = ['auth.db', 'snapshot'].map((name) => join(house.folder, name))
  expect((await house.types(`pnpm restore --in-place`)).said).toContain('stop auth first')
  await refreshed(house, tokens)
  await house.stop()
  // The log too: together they are the database as it was at this moment.
  for (const end of ['', '-wal']) await house.types(`cp auth.db${end} snapshot${end} 2>/dev/null || true`)
  await house.start()
  const next = await refreshed(house, tokens).catch(() => tokens)
  await house.stop()
  for (const end of ['', '-wal', '-shm']) await rm(`${file}${end}`, { force: true })
  for (const end of ['', '-wal']) await rename(`${snapshot}${end}`, `${file}${end}`).catch(() => {})

  expect(await page('lost-database.md').types('pnpm restore --in-place', house)).toEqual(done)
  await house.start()
  await isDead(house, { browsers: [browser], all: [tokens, next], codes: [], keyIds })

  // And one that is gone for good.
  const { browser: later, tokens: latest } = await signsIn(house)
  const before = { browsers: [later], all: [latest], codes: [], keyIds: await kids(house) }
  await house.stop()
  house.settings.DATABASE_URL = `file:${join(house.folder, 'empty.db')}`
  await house.start()
  await isDead(house, before)
  await house.close()
})
