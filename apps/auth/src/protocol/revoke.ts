import { TokenError, type Verifier } from '@grove/jwt'
import type { Client } from '../domain/clients.ts'
import type { Grant } from '../domain/grants.ts'
import type { RefreshTokens } from '../domain/refresh-tokens.ts'
import { grantIndexOf } from '../domain/status-list.ts'
import type { Store } from '../domain/store.ts'
import { OwnAccessToken } from '../domain/tokens.ts'
import { authenticateClient, type ClientAuthContext } from './client-auth.ts'
import type { ClientRequest } from './client-request.ts'
import { invalidGrant, invalidRequest } from './errors.ts'

export interface RevokeContext extends ClientAuthContext {
  refreshTokens: RefreshTokens
  store: Store
  ownTokens: Verifier
  now(): Date
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

async function grantOfAccessToken(
  { ownTokens, store, now }: RevokeContext,
  token: string,
): Promise<Grant | undefined> {
  try {
    const { claims } = await ownTokens.verify(OwnAccessToken, token)
    return claims.status && (await store.grants.findByIndex(grantIndexOf(claims.status.status_list), now()))
  } catch (error) {
    if (error instanceof TokenError) return undefined
    throw error
  }
}
