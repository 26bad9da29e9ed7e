import type { AsymmetricAlgorithm, KeySet } from '@grove/jwt'
import type { AccountStore } from './accounts.ts'
import { matchesHash } from './secrets.ts'

export const CLIENT_AUTH_METHODS = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
] as const
export type ClientAuthMethod = (typeof CLIENT_AUTH_METHODS)[number]

export const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'] as const
export type GrantType = (typeof GRANT_TYPES)[number]

export const RESPONSE_MODES = ['query', 'form_post'] as const
export type ResponseMode = (typeof RESPONSE_MODES)[number]

/** An application that may ask for logins. Its registration is the operator's word: what is not in it is refused. */
export interface Client {
  id: string
  name: string
  /** Its home page. */
  uri: string | undefined
  /** What it says about its use of data, and its terms: shown where a person is asked for consent. */
  policyUri?: string | undefined
  termsUri?: string | undefined
  authMethod: ClientAuthMethod
  secretHash: string | undefined
  /** Public keys of a client with `private_key_jwt`: as they are, or where they are published. */
  jwks: KeySet | undefined
  jwksUri: string | undefined
  grantTypes: readonly GrantType[]
  responseModes: readonly ResponseMode[]
  /** On the person's own machine, where it listens on whatever port is free (RFC 8252). Anybody there can say to be it. */
  isNative: boolean
  /** Compared byte for byte (RFC 9700 §2.1); only the port of a loopback address is open, for a native client. */
  redirectUris: readonly string[]
  postLogoutRedirectUris: readonly string[]
  backchannelLogoutUri: string | undefined
  scopes: readonly string[]
  /** The audiences its access tokens may have; all of them unless the request names some (RFC 8707). */
  resources: readonly string[]
  isPkceRequired: boolean
  /** Its authorization requests are taken from the back channel only (RFC 9126 §6). */
  isPushRequired: boolean
  /** It gets no token that works without its key (RFC 9449 §5.2). */
  isDpopBound: boolean
  /** The person is asked before it learns anything. Not for the company's own sites. */
  needsConsent: boolean
  idTokenAlgorithm: AsymmetricAlgorithm
  /** Personal claims stand in the ID token too, which saves our own sites a call to userinfo. */
  hasClaimsInIdToken: boolean
}

export interface ClientRegistry {
  find(clientId: string): Client | undefined
  all(): readonly Client[]
}

export function createClientRegistry(clients: readonly Client[]): ClientRegistry {
  const byId = new Map(clients.map((client) => [client.id, client]))
  return { find: (clientId) => byId.get(clientId), all: () => clients }
}

/**
 * A client's own token has its id as `sub`: nobody may take it for a person (RFC 9700 §4.15).
 * @throws Error naming a client that has the id of an account
 */
export async function clientsAreNobody(
  clients: ClientRegistry,
  accounts: Pick<AccountStore, 'existing'>,
): Promise<void> {
  const [both] = await accounts.existing(clients.all().map(({ id }) => id))
  if (both !== undefined) throw new Error(`the client ${both} has the id of an account: give it another`)
}

export function isClientSecret(client: Client, secret: string): boolean {
  return client.secretHash !== undefined && matchesHash(secret, client.secretHash)
}
