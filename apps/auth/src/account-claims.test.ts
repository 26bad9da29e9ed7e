import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from './store/index.ts'
import { anAccount, aSession } from './store/store.fixture.ts'
import { BUILT } from './testing/built.fixture.ts'

const AUTH = fileURLToPath(new URL('..', import.meta.url))
const account = anAccount('acc_alice')

let folder: string
let DATABASE_URL: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'account-claims-'))
  DATABASE_URL = `file:${join(folder, 'auth.db')}`
  await writeFile(join(folder, 'seed.json'), '{}')
  const store = await openStore(DATABASE_URL)
  await store.accounts.addMissing([account])
  await store.sessions.start(aSession(account.id))
  await store.close()
})
afterAll(() => rm(folder, { recursive: true }))

/** What an operator types after `account:claims`, and what he reads then. */
function types(...args: string[]): Promise<{ code: number; said: string }> {
  const env = {
    PATH: process.env.PATH,
    LOG_LEVEL: 'silent',
    DATABASE_URL,
    SEED_FILE: join(folder, 'seed.json'),
    AUTH_SECRET: 'a secret of a test that is long enough',
  }
  return new Promise((resolve) => {
    const command = [`${BUILT}/account-claims.js`, ...args]
    execFile(process.execPath, command, { cwd: AUTH, env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, said: `${out}${err}`.trim() })
    })
  })
}

async function found() {
  const store = await openStore(DATABASE_URL)
  const events = (await store.audit.ofAccount(account.id, 10)).map(({ type }) => type)
  const { claims } = (await store.accounts.findByEmail(account.email)) ?? { claims: undefined }
  await store.close()
  return { claims, events }
}

test('an operator changes claims, and the log knows', async () => {
  const email = account.email.toUpperCase()
  expect(await types(email, '{"roles":["editor"],"name":null}')).toEqual({
    code: 0,
    said: `${email} is changed. 0 sign-ins get new tokens, within seconds.`,
  })
  const { claims, events } = await found()
  const { name: _, ...others } = account.claims
  expect(claims).toEqual({ ...others, roles: ['editor'], updated_at: expect.any(Number) })
  expect(events).toContain('claims.changed')
})

test.each([
  ['another type', ['acc_alice@example.com', '{"roles":"editor"}'], 'roles: '],
  ['no JSON', ['acc_alice@example.com', 'editor'], 'account:claims alice@example.com'],
  ['nobody', ['nobody@example.com', '{"roles":[]}'], 'There is no account nobody@example.com.'],
])('%s changes nothing, says why in a sentence, and fails', async (_, args, why) => {
  const before = await found()
  const { code, said } = await types(...args)
  expect(code).toBe(1)
  expect(said).toContain(why)
  expect(said).not.toContain('\n')
  expect(await found()).toEqual(before)
})
