import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { Auth } from '../auth.ts'

/**
 * Who may call from a page of another origin (RFC 10017 §6.3): the pages of registered public clients, which have no server to do it.
 * Without cookies; what they have to read of an answer's header is named (RFC 9449 §8.2).
 */
export function browserCalls({ clients }: Pick<Auth, 'clients'>): MiddlewareHandler {
  // A native client is no page, and a page at an address where one may listen is not it.
  const publicClients = clients.all().filter(({ authMethod, isNative }) => authMethod === 'none' && !isNative)
  const addresses = publicClients.flatMap(({ redirectUris }) => redirectUris)
  const origins = new Set(
    addresses.map((address) => new URL(address).origin).filter((origin) => origin !== 'null'),
  )
  const share = cors({
    origin: (origin: string) => (origins.has(origin) ? origin : null),
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['authorization', 'content-type', 'dpop'],
    exposeHeaders: ['dpop-nonce', 'www-authenticate', 'retry-after'],
    maxAge: 600,
  })
  // A client's server sends no Origin. No cache keeps what is answered here, so it need not be told that the answer varies.
  return (c, next) => (c.req.header('origin') === undefined ? next() : share(c, next))
}
