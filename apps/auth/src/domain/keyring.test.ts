import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccessToken } from '@grove/jwt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../store/index.ts'
import { Browser, openProvider, type Provider, refresh, SECRETS, SITE_A, userinfo } from '../testing/index.ts'
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
}, 30_000) // RSA keys take their time to make

test('a turn of the job that changes no key leaves the published set the very same', async () => {
  const before = provider.auth.keyring.publicJwks()
  await rotate()
  expect(provider.auth.keyring.publicJwks()).toBe(before)
})

describe('by hand (pnpm keys:rotate)', { timeout: 30_000 }, () => {
  const current = () => provider.auth.keyring.current('ES256').kid
  const next = async () =>
    (await provider.auth.store.keys.all()).find(
      ({ algorithm, state }) => algorithm === 'ES256' && state === 'next',
    )?.id
  const promote = (mayBeYoung = false) => provider.auth.keyring.promote(provider.auth.now(), { mayBeYoung })
  const withdraw = (keyId: string) => provider.auth.keyring.withdraw(keyId, provider.auth.now())

  test('the next key is not promoted before it was published for an hour, unless that is wanted', async () => {
    const [old, young] = [current(), await next()]
    provider.pass(3_599)
    expect(await promote()).toBe(1)
    expect(current()).toBe(old)
    provider.pass(1)
    expect(await promote()).toBe(0)
    expect(current()).toBe(young)
    expect(await stateOf(old)).toBe('retiring')
    expect(await promote()).toBe(3_600)
    const younger = await next()
    expect(await promote(true)).toBe(0)
    expect(current()).toBe(younger)
  })

  test('another process signs with it and publishes it once it looks', async () => {
    const other = await provider.another()
    await promote(true)
    expect(other.auth.keyring.current('ES256').kid).not.toBe(current())
    await other.auth.keyring.rotate(provider.auth.now())
    expect(other.auth.keyring.current('ES256').kid).toBe(current())
  })

  test('a withdrawn current key: gone at once, the next signs, what it signed is worth nothing, the person stays', async () => {
    const { access_token, refresh_token } = await new Browser(provider).tokens('cedar')
    const [leaked, heir] = [current(), await next()]
    expect(await withdraw(leaked)).toBe('withdrawn')
    expect(kids()).not.toContain(leaked)
    expect(kids()).toHaveLength(6)
    expect(current()).toBe(heir)
    expect((await userinfo(provider, access_token)).status).toBe(401)
    const renewed = await (await refresh(provider, 'cedar', refresh_token)).json()
    expect((await userinfo(provider, renewed.access_token)).status).toBe(200)
    expect(provider.log.join()).toContain(`"type":"key.withdrawn","keyId":"${leaked}"`)
  })

  test('a withdrawn next or retiring key is replaced, or gone; an unknown one changes nothing', async () => {
    const before = kids()
    const young = await next()
    expect(await withdraw(young ?? '')).toBe('withdrawn')
    expect(await next()).not.toBe(young)
    expect(await next()).toBeDefined()
    const old = current()
    await promote(true)
    expect(await withdraw(old)).toBe('withdrawn')
    expect(kids()).not.toContain(old)
    expect(await withdraw('nonsense')).toBe('unknown')
    expect(kids()).toHaveLength(before.length + 2) // RS256 and Ed25519 were rotated too, and retire
  })

  test('F-13 F-53 twelve withdraw and rotate at once, over two processes: one current and one next key are left', async () => {
    const other = await provider.another()
    const leaked = current()
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, n) => {
        const { keyring } = (n % 2 ? provider : other).auth
        return n % 6
          ? keyring.withdraw(leaked, provider.auth.now())
          : keyring.promote(provider.auth.now(), { mayBeYoung: true })
      }),
    )
    expect(outcomes.filter((outcome) => outcome === 'withdrawn')).toHaveLength(1)
    const states = (await provider.auth.store.keys.all()).filter(({ algorithm }) => algorithm === 'ES256')
    for (const state of ['current', 'next'])
      expect(states.filter((key) => key.state === state)).toHaveLength(1)
    expect(states.map(({ id }) => id)).not.toContain(leaked)
  })

  test('docs/operations/keys.md states the ages that are so: what a cache is told, how often a process looks', async () => {
    const document = readFileSync(new URL('../../../../docs/operations/keys.md', import.meta.url), 'utf8')
    const { headers } = await provider.fetch(`${provider.issuer}/jwks`)
    expect(document).toContain(`\`/jwks\` says \`${headers.get('cache-control')?.replace('public, ', '')}\``)
    const jobs = readFileSync(new URL('../jobs/index.ts', import.meta.url), 'utf8')
    expect(jobs).toContain("every(60 * SECOND, 'rotate keys'")
    expect(document).toContain('| every process of auth | 1 minute |')
  })
})
