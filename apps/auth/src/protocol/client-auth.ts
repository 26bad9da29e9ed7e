import { type Client, type ClientAuthMethod, type ClientRegistry, isClientSecret } from '../domain/clients.ts'
import { invalidRequest, OAuthError } from './errors.ts'
import type { Params } from './params.ts'

interface Credentials {
  method: ClientAuthMethod
  clientId: string
  secret: string
}

/**
 * Proves which client is asking (OAuth 2.1 §2.4): exactly the method it is registered with.
 * @throws OAuthError `invalid_request` two methods at once; `invalid_client` anything else that does not fit
 */
export function authenticateClient(
  params: Params,
  authorization: string | undefined,
  clients: ClientRegistry,
): Client {
  const { method, clientId, secret } = readCredentials(params, authorization)
  const client = clients.find(clientId)
  const fits = client?.authMethod === method && (method === 'none' || isClientSecret(client, secret))
  if (!client || !fits) throw invalidClient(authorization !== undefined)
  return client
}

function readCredentials(params: Params, authorization: string | undefined): Credentials {
  const clientId = params.get('client_id')
  const secret = params.get('client_secret')
  if (params.get('client_assertion')) throw invalidClient(authorization !== undefined)
  if (authorization === undefined) {
    return { method: secret ? 'client_secret_post' : 'none', clientId: clientId ?? '', secret: secret ?? '' }
  }
  if (secret) throw invalidRequest('the client authenticates in two ways at once')
  const basic = readBasic(authorization)
  if (clientId && clientId !== basic.clientId)
    throw invalidRequest('client_id is not the client that authenticates')
  return { method: 'client_secret_basic', ...basic }
}

// Both halves are form-encoded before base64 (RFC 6749 §2.3.1).
function readBasic(authorization: string): { clientId: string; secret: string } {
  const [, encoded] = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? []
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? []
  if (!id || !secret) throw invalidClient(true)
  try {
    const decode = (half: string) => decodeURIComponent(half.replaceAll('+', ' '))
    return { clientId: decode(id), secret: decode(secret) }
  } catch {
    throw invalidClient(true)
  }
}

function invalidClient(triedHeader: boolean): OAuthError {
  const headers: Record<string, string> = triedHeader ? { 'www-authenticate': 'Basic realm="grove"' } : {}
  return new OAuthError('invalid_client', 'the client could not be authenticated', { status: 401, headers })
}
