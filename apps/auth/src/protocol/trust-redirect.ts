import type { Client, ClientRegistry } from '../domain/clients.ts'
import { PageError } from './errors.ts'
import type { Params } from './params.ts'

/** Client and address are proved: from here on an error may travel there. Only `trustRedirect` makes one. */
export interface TrustedRequest {
  client: Client
  redirectUri: string
  state: string | undefined
  params: Params
}

/**
 * The first check of an authorization request.
 * @throws PageError an unknown client or an address that is not registered for it (RFC 9700 §2.1)
 */
export function trustRedirect(params: Params, clients: ClientRegistry): TrustedRequest {
  const client = clients.find(params.get('client_id') ?? '')
  if (!client) throw new PageError('invalid_client', 'client_unknown')
  const redirectUri = params.get('redirect_uri')
  if (!redirectUri) throw new PageError('invalid_redirect_uri', 'return_address_missing')
  if (!isRegistered(client, redirectUri)) {
    throw new PageError('invalid_redirect_uri', 'return_address_unknown')
  }
  return { client, redirectUri, state: params.get('state'), params }
}

// RFC 8252 §7.3, and no name that stands for them (§8.3).
const PORT_OF_LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\])):([1-9]\d{0,4})(?=[/?]|$)/

/** Byte for byte, but for the port of a native client, which listens on whatever is free: it registers the address without one. */
function isRegistered({ isNative, redirectUris }: Client, redirectUri: string): boolean {
  if (redirectUris.includes(redirectUri)) return true
  const [given, origin, port] = PORT_OF_LOOPBACK.exec(redirectUri) ?? []
  if (!isNative || given === undefined || Number(port) > 65_535) return false
  return redirectUris.includes(origin + redirectUri.slice(given.length))
}

/** A registered address as it is, byte for byte, with parameters after it. */
export function withParameters(address: string, parameters: Record<string, string>): string {
  const added = new URLSearchParams(parameters).toString()
  return added ? `${address}${address.includes('?') ? '&' : '?'}${added}` : address
}
