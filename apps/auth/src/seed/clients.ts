import { isPublicKey, type KeySet } from '@grove/jwt'
import { z } from 'zod'
import {
  CLIENT_AUTH_METHODS,
  type Client,
  type ClientAuthMethod,
  GRANT_TYPES,
  RESPONSE_MODES,
} from '../domain/clients.ts'
import { SIGNING_ALGORITHMS } from '../domain/keyring.ts'
import { hashSecret } from '../domain/secrets.ts'
import { type Environment, givenValue, isSafeOrigin, SettingsError } from '../settings.ts'

const FORBIDDEN_IN_ADDRESS = /[\\*\s#]|[^\x20-\x7E]/

/** As it is written, not what a parser makes of it: `2130706433` and `0x7f.1` are 127.0.0.1 to a browser. */
function hostIsPlain(address: string): boolean {
  const [, host = ''] = /^https?:\/\/([^/?:]*|\[[^\]]*\])(?=[/?:]|$)/.exec(address) ?? []
  return host !== '' && host.toLowerCase() === new URL(address).hostname
}

/** An address is absolute and plain: no fragment, no wildcard, no user name. */
const plainAddress = z
  .string()
  // Looked at before it is parsed: parsers leave out tabs and line breaks without a word.
  .refine((value) => !FORBIDDEN_IN_ADDRESS.test(value), {
    error: 'must have no fragment, wildcard, backslash or white space',
    abort: true,
  })
  .refine((value) => URL.canParse(value) && /^https?:/.test(value), {
    error: 'must be an http or https address',
    abort: true,
  })
  .refine(
    (value) => !new URL(value).username && !new URL(value).password,
    'must have no user name or password',
  )
  .refine(hostIsPlain, 'must name its host plainly')

/** A redirect address is safe besides (RFC 9700 §2.6, §4.1). */
const address = plainAddress.refine(isSafeOrigin, 'must be https, except for a loopback name')

// Back-Channel Logout 1.0 §2.2 lets a confidential client take http. A name of one label is in no public DNS: it is a machine beside this one.
const isBesideUs = (value: string) => /^http:\/\/[a-z0-9-]+(?=[/:])/.test(value)
const backchannelAddress = plainAddress.refine(
  (value) => isSafeOrigin(value) || isBesideUs(value),
  'must be https, except for a loopback name or one without a dot, such as http://site:4001/logout',
)

// 256 random bits in base64url: RFC 6749 §10.10 asks for 128 at least, and nobody has to remember it.
const FEWEST_SECRET_CHARACTERS = 43

const publicKey = z
  .record(z.string(), z.unknown())
  .refine(isPublicKey, 'must be a public key: never write a private or a symmetric one here')

/** The names are those of RFC 7591 §2 and OpenID Connect Registration, wherever one exists. */
const registration = z.strictObject({
  client_id: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores'),
  client_name: z.string().min(1).max(60),
  client_uri: address.optional(),
  policy_uri: address.optional(),
  tos_uri: address.optional(),
  token_endpoint_auth_method: z.enum(CLIENT_AUTH_METHODS).optional(),
  /** `$NAME` takes it from the environment. */
  client_secret: z.string().optional(),
  /** The public keys of a client with `private_key_jwt`: as they stand, or where they are published. */
  jwks: z.strictObject({ keys: z.array(publicKey).min(1) }).optional(),
  jwks_uri: address.optional(),
  grant_types: z.array(z.enum(GRANT_TYPES)).min(1).default(['authorization_code', 'refresh_token']),
  response_modes: z
    .array(z.enum(RESPONSE_MODES))
    .min(1)
    .default([...RESPONSE_MODES]),
  /** `native`: a program on the person's own machine (OpenID Connect Registration §2). */
  application_type: z.enum(['web', 'native']).default('web'),
  redirect_uris: z.array(address).default([]),
  post_logout_redirect_uris: z.array(address).default([]),
  backchannel_logout_uri: backchannelAddress.optional(),
  scope: z.string().default('openid'),
  resources: z.array(address).default([]),
  require_pkce: z.boolean().default(true),
  require_pushed_authorization_requests: z.boolean().default(false),
  dpop_bound_access_tokens: z.boolean().default(false),
  /** One of the company's own sites: nobody is asked whether it may know them. */
  first_party: z.boolean().default(false),
  id_token_signed_response_alg: z.enum(SIGNING_ALGORITHMS).default('ES256'),
  claims_in_id_token: z.boolean().default(false),
})

/** A registration that leaves nothing open. */
export const clientSchema = registration.transform((client, context) => {
  const method = client.token_endpoint_auth_method ?? defaultMethod(client)
  if (method) return { ...client, token_endpoint_auth_method: method }
  context.addIssue({
    code: 'custom',
    path: ['token_endpoint_auth_method'],
    message:
      'must be said, or follow from jwks or jwks_uri (private_key_jwt, the best choice) or client_secret',
  })
  return z.NEVER
})

// What the client can prove itself with says how it does (docs/decisions/017). Who has neither may have been forgotten.
function defaultMethod({
  client_secret,
  jwks,
  jwks_uri,
}: z.infer<typeof registration>): ClientAuthMethod | undefined {
  if (client_secret !== undefined) return 'client_secret_basic'
  return jwks !== undefined || jwks_uri !== undefined ? 'private_key_jwt' : undefined
}

type SeedClient = z.infer<typeof clientSchema> & { secret: string | undefined }

/** What has to fit together in a registration. The first rule that is broken is said. */
const rules: readonly ((client: SeedClient, isProduction: boolean) => string | undefined)[] = [
  secretIsThere,
  secretIsOfUse,
  secretIsItsOwn,
  keysAreThere,
  publicClientHasPkce,
  nativeClientIsNobodyInParticular,
  grantsFitTheClient,
  codesHaveSomewhereToGo,
  logoutsComeSafely,
]

/** @throws SettingsError naming the client and what does not fit */
export function toClient(
  seed: z.infer<typeof clientSchema>,
  env: Environment,
  isProduction: boolean,
): Client {
  const secret = seed.client_secret?.startsWith('$')
    ? givenValue(seed.client_secret.slice(1), env)
    : seed.client_secret
  for (const rule of rules) {
    const problem = rule({ ...seed, secret }, isProduction)
    if (problem) throw new SettingsError(`SEED_FILE: client ${seed.client_id}: ${problem}.`)
  }
  return {
    id: seed.client_id,
    name: seed.client_name,
    uri: seed.client_uri,
    policyUri: seed.policy_uri,
    termsUri: seed.tos_uri,
    authMethod: seed.token_endpoint_auth_method,
    secretHash: secret && hashSecret(secret),
    jwks: seed.jwks as KeySet | undefined, // public keys, checked above; what is not usable of them is left out when it is read
    jwksUri: seed.jwks_uri,
    grantTypes: seed.grant_types,
    responseModes: seed.response_modes,
    isNative: seed.application_type === 'native',
    redirectUris: seed.redirect_uris,
    postLogoutRedirectUris: seed.post_logout_redirect_uris,
    backchannelLogoutUri: seed.backchannel_logout_uri,
    scopes: seed.scope.split(' ').filter(Boolean),
    resources: seed.resources,
    isPkceRequired: seed.require_pkce,
    isPushRequired: seed.require_pushed_authorization_requests,
    isDpopBound: seed.dpop_bound_access_tokens,
    needsConsent: !seed.first_party,
    idTokenAlgorithm: seed.id_token_signed_response_alg,
    hasClaimsInIdToken: seed.claims_in_id_token,
  }
}

const hasSecret = ({ token_endpoint_auth_method: method }: SeedClient) =>
  method === 'client_secret_basic' || method === 'client_secret_post'

function secretIsThere(client: SeedClient) {
  if (hasSecret(client) && !client.secret)
    return `client_secret (${client.client_secret ?? 'absent'}) is missing: set the environment variable it names`
}

function secretIsOfUse(client: SeedClient) {
  if (!hasSecret(client) && client.secret)
    return `client_secret is of no use with token_endpoint_auth_method ${client.token_endpoint_auth_method}: leave it out`
}

function secretIsItsOwn({ secret, client_secret }: SeedClient, isProduction: boolean) {
  if (
    secret &&
    isProduction &&
    (secret.startsWith('development-') || secret.length < FEWEST_SECRET_CHARACTERS)
  )
    return `client_secret (${client_secret}) must be one of its own in production, ${FEWEST_SECRET_CHARACTERS} or more random characters`
}

function keysAreThere({ token_endpoint_auth_method: method, jwks, jwks_uri }: SeedClient) {
  if (method === 'private_key_jwt' && (jwks === undefined) === (jwks_uri === undefined))
    return 'jwks or jwks_uri, and not both, is what private_key_jwt needs'
}

function publicClientHasPkce({ token_endpoint_auth_method: method, require_pkce }: SeedClient) {
  if (method === 'none' && !require_pkce) return 'require_pkce must stay true for a public client'
}

// RFC 8252 §8.4, §8.6: what is installed on every machine is no secret, and any program there can answer in its place.
function nativeClientIsNobodyInParticular(client: SeedClient) {
  if (client.application_type !== 'native') return
  if (client.token_endpoint_auth_method !== 'none')
    return 'token_endpoint_auth_method must be none for a native client'
  if (client.first_party) return 'first_party is not for a native client: the person is asked each time'
}

function grantsFitTheClient({ token_endpoint_auth_method: method, grant_types }: SeedClient) {
  if (method === 'none' && grant_types.includes('client_credentials'))
    return 'grant_types: client_credentials is not for a public client, which has none'
}

function codesHaveSomewhereToGo({ grant_types, redirect_uris }: SeedClient) {
  if (grant_types.includes('authorization_code') && redirect_uris.length === 0)
    return 'redirect_uris needs one at least for authorization_code'
}

function logoutsComeSafely({ token_endpoint_auth_method: method, backchannel_logout_uri: uri }: SeedClient) {
  if (method === 'none' && uri && !isSafeOrigin(uri))
    return 'backchannel_logout_uri must be https for a public client'
}
