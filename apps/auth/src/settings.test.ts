import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
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
    LOG_LEVEL: 'info',
    REGISTRATION: 'on',
    RATE_LIMITS: 'on',
    isProduction: false,
    hasStrictTransport: false,
    metrics: 'open',
    hasTraces: false,
  })
})

test('6.3.2 in production people make accounts only where somebody said so', () => {
  expect(readSettings(PRODUCTION).REGISTRATION).toBe('off')
  expect(readSettings({ ...PRODUCTION, REGISTRATION: 'on' }).REGISTRATION).toBe('on')
})

test('lists are split, newest secret first', () => {
  const ring = ['a', 'b'].map((letter) => letter.repeat(32))
  const settings = readSettings({
    AUTH_SECRET: ring.join(', '),
    SEED_FILE: 'a.json, b.json',
    TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    PORT: '0',
  })
  expect(settings).toMatchObject({
    AUTH_SECRET: ring,
    SEED_FILE: ['a.json', 'b.json'],
    TRUSTED_PROXIES: ['10.0.0.0/8', '::1'],
    PORT: 0,
  })
})

describe('a bad value stops the start with one sentence', () => {
  test.each([
    [{ AUTH_SECRET: undefined }, /^AUTH_SECRET is missing: it must be 32 or more random characters.*\.$/],
    [{ AUTH_SECRET: 'short' }, /^AUTH_SECRET needs secrets of at least 32 characters each\.$/],
    [{ AUTH_SECRET: `${SECRET},short` }, /^AUTH_SECRET needs secrets of at least 32 characters each\.$/],
    [{ PORT: 'abc' }, /^PORT must be a port number\.$/],
    [{ REGISTRATION: 'yes' }, /^REGISTRATION must be on or off\.$/],
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
    [{ DATABASE_URL: 'mysql://x' }, /^DATABASE_URL must be file: and a path.*, or an address.*\.$/],
    [{ DATABASE_URL: 'postgres://db.example' }, /^DATABASE_URL must be file: and a path/],
    [{ DATABASE_URL: 'postgres:auth' }, /^DATABASE_URL must be file: and a path/],
    [{ DATABASE_URL: 'postgres://user:p/w@db.example/auth' }, /^DATABASE_URL must be file: and a path/],
    [{ DATABASE_URL: 'file:' }, /^DATABASE_URL must be file: and a path/],
    [{ TRUSTED_PROXIES: 'proxy.example' }, /^TRUSTED_PROXIES must be addresses and networks/],
    [{ TRUSTED_PROXIES: '10.0.0.0/33' }, /^TRUSTED_PROXIES must be addresses and networks/],
    [{ TRUSTED_PROXIES: '10.0.0.1,*' }, /^TRUSTED_PROXIES must be addresses and networks/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be debug, info, warn, error or silent\.$/],
    [{ METRICS_TOKEN: 'short' }, /^METRICS_TOKEN must be 32 or more random characters\.$/],
    [{ RATE_LIMITS: 'maybe' }, /^RATE_LIMITS must be on or off\.$/],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
      /^OTEL_EXPORTER_OTLP_ENDPOINT must be the address of an OTLP receiver, for example .+\.$/,
    ],
  ])('%o', (change, expected) => {
    expect(sentence({ AUTH_SECRET: SECRET, ...change })).toMatch(expected)
    expect(sentence({ ...PRODUCTION, ...change })).toMatch(expected)
  })
})

describe('production', () => {
  test('starts with everything said', () => {
    expect(readSettings(PRODUCTION).isProduction).toBe(true)
  })

  test.each([
    'postgres://auth:p%2Fw@db.example:5432/auth',
    'postgresql:///auth?host=/run/postgresql',
    'postgres://auth@db.example/auth?sslmode=verify-full&connection_limit=20',
  ])('takes the PostgreSQL of %s', (DATABASE_URL) => {
    expect(readSettings({ ...PRODUCTION, DATABASE_URL })).toMatchObject({ DATABASE_URL })
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

  test('CK-9 HSTS is for production alone, and never for a name of this machine', () => {
    const hasStrictTransport = (ISSUER: string, NODE_ENV: string) =>
      readSettings({ ...PRODUCTION, ISSUER, NODE_ENV }).hasStrictTransport
    expect(hasStrictTransport('https://auth.example.com', 'production')).toBe(true)
    expect(hasStrictTransport('https://auth.example.com', 'development')).toBe(false)
    for (const issuer of ['http://auth.localhost:4000', 'https://localhost', 'https://127.0.0.1:8443'])
      expect(hasStrictTransport(issuer, 'production')).toBe(false)
  })

  test('/metrics is closed there without a token, and nowhere open with one', () => {
    const token = 'x'.repeat(32)
    expect(readSettings(PRODUCTION).metrics).toBe('closed')
    for (const env of [PRODUCTION, { AUTH_SECRET: SECRET }])
      expect(readSettings({ ...env, METRICS_TOKEN: token }).metrics).toEqual({ token })
  })

  test('RATE_LIMITS=off is for load tests, and refused there', () => {
    expect(readSettings({ AUTH_SECRET: SECRET, RATE_LIMITS: 'off' }).RATE_LIMITS).toBe('off')
    expect(sentence({ ...PRODUCTION, RATE_LIMITS: 'off' })).toMatch(/^RATE_LIMITS is off: /)
  })

  test('a development secret anywhere in the ring is refused', () => {
    const secret = `development-${SECRET}`
    expect(sentence({ AUTH_SECRET: secret })).toBe('it starts')
    expect(sentence({ ...PRODUCTION, AUTH_SECRET: `${SECRET},${secret}` })).toMatch(
      /^AUTH_SECRET is a development secret: /,
    )
  })
})

describe('a setting may come in a file, as containers hand over secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const fileWith = (text: string) => {
    const file = join(folder, 'secret')
    writeFileSync(file, text)
    return file
  }
  const byFile = (AUTH_SECRET_FILE: string) => ({ ...PRODUCTION, AUTH_SECRET: undefined, AUTH_SECRET_FILE })

  test('it is what the file says, without the line break at its end', () => {
    expect(readSettings(byFile(fileWith(`${SECRET}\n`))).AUTH_SECRET).toEqual([SECRET])
    const DATABASE_URL_FILE = fileWith('postgres://auth:word@db.example/auth\n')
    const settings = readSettings({ ...PRODUCTION, DATABASE_URL: '', DATABASE_URL_FILE })
    expect(settings.DATABASE_URL).toBe('postgres://auth:word@db.example/auth')
  })

  test('it passes the checks of any other, and is never repeated in a sentence', () => {
    expect(sentence(byFile(fileWith('')))).toMatch(/^AUTH_SECRET is missing: /)
    expect(sentence(byFile(fileWith('too short')))).toBe(
      'AUTH_SECRET needs secrets of at least 32 characters each.',
    )
    expect(sentence(byFile(fileWith(`development-${SECRET}`)))).toMatch(
      /^AUTH_SECRET is a development secret: /,
    )
  })

  test('both, or a file that is not there, stop the start with one sentence', () => {
    const both = { ...byFile(fileWith(SECRET)), AUTH_SECRET: SECRET }
    expect(sentence(both)).toBe('AUTH_SECRET and AUTH_SECRET_FILE are both set: take one of them away.')
    const missing = join(folder, 'none')
    expect(sentence(byFile(missing))).toBe(`AUTH_SECRET_FILE names ${missing}, which cannot be read.`)
  })

  test('SEED_FILE is a setting of its own', () => {
    expect(readSettings({ ...PRODUCTION, SEED_FILE: '/etc/auth/a.json' }).SEED_FILE).toEqual([
      '/etc/auth/a.json',
    ])
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
