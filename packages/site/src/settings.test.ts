import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { SettingsError, trustOptions } from './options.ts'
import { siteSettings } from './settings.ts'

const development = {
  siteUrl: 'http://shop.localhost:4001',
  issuer: 'http://auth.localhost:4000',
  issuerInternalUrl: 'http://127.0.0.1:4000',
  clientId: 'shop',
}
const long = 'x'.repeat(32)
const secrets = { CLIENT_SECRET: `development-${long}`, SESSION_SECRET: `development-${long}` }
const production = {
  NODE_ENV: 'production',
  SITE_URL: 'https://shop.example',
  ISSUER: 'https://auth.example',
  CLIENT_ID: 'shop',
  CLIENT_SECRET: long,
  SESSION_SECRET: `new-${long},old-${long}`,
}
const without = (name: keyof typeof production) => ({ ...production, [name]: undefined })

describe('settings', () => {
  test('development needs only the two secrets', () => {
    expect(siteSettings(secrets, development)).toEqual({
      ...development,
      clientSecret: `development-${long}`,
      secrets: [`development-${long}`],
    })
  })

  test('production takes what is given, and the key ring newest first', () => {
    expect(siteSettings(production, development)).toEqual({
      siteUrl: 'https://shop.example',
      issuer: 'https://auth.example',
      clientId: 'shop',
      clientSecret: long,
      secrets: [`new-${long}`, `old-${long}`],
    })
  })

  test.each(['SITE_URL', 'ISSUER', 'CLIENT_ID', 'CLIENT_SECRET', 'SESSION_SECRET'] as const)(
    'production stops without %s, in one sentence with meaning and example',
    (name) => {
      expect(() => siteSettings(without(name), development)).toThrow(
        new RegExp(`^${name} is missing: [^.]+, for example `),
      )
    },
  )

  test.each(['CLIENT_SECRET', 'SESSION_SECRET'] as const)(
    'production refuses a %s made for development',
    (name) => {
      const env = { ...production, [name]: `${long},development-${long}` }
      expect(() => siteSettings(env, development)).toThrow(`${name} was made for development`)
    },
  )

  test('pages of other origins may call as listed; in production nobody may unless it says so', () => {
    const inDevelopment = { ...development, allowedOrigins: ['http://spa.localhost:4003'] }
    const of = (env: object) => siteSettings({ ...env }, inDevelopment).allowedOrigins
    expect(of(secrets)).toEqual(['http://spa.localhost:4003'])
    expect(of(production)).toBeUndefined()
    const ALLOWED_ORIGINS = 'https://app.example, https://b.example:8443'
    for (const env of [secrets, production])
      expect(of({ ...env, ALLOWED_ORIGINS })).toEqual(['https://app.example', 'https://b.example:8443'])
  })

  test('a build needs no secrets, for it answers no request', () => {
    const env = { NODE_ENV: 'production', NEXT_PHASE: 'phase-production-build' }
    expect(siteSettings(env, development).siteUrl).toBe(development.siteUrl)
  })

  test.each([
    ['SITE_URL', 'http://shop.example'],
    ['SITE_URL', 'https://shop.example/shop'],
    ['SITE_URL', 'shop.example'],
    ['SITE_URL', 'javascript:alert(1)'],
    ['ISSUER', 'http://auth.example'],
    ['ISSUER', 'http://localhost.evil.example'],
    ['ISSUER', 'https://user@auth.example'],
    ['ISSUER_INTERNAL_URL', 'auth:4000'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'null'],
    ['ALLOWED_ORIGINS', 'http://app.example'],
    ['ALLOWED_ORIGINS', 'https://*.app.example'],
    ['ALLOWED_ORIGINS', 'https://app.example/'],
    ['ALLOWED_ORIGINS', 'https://App.example'],
    ['ALLOWED_ORIGINS', 'https://app.example:443'],
    ['ALLOWED_ORIGINS', 'https://app.example,'],
    ['ALLOWED_ORIGINS', 'https://shop.example'],
    ['CLIENT_SECRET', 'short'],
    ['SESSION_SECRET', `${long},short`],
  ])('%s = %s is refused', (name, value) => {
    expect(() => siteSettings({ ...production, [name]: value }, development)).toThrow(SettingsError)
    expect(() => siteSettings({ ...production, [name]: value }, development)).toThrow(
      new RegExp(`^${name} .*for example`),
    )
  })

  test.each([
    'http://localhost:1',
    'http://a.localhost:1',
    'http://127.0.0.1:1',
    'http://[::1]:1',
    'https://a.example',
  ])('%s may be an issuer', (issuer) => {
    expect(siteSettings({ ...secrets, ISSUER: issuer }, development).issuer).toBe(issuer)
  })

  test('options given in code pass the same checks', () => {
    const options = {
      siteUrl: 'https://shop.example/',
      issuer: 'https://auth.example',
      clientId: 'shop',
      clientSecret: long,
      secrets: [long],
    }
    expect(trustOptions(options)).toMatchObject({ siteUrl: 'https://shop.example', siteName: 'shop.example' })
    expect(() => trustOptions({ ...options, secrets: [] })).toThrow(SettingsError)
    expect(() => trustOptions({ ...options, clientId: '' })).toThrow(SettingsError)
    for (const clockToleranceSeconds of [-1, 61, Number.NaN])
      expect(() => trustOptions({ ...options, clockToleranceSeconds })).toThrow(SettingsError)
  })
})

describe('a setting may come in a file, as containers hand over secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'site-settings-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'secret')
  const byFile = { ...without('SESSION_SECRET'), SESSION_SECRET_FILE: file }

  test('it is what the file says, without the line break at its end', () => {
    writeFileSync(file, `new-${long},old-${long}\n`)
    expect(siteSettings(byFile, development).secrets).toEqual([`new-${long}`, `old-${long}`])
  })

  test.each([
    ['', /^SESSION_SECRET is missing: /],
    ['short', /^SESSION_SECRET must be at least 32 characters/],
    [`development-${long}`, /^SESSION_SECRET was made for development: /],
  ])('it passes the checks of any other: %j', (text, expected) => {
    writeFileSync(file, text)
    expect(() => siteSettings(byFile, development)).toThrow(expected)
  })

  test('both, or a file that is not there, stop the start with one sentence', () => {
    writeFileSync(file, long)
    const both = { ...byFile, SESSION_SECRET: long }
    expect(() => siteSettings(both, development)).toThrow(
      /^SESSION_SECRET and SESSION_SECRET_FILE are both set: /,
    )
    const missing = { ...byFile, SESSION_SECRET_FILE: join(folder, 'none') }
    expect(() => siteSettings(missing, development)).toThrow(
      /^SESSION_SECRET_FILE names .*none, which cannot be read: /,
    )
    expect(() => siteSettings(missing, development)).toThrow(SettingsError)
  })
})
