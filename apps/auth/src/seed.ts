import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type Account, type AccountWithPassword, normalizeEmail } from './domain/accounts.ts'
import type { Client } from './domain/clients.ts'
import { hashPassword } from './domain/passwords.ts'
import { hashSecret } from './domain/secrets.ts'
import type { Store } from './domain/store.ts'
import { isSafeOrigin, SettingsError } from './settings.ts'

const FORBIDDEN_IN_ADDRESS = /[\\*\s#]|[^\x20-\x7E]/

/** A redirect address is absolute, plain and safe (RFC 9700 §2.6, §4.1): no fragment, no wildcard, no user name. */
const address = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address', abort: true })
  .refine(
    (value) => !FORBIDDEN_IN_ADDRESS.test(value),
    'must have no fragment, wildcard, backslash or white space',
  )
  .refine(
    (value) => !new URL(value).username && !new URL(value).password,
    'must have no user name or password',
  )
  .refine(isSafeOrigin, 'must be https, except for a loopback name')

/** The names are those of RFC 7591 §2 and OpenID Connect Registration, wherever one exists. */
const clientSchema = z.strictObject({
  client_id: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores'),
  client_name: z.string().min(1).max(60),
  client_uri: address.optional(),
  /** `$NAME` takes it from the environment. */
  client_secret: z.string().optional(),
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post'])
    .default('client_secret_basic'),
  redirect_uris: z.array(address).min(1),
  post_logout_redirect_uris: z.array(address).default([]),
  backchannel_logout_uri: address.optional(),
  scope: z.string().default('openid'),
  resources: z.array(address).default([]),
  require_pkce: z.boolean().default(true),
  id_token_signed_response_alg: z.enum(['ES256', 'RS256']).default('ES256'),
  claims_in_id_token: z.boolean().default(false),
})

const claim = z.string().min(1).optional()

const accountSchema = z.strictObject({
  email: z.email(),
  password: z.string().min(8).max(1000),
  /** Typed as OpenID Connect Core 1.0 §5.1 says, since they are sent as they stand here. */
  claims: z.strictObject({
    sub: z.string().regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores'),
    name: claim,
    given_name: claim,
    family_name: claim,
    middle_name: claim,
    nickname: claim,
    preferred_username: claim,
    profile: claim,
    picture: claim,
    website: claim,
    gender: claim,
    birthdate: claim,
    zoneinfo: claim,
    locale: claim,
    phone_number: claim,
    phone_number_verified: z.boolean().optional(),
    email_verified: z.boolean().optional(),
    address: z.record(z.string(), z.string()).optional(),
    updated_at: z.number().optional(),
  }),
})

const seedSchema = z.strictObject({
  clients: z.array(clientSchema).default([]),
  accounts: z.array(accountSchema).default([]),
})

type SeedAccount = z.infer<typeof accountSchema>

export interface Seed {
  clients: Client[]
  accounts: SeedAccount[]
}

/**
 * Reads the seed files and joins them.
 * @throws SettingsError naming the file and the field that is wrong
 */
export async function readSeed(
  files: readonly string[],
  env: Record<string, string | undefined>,
  isProduction: boolean,
): Promise<Seed> {
  const parts = await Promise.all(files.map((file) => readSeedFile(file)))
  const clients = parts.flatMap(({ clients }) => clients.map((client) => toClient(client, env, isProduction)))
  const repeated = clients.find((client, index) => clients.findIndex(({ id }) => id === client.id) !== index)
  if (repeated) throw new SettingsError(`SEED_FILE registers the client ${repeated.id} twice.`)
  const accounts = parts.flatMap(({ accounts }) => accounts)
  // RFC 9700 §4.15: nobody may take a client for a person.
  const both = accounts.find(({ claims }) => clients.some(({ id }) => id === claims.sub))
  if (both) throw new SettingsError(`SEED_FILE has ${both.claims.sub} as a client and as an account.`)
  return { clients, accounts }
}

async function readSeedFile(file: string): Promise<z.infer<typeof seedSchema>> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new SettingsError(`SEED_FILE names ${file}, which cannot be read.`)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new SettingsError(`SEED_FILE names ${file}, which is not JSON.`)
  }
  const result = seedSchema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new SettingsError(`SEED_FILE ${file}: ${issue?.path.join('.')}: ${issue?.message}.`)
}

function toClient(
  seed: z.infer<typeof clientSchema>,
  env: Record<string, string | undefined>,
  isProduction: boolean,
): Client {
  const secret = seed.client_secret?.startsWith('$') ? env[seed.client_secret.slice(1)] : seed.client_secret
  const isPublic = seed.token_endpoint_auth_method === 'none'
  const named = `the secret of client ${seed.client_id} (client_secret ${seed.client_secret ?? 'is absent'})`
  if (!isPublic && !secret)
    throw new SettingsError(`SEED_FILE: ${named} is missing: set the environment variable it names.`)
  if (isPublic && secret)
    throw new SettingsError(`SEED_FILE: ${named} is of no use to a public client: leave it out.`)
  if (isPublic && !seed.require_pkce)
    throw new SettingsError(`SEED_FILE: client ${seed.client_id} is public, so require_pkce must stay true.`)
  if (secret && isProduction && (secret.startsWith('development-') || secret.length < 32)) {
    throw new SettingsError(
      `SEED_FILE: ${named} must be one of its own in production, 32 or more random characters.`,
    )
  }
  return {
    id: seed.client_id,
    name: seed.client_name,
    uri: seed.client_uri,
    authMethod: seed.token_endpoint_auth_method,
    secretHash: secret && hashSecret(secret),
    redirectUris: seed.redirect_uris,
    postLogoutRedirectUris: seed.post_logout_redirect_uris,
    backchannelLogoutUri: seed.backchannel_logout_uri,
    scopes: seed.scope.split(' ').filter(Boolean),
    resources: seed.resources,
    isPkceRequired: seed.require_pkce,
    idTokenAlgorithm: seed.id_token_signed_response_alg,
    hasClaimsInIdToken: seed.claims_in_id_token,
  }
}

/** Adds the accounts that are not there yet. What a person changed since stays. */
export async function seedAccounts(store: Store, accounts: readonly SeedAccount[]): Promise<number> {
  const present = await store.accounts.existing(accounts.map(({ claims }) => claims.sub))
  const missing = accounts.filter(({ claims }) => !present.has(claims.sub))
  const hashed = await Promise.all(missing.map(toAccount))
  return await store.accounts.addMissing(hashed)
}

async function toAccount({
  email,
  password,
  claims: { sub, ...claims },
}: SeedAccount): Promise<AccountWithPassword> {
  const account: Account = { id: sub, email: normalizeEmail(email), claims }
  return { ...account, passwordHash: await hashPassword(password) }
}
