import type { Client } from '../domain/clients.ts'
import type { Grant } from '../domain/grants.ts'
import type { RefreshTokens } from '../domain/refresh-tokens.ts'
import type { Store } from '../domain/store.ts'
import { authenticateClient, type ClientAuthContext } from './client-auth.ts'
import type { ClientRequest } from './client-request.ts'
import { invalidGrant, invalidRequest } from './errors.ts'
import { grantBehind, type OwnTokensContext, ownClaims } from './own-tokens.ts'

export interface RevokeContext extends ClientAuthContext, OwnTokensContext {
  refreshTokens: RefreshTokens
  store: Store
}

/**
 * Token revocation (RFC 7009): ends the whole grant, whichever of its tokens is shown, so that its bit is set and its access
 * tokens die at every site. An unknown token is no error; another client's token is, and stays as it is.
 * @throws OAuthError
 */
export async function revoke(context: RevokeContext, request: ClientRequest): Promise<Record<string, never>> {
  const client = await authenticateClient(context, request)
  const { params } = request
  const token = params.get('token')
  if (!token) throw invalidRequest('token is missing')
  const grant = (await grantOfRefreshToken(context, token)) ?? (await grantOfAccessToken(context, token))
  if (!grant) return {}
  grantIsOfClient(grant, client)
  await context.store.grants.revoke(grant.id, client.id, context.now())
  return {}
}

// RFC 7009 §2.1: whoever shows another client's token is told so, and nothing is revoked.
function grantIsOfClient(grant: Grant, client: Client): void {
  if (grant.clientId !== client.id) throw invalidGrant('the token was issued to another client')
}

async function grantOfRefreshToken(
  { refreshTokens, store, now }: RevokeContext,
  token: string,
): Promise<Grant | undefined> {
  const known = refreshTokens.read(token)
  return known && (await store.grants.find(known.grantId, now()))
}

async function grantOfAccessToken(context: RevokeContext, token: string): Promise<Grant | undefined> {
  const claims = await ownClaims(context, token)
  return claims && (await grantBehind(context, claims))
}
