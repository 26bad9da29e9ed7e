import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccessToken } from '@grove/jwt'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../store/index.ts'
import { Browser, openProvider, type Provider, SECRETS, SITE_A } from '../testing/index.ts'
import { openKeyring } from './keyring.ts'

const DAY = 86_400

let provider: Provider
beforeEach(async () => {
  provider = await openProvider({ startsAt: new Date() })
})
afterEach(() => provider.close())

const kids = () => provider.auth.keyring.publicJwks().keys.map(({ kid }) => kid)
const stateOf = async (id: string) =>
  (await provider.auth.store.keys.all()).find((key) => key.id === id)?.state
const rotate = () => provider.auth.keyring.rotate(provider.auth.now())

test('F-58 with another secret it refuses to start, and makes no new key in silence', async () => {
  const before = await provider.auth.store.keys.all()
  await expect(provider.another({ secrets: ['another secret, also long enough'] })).rejects.toThrow(
    /^The signing key \S+ cannot be opened with AUTH_SECRET: restore the secret/,
  )
  expect(await provider.auth.store.keys.all()).toEqual(before)
})

test('F-58 a next key that does not open stops the start as well: on the day it has to sign it would be too late', async () => {
  const { keys } = provider.auth.store
  const next = (await keys.all()).find(({ state }) => state === 'next')
  const all = async () =>
    (await keys.all()).map((key) => (key.id === next?.id ? { ...key, sealedPrivateKey: 'a..b.c.d' } : key))
  await expect(openKeyring({ ...keys, all }, SECRETS, provider.auth.now())).rejects.toThrow(
    `The signing key ${next?.id} cannot be opened`,
  )
})

test('a new secret before the old one opens what the old one sealed', async () => {
  const other = await provider.another({ secrets: ['another secret, also long enough', ...SECRETS] })
  expect(other.auth.keyring.current('ES256').kid).toBe(provider.auth.keyring.current('ES256').kid)
})

test('the private half is stored sealed', async () => {
  for (const { sealedPrivateKey, publicJwk } of await provider.auth.store.keys.all()) {
    expect(sealedPrivateKey).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(publicJwk).not.toHaveProperty('d')
  }
})

test('DY-8 JW-26 F-53 rotation: the next key, long published, signs; the old one stays and verifies', async () => {
  const old = provider.auth.keyring.current('ES256').kid
  const next = (await provider.auth.store.keys.all()).find(
    ({ algorithm, state }) => algorithm === 'ES256' && state === 'next',
  )?.id
  provider.pass(30 * DAY - 1)
  await rotate()
  expect(provider.auth.keyring.current('ES256').kid).toBe(old)

  const { access_token } = await new Browser(provider).tokens('alder')
  provider.pass(1)
  await rotate()
  expect(provider.auth.keyring.current('ES256').kid).toBe(next)
  expect([await stateOf(old), await stateOf(next ?? '')]).toEqual(['retiring', 'current'])
  expect(kids()).toContain(old)
  expect(kids()).toHaveLength(9)
  await provider.read(AccessToken, access_token, SITE_A)
  const response = await provider.fetch(`${provider.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${access_token}` },
  })
  expect(response.status).toBe(200)

  provider.pass(DAY - 1)
  await rotate()
  expect(kids()).toContain(old)
  provider.pass(1)
  await rotate()
  expect(kids()).not.toContain(old)
  expect(kids()).toHaveLength(6)
})

test('a process that did not rotate signs with what it has until it looks again, and that is published', async () => {
  const other = await provider.another()
  const old = other.auth.keyring.current('ES256').kid
  provider.pass(30 * DAY)
  await rotate()
  expect(kids()).toContain(other.auth.keyring.current('ES256').kid)
  await other.auth.keyring.rotate(provider.auth.now())
  expect(other.auth.keyring.current('ES256').kid).toBe(provider.auth.keyring.current('ES256').kid)
  expect(other.auth.keyring.current('ES256').kid).not.toBe(old)
})

test('F-13 F-53 processes that start at once on a new database make one current key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyring-'))
  const url = `file:${join(folder, 'auth.db')}`
  const stores = [await openStore(url), await openStore(url), await openStore(url)]
  const keyrings = await Promise.all(stores.map(({ keys }) => openKeyring(keys, SECRETS, new Date())))
  for (const algorithm of ['ES256', 'RS256'] as const) {
    expect(new Set(keyrings.map((keyring) => keyring.current(algorithm).kid)).size).toBe(1)
  }
  expect(new Set(keyrings.map((keyring) => JSON.stringify(keyring.publicJwks()))).size).toBe(1)
  for (const store of stores) await store.close()
  await rm(folder, { recursive: true })
})

test('a turn of the job that changes no key leaves the published set the very same', async () => {
  const before = provider.auth.keyring.publicJwks()
  await rotate()
  expect(provider.auth.keyring.publicJwks()).toBe(before)
})
