import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
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

type Environment = Record<string, string | undefined>

/**
 * Reads the settings of a site. Each may also come in a file that `NAME_FILE` names, as containers hand over secrets. With `NODE_ENV=production` each one must be
 * given, and secrets that were made for development are refused.
 * @throws SettingsError one sentence that says which setting, what it means, and an example
 */
export function siteSettings(env: Environment, development: DevelopmentSettings): SiteOptions {
  // `next build` loads every route but answers no request: it needs no secrets, and CI should have none.
  const isBuilding = env.NEXT_PHASE === 'phase-production-build'
  const isProduction = env.NODE_ENV === 'production' && !isBuilding

  function setting(name: keyof typeof meanings, fallback?: string): string {
    const value = givenValue(name, env) || (isProduction ? undefined : fallback)
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
    givenValue('ISSUER_INTERNAL_URL', env) || (isProduction ? undefined : development.issuerInternalUrl)
  const allowedOrigins =
    listed(givenValue('ALLOWED_ORIGINS', env)) ?? (isProduction ? undefined : development.allowedOrigins)
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

/** `NAME`, or what is in the file of `NAME_FILE`, without white space around it. */
function givenValue(name: string, env: Environment): string | undefined {
  const [text, file] = [env[name]?.trim(), env[`${name}_FILE`]?.trim()]
  if (!file) return text
  if (text)
    throw new SettingsError(
      `${name} and ${name}_FILE are both set: keep one of them, for example ${name}_FILE`,
    )
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new SettingsError(
      `${name}_FILE names ${file}, which cannot be read: it is a path, for example /run/secrets/${name.toLowerCase()}`,
    )
  }
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
