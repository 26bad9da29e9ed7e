import { describe, expect, test } from 'vitest'
import { isSafeOrigin, readSettings, SettingsError } from './settings.ts'

const SECRET = 'x'.repeat(40)
const PRODUCTION = {
  NODE_ENV: 'production',
  ISSUER: 'https://auth.example.com',
  DATABASE_URL: 'file:/var/lib/auth/auth.db',
  AUTH_SECRET: SECRET,
  SEED_FILE: '/etc/auth/clients.json',
}

function sentence(env: Record<string, string | undefined>): string {
  try {
    readSettings(env)
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  return 'it starts'
}

test('development needs a secret alone; empty settings count as absent', () => {
  expect(readSettings({ AUTH_SECRET: SECRET, HOST: '', PORT: '' })).toEqual({
    AUTH_SECRET: [SECRET],
    ISSUER: 'http://auth.localhost:4000',
    DATABASE_URL: 'file:./dev.db',
    SEED_FILE: ['prisma/seed.json'],
    PORT: 4000,
    HOST: '127.0.0.1',
    TRUSTED_PROXIES: [],
    isProduction: false,
  })
})

test('lists are split, newest secret first', () => {
  const ring = ['a', 'b'].map((letter) => letter.repeat(32))
  const settings = readSettings({ AUTH_SECRET: ring.join(', '), SEED_FILE: 'a.json, b.json', PORT: '0' })
  expect(settings).toMatchObject({ AUTH_SECRET: ring, SEED_FILE: ['a.json', 'b.json'], PORT: 0 })
})

describe('a bad value stops the start with one sentence', () => {
  test.each([
    [{ AUTH_SECRET: undefined }, /^AUTH_SECRET is missing: it must be 32 or more random characters.*\.$/],
    [{ AUTH_SECRET: 'short' }, /^AUTH_SECRET needs secrets of at least 32 characters each\.$/],
    [{ AUTH_SECRET: `${SECRET},short` }, /^AUTH_SECRET needs secrets of at least 32 characters each\.$/],
    [{ PORT: 'abc' }, /^PORT must be a port number\.$/],
    [{ PORT: '1.5' }, /^PORT must be a port number\.$/],
    [{ PORT: '65536' }, /^PORT must be a port number\.$/],
    [
      { ISSUER: 'nonsense' },
      /^ISSUER must be scheme, name and port alone, such as https:\/\/auth\.example\.com\.$/,
    ],
    [{ ISSUER: 'https://auth.example.com/' }, /^ISSUER must be scheme, name and port alone/],
    [{ ISSUER: 'https://auth.example.com/path' }, /^ISSUER must be scheme, name and port alone/],
    [{ ISSUER: 'https://auth.example.com?x' }, /^ISSUER must be scheme, name and port alone/],
    [{ ISSUER: 'https://Auth.example.com' }, /^ISSUER must be scheme, name and port alone/],
    [{ ISSUER: 'https://me@auth.example.com' }, /^ISSUER must be scheme, name and port alone/],
    [{ ISSUER: 'http://auth.example.com' }, /^ISSUER must be https, except for a loopback name/],
    [{ ISSUER: 'http://localhost.example.com' }, /^ISSUER must be https/],
    [{ DATABASE_URL: 'mysql://x' }, /^DATABASE_URL must be file: and a path.*\.$/],
    [{ DATABASE_URL: 'file:' }, /^DATABASE_URL must be file: and a path/],
  ])('%o', (change, expected) => {
    expect(sentence({ AUTH_SECRET: SECRET, ...change })).toMatch(expected)
    expect(sentence({ ...PRODUCTION, ...change })).toMatch(expected)
  })
})

describe('production', () => {
  test('starts with everything said', () => {
    expect(readSettings(PRODUCTION).isProduction).toBe(true)
  })

  test.each(['ISSUER', 'DATABASE_URL', 'AUTH_SECRET', 'SEED_FILE'])('%s has no default there', (name) => {
    for (const absent of [undefined, '']) {
      expect(sentence({ ...PRODUCTION, [name]: absent })).toMatch(
        new RegExp(`^${name} is missing: it must .*\\.$`),
      )
    }
  })

  test('an empty HOST does not open the server to the world', () => {
    expect(readSettings({ ...PRODUCTION, HOST: '' }).HOST).toBe('127.0.0.1')
  })

  test('a development secret anywhere in the ring is refused', () => {
    const secret = `development-${SECRET}`
    expect(sentence({ AUTH_SECRET: secret })).toBe('it starts')
    expect(sentence({ ...PRODUCTION, AUTH_SECRET: `${SECRET},${secret}` })).toMatch(
      /^AUTH_SECRET is a development secret: /,
    )
  })
})

test.each([
  ['https://example.com', true],
  ['http://localhost:1', true],
  ['http://a.b.localhost', true],
  ['http://127.0.0.1:8', true],
  ['http://[::1]', true],
  ['http://example.com', false],
  ['http://127.0.0.1.example.com', false],
  ['http://evillocalhost', false],
  ['ftp://localhost', false],
  ['nonsense', false],
])('plain http is for loopback names only: %s %s', (address, isSafe) => {
  expect(isSafeOrigin(address)).toBe(isSafe)
})
