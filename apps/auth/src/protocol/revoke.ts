import type { RefreshTokens } from '../domain/refresh-tokens.ts'
import type { Store } from '../domain/store.ts'
import { authenticateClient, type ClientAuthContext } from './client-auth.ts'
import type { ClientRequest } from './client-request.ts'
import { invalidRequest } from './errors.ts'
import { grantBehind, type OwnTokensContext, ownClaims } from './own-tokens.ts'

export interface RevokeContext extends ClientAuthContext, OwnTokensContext {
  refreshTokens: RefreshTokens
  store: Store
}

/**
 * Token revocation (RFC 7009): ends the whole grant, whichever of its tokens is shown, so that its bit is set and its access
 * tokens die at every site. An unknown token is no error; another client's token stays as it is.
 * @throws OAuthError
 */
export async function revoke(context: RevokeContext, request: ClientRequest): Promise<Record<string, never>> {
  const client = await authenticateClient(context, request)
  const { params } = request
  const token = params.get('token')
  if (!token) throw invalidRequest('token is missing')
  const grantId = context.refreshTokens.read(token)?.grantId ?? (await grantOfAccessToken(context, token))
  if (grantId) await context.store.grants.revoke(grantId, client.id, context.now())
  return {}
}

async function grantOfAccessToken(context: RevokeContext, token: string): Promise<string | undefined> {
  const claims = await ownClaims(context, token)
  return claims && (await grantBehind(context, claims))?.id
}
