import { type KeySource, localKeys, remoteKeys } from '@grove/jwt'
import type { Client } from './clients.ts'

/** The public keys of each client, as registered: written down, or kept fresh from where the client publishes them. */
export function createClientKeys({ fetch, now }: { fetch: typeof globalThis.fetch; now: () => Date }) {
  const sources = new Map<string, KeySource>()

  function sourceOf({ jwks, jwksUri }: Client): KeySource {
    if (jwksUri !== undefined) return remoteKeys({ url: jwksUri, fetch, now })
    return localKeys(jwks ?? { keys: [] })
  }

  return (client: Client): KeySource => {
    const source = sources.get(client.id) ?? sourceOf(client)
    sources.set(client.id, source)
    return source
  }
}
