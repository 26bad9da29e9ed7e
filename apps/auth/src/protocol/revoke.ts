import { TokenError, type Verifier } from '@grove/jwt'
import type { RefreshTokens } from '../domain/refresh-tokens.ts'
import { grantIndexOf } from '../domain/status-list.ts'
import type { Store } from '../domain/store.ts'
import { OwnAccessToken } from '../domain/tokens.ts'
import { authenticateClient, type ClientAuthContext } from './client-auth.ts'
import type { ClientRequest } from './client-request.ts'
import { invalidRequest } from './errors.ts'

export interface RevokeContext extends ClientAuthContext {
  refreshTokens: RefreshTokens
  store: Store
  ownTokens: Verifier
  now(): Date
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

async function grantOfAccessToken(
  { ownTokens, store, now }: RevokeContext,
  token: string,
): Promise<string | undefined> {
  try {
    const { claims } = await ownTokens.verify(OwnAccessToken, token)
    const grant =
      claims.status && (await store.grants.findByIndex(grantIndexOf(claims.status.status_list), now()))
    return grant?.id
  } catch (error) {
    if (error instanceof TokenError) return undefined
    throw error
  }
}
