import type { Client, ClientRegistry } from '../domain/clients.ts'
import type { Codes } from '../domain/codes.ts'
import type { RefreshTokens } from '../domain/refresh-tokens.ts'
import type { Store } from '../domain/store.ts'
import type { TokenIssuer, TokenSet } from '../domain/tokens.ts'
import { authenticateClient } from './client-auth.ts'
import { invalidRequest, OAuthError } from './errors.ts'
import type { Params } from './params.ts'
import { redeemCode } from './token.code.ts'
import { refresh } from './token.refresh.ts'

export interface TokenContext {
  clients: ClientRegistry
  codes: Codes
  refreshTokens: RefreshTokens
  store: Store
  tokens: TokenIssuer
  now(): Date
}

export type GrantHandler = (
  context: TokenContext,
  client: Client,
  params: Params,
) => Promise<{ tokens: TokenSet; scope: string }>

const handlers: Record<string, GrantHandler> = { authorization_code: redeemCode, refresh_token: refresh }
export const GRANT_TYPES = Object.keys(handlers)

/**
 * The token endpoint (RFC 6749 §3.2). Answers the members of RFC 6749 §5.1 and OpenID Connect Core 1.0 §3.1.3.3.
 * @throws OAuthError
 */
export async function token(
  context: TokenContext,
  params: Params,
  authorization: string | undefined,
): Promise<Record<string, unknown>> {
  const client = authenticateClient(params, authorization, context.clients)
  const grantType = params.get('grant_type')
  if (!grantType) throw invalidRequest('grant_type is missing')
  const handler = Object.hasOwn(handlers, grantType) ? handlers[grantType] : undefined
  if (!handler)
    throw new OAuthError('unsupported_grant_type', `grant_type must be ${GRANT_TYPES.join(' or ')}`)
  const { tokens, scope } = await handler(context, client, params)
  return {
    access_token: tokens.accessToken,
    token_type: 'Bearer',
    expires_in: tokens.expiresInSeconds,
    ...(tokens.refreshToken && { refresh_token: tokens.refreshToken }),
    ...(tokens.idToken && { id_token: tokens.idToken }),
    scope,
  }
}
