import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { wantsTraces } from '@grove/traces'
import { z } from 'zod'

const LOOPBACK = /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/
const DEVELOPMENT_SECRET = /^development-/

const issuer = z
  .string({ error: 'must be the public address of this server, such as https://auth.example.com' })
  .refine(
    (value) => URL.canParse(value) && new URL(value).origin === value,
    'must be scheme, name and port alone, such as https://auth.example.com',
  )
  .refine(isSafeOrigin, 'must be https, except for a loopback name such as http://auth.localhost:4000')

const secrets = z
  .string({
    error:
      'must be 32 or more random characters (newest first when there are several, comma separated); `npm start` makes them for development',
  })
  .transform((ring) => ring.split(',').map((secret) => secret.trim()))
  .refine(
    (ring) => ring.every((secret) => secret.length >= 32),
    'needs secrets of at least 32 characters each',
  )

const databaseUrl =
  'must be file: and a path, such as file:/var/lib/auth/auth.db, or an address such as postgres://user:password@host:5432/auth'

const schema = z.object({
  /** Where to listen, on loopback unless HOST says otherwise. */
  PORT: z
    .string()
    .default('4000')
    .refine((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535, 'must be a port number')
    .transform(Number),
  HOST: z.string().default('127.0.0.1'),
  /** The public address: the `iss` of every token, and the root of every URL in discovery. */
  ISSUER: issuer,
  /** `file:…` for SQLite, `postgres://…` for PostgreSQL; `?connection_limit=` says how many connections a process may have (10). */
  DATABASE_URL: z.string({ error: databaseUrl }).refine(isDatabaseUrl, databaseUrl),
  /** Key ring that seals signing keys and codes and makes refresh tokens. */
  AUTH_SECRET: secrets,
  /** JSON files with clients and accounts, comma separated. */
  SEED_FILE: z
    .string({ error: 'must name one or several JSON files with clients and accounts, comma separated' })
    .transform((files) => files.split(',').map((file) => file.trim())),
  /** Proxies whose X-Forwarded-For is believed: addresses and networks, comma separated. */
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((entry) => entry.trim() || []))
    .refine(
      (entries) => entries.every(isNetwork),
      'must be addresses and networks, comma separated, such as 10.0.0.0/8, ::1',
    ),
  /** How much is logged, one JSON object a line. */
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], {
      error: 'must be debug, info, warn, error or silent',
    })
    .default('info'),
  /** Whoever brings it as bearer token may read /metrics. */
  METRICS_TOKEN: z.string().min(32, 'must be 32 or more random characters').optional(),
  /** Whether people may make accounts for themselves. */
  REGISTRATION: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
  /** `off` for load tests, never in production. */
  RATE_LIMITS: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  /** Where traces go. Its siblings, which OpenTelemetry's libraries read, say how (docs/operations/traces.md). */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
})

const developmentDefaults = {
  ISSUER: 'http://auth.localhost:4000',
  DATABASE_URL: 'file:./dev.db',
  SEED_FILE: 'prisma/seed.json',
  REGISTRATION: 'on',
}

export type Settings = z.infer<typeof schema> & {
  isProduction: boolean
  /** Browsers are told to come over https alone: in production, and never for a name of this machine. */
  hasStrictTransport: boolean
  /** Who may read /metrics. */
  metrics: 'open' | 'closed' | { token: string }
  /** Whether requests and statements are recorded. */
  hasTraces: boolean
}

/** A setting is missing or wrong: one sentence that says which one and what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/** What a process was started with. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * A setting as it was given: `NAME`, or what is in the file that `NAME_FILE` names, without white space around it. A container gets its
 * secrets as files, for its environment can be read by whoever may look at it from outside. Undefined when it is absent or empty.
 * @throws SettingsError when both are given, or the file cannot be read
 */
export function givenValue(name: string, env: Environment): string | undefined {
  const file = env[`${name}_FILE`]
  if (!file) return env[name] || undefined
  if (env[name]) throw new SettingsError(`${name} and ${name}_FILE are both set: take one of them away.`)
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch {
    throw new SettingsError(`${name}_FILE names ${file}, which cannot be read.`)
  }
}

/**
 * Checks every setting before anything starts. In production nothing has a default that could be forgotten.
 * @throws SettingsError
 */
export function readSettings(env: Environment): Settings {
  const isProduction = env.NODE_ENV === 'production'
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = givenValue(name, env)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  const result = schema.safeParse({ ...(!isProduction && developmentDefaults), ...given })
  if (!result.success) {
    const issue = result.error.issues[0]
    const name = String(issue?.path[0])
    throw new SettingsError(`${name} ${given[name] ? '' : 'is missing: it '}${issue?.message}.`)
  }
  if (isProduction && result.data.AUTH_SECRET.some((secret) => DEVELOPMENT_SECRET.test(secret))) {
    throw new SettingsError(
      'AUTH_SECRET is a development secret: production needs one of its own, 32 or more random characters.',
    )
  }
  if (isProduction && result.data.RATE_LIMITS === 'off')
    throw new SettingsError('RATE_LIMITS is off: production does not start without its limits.')
  const { ISSUER, METRICS_TOKEN: token } = result.data
  const hasStrictTransport = isProduction && !LOOPBACK.test(new URL(ISSUER).hostname)
  const metrics = token !== undefined ? { token } : isProduction ? 'closed' : 'open'
  return { ...result.data, isProduction, hasStrictTransport, metrics, hasTraces: tracesIn(env) }
}

function tracesIn(env: Record<string, string | undefined>): boolean {
  try {
    return wantsTraces(env)
  } catch (error) {
    throw new SettingsError(error instanceof Error ? `${error.message}.` : 'OTEL_EXPORTER_OTLP_ENDPOINT')
  }
}

/** Plain http never leaves the machine: it is taken for loopback names only. */
export function isSafeOrigin(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

function isDatabaseUrl(value: string): boolean {
  if (/^file:./.test(value)) return true
  return /^postgres(ql)?:\/\//.test(value) && URL.canParse(value) && /^\/[^/]+$/.test(new URL(value).pathname)
}

function isNetwork(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/')
  const most = isIP(address) === 6 ? 128 : 32
  return (
    isIP(address) > 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && +bits <= most))
  )
}
