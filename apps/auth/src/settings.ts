import { z } from 'zod'

const LOOPBACK = /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/
const DEVELOPMENT_SECRET = /^development-/

const issuer = z
  .url({
    protocol: /^https?$/,
    error: 'must be the public address of this server, such as https://auth.example.com',
  })
  .refine(
    (value) => !/[?#]/.test(value) && !value.endsWith('/'),
    'must have no query, no fragment and no slash at its end',
  )
  .refine(isSafeOrigin, 'must be https, except for a loopback name such as http://auth.localhost:4000')

const secrets = z
  .string({
    error:
      'is missing: 32 or more random characters (newest first when there are several, comma separated); `npm start` makes one for development',
  })
  .transform((ring) => ring.split(',').map((secret) => secret.trim()))
  .refine(
    (ring) => ring.every((secret) => secret.length >= 32),
    'needs secrets of at least 32 characters each',
  )

const schema = z.object({
  /** Where to listen, on loopback unless HOST says otherwise. */
  PORT: z.coerce.number({ error: 'must be a port number' }).int().min(0).max(65535).default(4000),
  HOST: z.string().default('127.0.0.1'),
  /** The public address: the `iss` of every token, and the root of every URL in discovery. */
  ISSUER: issuer,
  /** `file:…` for SQLite. */
  DATABASE_URL: z.string().regex(/^file:./, 'must be file:… (SQLite)'),
  /** Key ring that seals signing keys and codes and makes refresh tokens. */
  AUTH_SECRET: secrets,
  /** JSON files with clients and accounts, comma separated. */
  SEED_FILE: z.string().transform((files) => files.split(',').map((file) => file.trim())),
  /** Addresses of proxies whose X-Forwarded-For is believed, comma separated. */
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter(Boolean)),
})

const developmentDefaults = {
  ISSUER: 'http://auth.localhost:4000',
  DATABASE_URL: 'file:./dev.db',
  SEED_FILE: 'prisma/seed.json',
}

export type Settings = z.infer<typeof schema> & { isProduction: boolean }

/** A setting is missing or wrong: one sentence that says which one and what to do. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/**
 * Checks every setting before anything starts. In production nothing has a default that could be forgotten.
 * @throws SettingsError
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const isProduction = env.NODE_ENV === 'production'
  const result = schema.safeParse(isProduction ? env : { ...developmentDefaults, ...withoutEmpty(env) })
  if (!result.success) {
    const issue = result.error.issues[0]
    const name = String(issue?.path[0])
    const isMissing = !env[name] && !/missing/.test(issue?.message ?? '')
    throw new SettingsError(`${name} ${isMissing ? 'is missing: it ' : ''}${issue?.message}.`)
  }
  if (isProduction && result.data.AUTH_SECRET.some((secret) => DEVELOPMENT_SECRET.test(secret))) {
    throw new SettingsError(
      'AUTH_SECRET is a development secret: production needs one of its own, 32 or more random characters.',
    )
  }
  return { ...result.data, isProduction }
}

/** Plain http never leaves the machine: it is taken for loopback names only. */
export function isSafeOrigin(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

function withoutEmpty(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}
