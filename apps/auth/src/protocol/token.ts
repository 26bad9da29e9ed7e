import { type Client, GRANT_TYPES, type GrantType } from '../domain/clients.ts'
import type { Codes } from '../domain/codes.ts'
import type { RefreshTokens } from '../domain/refresh-tokens.ts'
import type { Store } from '../domain/store.ts'
import type { Telemetry } from '../domain/telemetry.ts'
import type { TokenIssuer, TokenSet } from '../domain/tokens.ts'
import { authenticateClient, type ClientAuthContext } from './client-auth.ts'
import type { ClientRequest } from './client-request.ts'
import { clientHolder, type DpopContext, type Holder, oneHolder, requiredKey } from './dpop.ts'
import { invalidRequest, OAuthError } from './errors.ts'
import type { Params } from './params.ts'
import { clientCredentials } from './token.client-credentials.ts'
import { redeemCode } from './token.code.ts'
import { refresh } from './token.refresh.ts'

export interface TokenContext extends ClientAuthContext, DpopContext {
  codes: Codes
  refreshTokens: RefreshTokens
  store: Store
  tokens: TokenIssuer
  telemetry: Pick<Telemetry, 'issued' | 'refreshed'>
}

export type GrantHandler = (
  context: TokenContext,
  client: Client,
  params: Params,
  /** Thumbprint of the key that the client proved to hold; its tokens are bound to it (RFC 9449 §5). */
  key: string | undefined,
) => Promise<{ tokens: TokenSet; scope: string }>

const handlers: Record<GrantType, GrantHandler> = {
  authorization_code: redeemCode,
  refresh_token: refresh,
  client_credentials: clientCredentials,
}

/**
 * The token endpoint (RFC 6749 §3.2). Answers the members of RFC 6749 §5.1 and OpenID Connect Core 1.0 §3.1.3.3.
 * @throws OAuthError
 */
export async function token(context: TokenContext, request: ClientRequest): Promise<Record<string, unknown>> {
  const client = await authenticateClient(context, request)
  const grantType = grantTypeOf(client, request.params)
  const holder = request.dpop === undefined ? undefined : await holderOf(context, client, request.params)
  const key = await requiredKey(context, request, { holder, isRequired: client.isDpopBound })
  const { tokens, scope } = await handlers[grantType](context, client, request.params, key)
  context.telemetry.issued(grantType)
  return {
    access_token: tokens.accessToken,
    token_type: key === undefined ? 'Bearer' : 'DPoP',
    expires_in: tokens.expiresInSeconds,
    ...(tokens.refreshToken && { refresh_token: tokens.refreshToken }),
    ...(tokens.idToken && { id_token: tokens.idToken }),
    scope,
  }
}

/** The grant of the code or refresh token that a proof came with, if that is one of ours; else a client that proved itself. */
async function holderOf(
  { codes, refreshTokens }: TokenContext,
  client: Client,
  params: Params,
): Promise<Holder | undefined> {
  const [code, refreshToken] = [params.get('code'), params.get('refresh_token')]
  const ofCode = code === undefined ? undefined : await codes.open(code)
  const grantId = ofCode?.grantId ?? (refreshToken && refreshTokens.read(refreshToken)?.grantId)
  return grantId ? oneHolder(grantId) : clientHolder(client)
}

function grantTypeOf(client: Client, params: Params): GrantType {
  const named = params.get('grant_type')
  if (!named) throw invalidRequest('grant_type is missing')
  if (!isGrantType(named))
    throw new OAuthError('unsupported_grant_type', `grant_type must be one of ${GRANT_TYPES.join(', ')}`)
  if (!client.grantTypes.includes(named))
    throw new OAuthError('unauthorized_client', 'this client is not registered for this grant_type')
  return named
}

const isGrantType = (name: string): name is GrantType => Object.hasOwn(handlers, name)
