import type { Auth } from '../auth.ts'

/**
 * Who may call from a page of another origin (RFC 10017 §6.3): the pages of registered public clients, which have no server to do it.
 * Without cookies; what they have to read of an answer's header is named (RFC 9449 §8.2).
 */
export function browserCalls({ clients }: Pick<Auth, 'clients'>) {
  const publicClients = clients.all().filter(({ authMethod }) => authMethod === 'none')
  const addresses = publicClients.flatMap(({ redirectUris }) => redirectUris)
  const origins = new Set(
    addresses.map((address) => new URL(address).origin).filter((origin) => origin !== 'null'),
  )
  return {
    origin: (origin: string) => (origins.has(origin) ? origin : null),
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['authorization', 'content-type', 'dpop'],
    exposeHeaders: ['dpop-nonce', 'www-authenticate', 'retry-after'],
    maxAge: 600,
  }
}
