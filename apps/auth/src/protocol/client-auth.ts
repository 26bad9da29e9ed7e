import { type Client, type ClientAuthMethod, type ClientRegistry, isClientSecret } from '../domain/clients.ts'
import { type RateLimits, TooManyTriesError } from '../domain/rate-limits.ts'
import { type AssertionContext, provesItself } from './client-auth.assertion.ts'
import type { ClientRequest } from './client-request.ts'
import { invalidRequest, OAuthError } from './errors.ts'

export interface ClientAuthContext extends AssertionContext {
  clients: ClientRegistry
  limits: Pick<RateLimits, 'clientFailed'>
}

interface Credentials {
  method: ClientAuthMethod
  clientId: string
  /** The secret, or the assertion. */
  proof: string
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Proves which client is asking (OAuth 2.1 §2.4): exactly the method it is registered with.
 * @throws OAuthError `invalid_request` two methods at once; `invalid_client` anything else that does not fit, with 429 if that
 * happens too often
 */
export async function authenticateClient(
  context: ClientAuthContext,
  request: Pick<ClientRequest, 'params' | 'authorization' | 'address' | 'identified'>,
): Promise<Client> {
  const { method, clientId, proof } = readCredentials(request)
  const client = context.clients.find(clientId)
  if (client?.authMethod !== method || !(await isProved(context, client, proof)))
    throw await refusalFor(context, client, request)
  request.identified?.(client.id)
  return client
}

// CA-9: only what fails is counted, so nobody can lock a client out.
async function refusalFor(
  { limits, now }: ClientAuthContext,
  client: Client | undefined,
  { address, authorization }: Pick<ClientRequest, 'authorization' | 'address'>,
): Promise<OAuthError> {
  try {
    await limits.clientFailed(client?.id ?? 'unknown', address, now())
    return invalidClient(authorization !== undefined)
  } catch (error) {
    if (!(error instanceof TooManyTriesError)) throw error
    const headers = { 'retry-after': String(error.retryAfterSeconds) }
    return new OAuthError('invalid_client', 'too many failed tries', { status: 429, headers })
  }
}

async function isProved(context: AssertionContext, client: Client, proof: string): Promise<boolean> {
  switch (client.authMethod) {
    case 'none':
      return true
    case 'private_key_jwt':
      return await provesItself(context, client, proof)
    case 'client_secret_basic':
    case 'client_secret_post':
      return isClientSecret(client, proof)
  }
}

function readCredentials({
  params,
  authorization,
}: Pick<ClientRequest, 'params' | 'authorization'>): Credentials {
  const clientId = params.get('client_id')
  const secret = params.get('client_secret')
  const assertion = params.get('client_assertion')
  if ([authorization, secret, assertion].filter((given) => given !== undefined).length > 1)
    throw invalidRequest('the client authenticates in two ways at once')
  if (authorization !== undefined) {
    const basic = readBasic(authorization)
    if (clientId && clientId !== basic.clientId)
      throw invalidRequest('client_id is not the client that authenticates')
    return { method: 'client_secret_basic', ...basic }
  }
  if (assertion !== undefined) {
    if (params.get('client_assertion_type') !== ASSERTION_TYPE)
      throw invalidRequest(`client_assertion_type must be ${ASSERTION_TYPE}`)
    const subject = subjectOf(assertion)
    if (clientId && clientId !== subject) throw invalidClient(false)
    return { method: 'private_key_jwt', clientId: subject, proof: assertion }
  }
  return { method: secret ? 'client_secret_post' : 'none', clientId: clientId ?? '', proof: secret ?? '' }
}

// Only to find the client whose keys it is to be checked with: nothing of it is believed before.
function subjectOf(assertion: string): string {
  try {
    const { sub } = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString())
    return typeof sub === 'string' ? sub : ''
  } catch {
    return ''
  }
}

// Both halves are form-encoded before base64 (RFC 6749 §2.3.1).
function readBasic(authorization: string): { clientId: string; proof: string } {
  const [, encoded] = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? []
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? []
  if (!id || !secret) throw invalidClient(true)
  try {
    const decode = (half: string) => decodeURIComponent(half.replaceAll('+', ' '))
    return { clientId: decode(id), proof: decode(secret) }
  } catch {
    throw invalidClient(true)
  }
}

/** Who an `Authorization` header of the scheme Basic says it is from, before anything is proved. */
export function clientIdOfBasic(authorization: string | undefined): string | undefined {
  try {
    return readBasic(authorization ?? '').clientId
  } catch {
    return undefined
  }
}

function invalidClient(triedHeader: boolean): OAuthError {
  const headers: Record<string, string> = triedHeader ? { 'www-authenticate': 'Basic realm="grove"' } : {}
  return new OAuthError('invalid_client', 'the client could not be authenticated', { status: 401, headers })
}
