import type { AsymmetricAlgorithm } from '@grove/jwt'
import { matchesHash } from './secrets.ts'

export type ClientAuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post'

/** An application that may ask for logins. Its registration is the operator's word: what is not in it is refused. */
export interface Client {
  id: string
  name: string
  /** Its home page. */
  uri: string | undefined
  authMethod: ClientAuthMethod
  secretHash: string | undefined
  /** Compared byte for byte (RFC 9700 §2.1). */
  redirectUris: readonly string[]
  postLogoutRedirectUris: readonly string[]
  backchannelLogoutUri: string | undefined
  scopes: readonly string[]
  /** The audiences its access tokens may have; all of them unless the request names some (RFC 8707). */
  resources: readonly string[]
  isPkceRequired: boolean
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

export function isClientSecret(client: Client, secret: string): boolean {
  return client.secretHash !== undefined && matchesHash(secret, client.secretHash)
}
