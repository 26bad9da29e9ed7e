import { randomBytes } from 'node:crypto'
import { wantsTraces } from '@grove/traces'
import { SettingsError, type SiteOptions, trustOptions } from './options.ts'

/** What a developer's machine may leave out. */
export type DevelopmentSettings = Pick<
  SiteOptions,
  'siteUrl' | 'issuer' | 'issuerInternalUrl' | 'clientId' | 'allowedOrigins'
>

const DEVELOPMENT_PREFIX = 'development-'

const meanings = {
  SITE_URL: ['the public address of this site', 'https://shop.example'],
  ISSUER: ['the public address of the sign-in server', 'https://auth.example'],
  CLIENT_ID: ['the name of this site at the sign-in server', 'alder'],
  CLIENT_SECRET: [
    'what this site proves itself with at the sign-in server',
    'the output of: openssl rand -base64 33',
  ],
  SESSION_SECRET: [
    'what seals the cookies, newest first, comma separated',
    'the output of: openssl rand -base64 33',
  ],
} as const

/**
 * Reads the settings of a site. With `NODE_ENV=production` each one must be given, and secrets that were made for development
 * are refused.
 * @throws SettingsError one sentence that says which setting, what it means, and an example
 */
export function siteSettings(
  env: Record<string, string | undefined>,
  development: DevelopmentSettings,
): SiteOptions {
  // `next build` loads every route but answers no request: it needs no secrets, and CI should have none.
  const isBuilding = env.NEXT_PHASE === 'phase-production-build'
  const isProduction = env.NODE_ENV === 'production' && !isBuilding

  function setting(name: keyof typeof meanings, fallback?: string): string {
    const value = env[name]?.trim() || (isProduction ? undefined : fallback)
    if (value) return value
    const [meaning, example] = meanings[name]
    throw new SettingsError(`${name} is missing: ${meaning}, for example ${example}`)
  }

  function secret(name: 'CLIENT_SECRET' | 'SESSION_SECRET'): string {
    const value = setting(name, isBuilding ? randomBytes(32).toString('base64url') : undefined)
    if (isProduction && value.includes(DEVELOPMENT_PREFIX)) {
      throw new SettingsError(
        `${name} was made for development: set one of its own, for example ${meanings[name][1]}`,
      )
    }
    return value
  }

  const issuerInternalUrl =
    env.ISSUER_INTERNAL_URL?.trim() || (isProduction ? undefined : development.issuerInternalUrl)
  const allowedOrigins =
    listed(env.ALLOWED_ORIGINS) ?? (isProduction ? undefined : development.allowedOrigins)
  const options = {
    siteUrl: setting('SITE_URL', development.siteUrl),
    issuer: setting('ISSUER', development.issuer),
    ...(issuerInternalUrl && { issuerInternalUrl }),
    clientId: setting('CLIENT_ID', development.clientId),
    clientSecret: secret('CLIENT_SECRET'),
    secrets: listed(secret('SESSION_SECRET')) ?? [],
    ...(allowedOrigins && { allowedOrigins }),
    ...(tracesIn(env) && { hasTraces: true }),
  }
  trustOptions(options)
  return options
}

function tracesIn(env: Record<string, string | undefined>): boolean {
  try {
    return wantsTraces(env)
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : 'OTEL_EXPORTER_OTLP_ENDPOINT')
  }
}

function listed(text: string | undefined): string[] | undefined {
  return text?.trim() ? text.split(',').map((part) => part.trim()) : undefined
}
