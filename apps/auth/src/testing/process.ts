import type { Client } from '../domain/clients.ts'
import { secretOf } from './clients.ts'
import { ISSUER, type Provider } from './provider.ts'

/**
 * A process in place of the provider in memory, for the helpers that fill in forms and redeem codes.
 * @param origin where it listens, asked each time: another process may have taken its place
 */
export function providerAt(origin: () => string, registered: readonly Client[]): Provider {
  const reach: typeof fetch = (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input)
    return fetch(origin() + pathname + search, { ...init, redirect: 'manual' })
  }
  const clients = {
    find: (id: string) => registered.find((client) => client.id === id),
    all: () => registered,
  }
  // Of a provider they use these three.
  return { issuer: ISSUER, fetch: reach, auth: { clients } } as unknown as Provider
}

/** One of the company's own sites, in the words of SEED_FILE. */
export function registrationOf(
  { id, name, redirectUris, scopes, resources }: Client,
  backchannelLogoutUri: string,
) {
  return {
    client_id: id,
    client_name: name,
    client_secret: secretOf(id),
    redirect_uris: redirectUris,
    backchannel_logout_uri: backchannelLogoutUri,
    scope: scopes.join(' '),
    resources,
    first_party: true,
    claims_in_id_token: true,
  }
}
