import type { AccessTokenClaims } from '@grove/jwt'
import type { Client } from '../domain/clients.ts'
import type { RefreshTokens } from '../domain/refresh-tokens.ts'
import type { Store } from '../domain/store.ts'
import { authenticateClient, type ClientAuthContext } from './client-auth.ts'
import type { ClientRequest } from './client-request.ts'
import { invalidRequest, OAuthError } from './errors.ts'
import { grantBehind, type OwnTokensContext, ownClaims } from './own-tokens.ts'

export interface IntrospectContext extends ClientAuthContext, OwnTokensContext {
  refreshTokens: RefreshTokens
  store: Store
}

const INACTIVE = { active: false }

/**
 * Token introspection (RFC 7662): what a token says, for whom it is meant: the client it was issued to, or a site among its
 * audiences. To all others, and of any token that does not hold, `active: false` and nothing else (§2.2, §4).
 * @throws OAuthError
 */
export async function introspect(
  context: IntrospectContext,
  request: ClientRequest,
): Promise<Record<string, unknown>> {
  const client = await authenticateClient(context, request)
  // RFC 7662 §2.1: not for whoever cannot prove who he is.
  if (client.authMethod === 'none')
    throw new OAuthError('unauthorized_client', 'a public client may not introspect', { status: 403 })
  const token = request.params.get('token')
  if (!token) throw invalidRequest('token is missing')
  return (
    (await ofRefreshToken(context, client, token)) ??
    (await ofAccessToken(context, client, token)) ??
    INACTIVE
  )
}

async function ofRefreshToken(
  { refreshTokens, store, issuer, now }: IntrospectContext,
  client: Client,
  token: string,
) {
  const known = refreshTokens.read(token)
  if (!known) return undefined
  const grant = await store.grants.find(known.grantId, now())
  if (grant?.clientId !== client.id || grant.generation !== known.generation) return INACTIVE
  return {
    active: true,
    iss: issuer,
    sub: grant.account.id,
    client_id: client.id,
    scope: grant.scope,
    exp: Math.floor(grant.expiresAt.getTime() / 1000),
    ...(grant.boundTo !== undefined && { cnf: { jkt: grant.boundTo } }),
  }
}

async function ofAccessToken(context: IntrospectContext, client: Client, token: string) {
  const claims = await ownClaims(context, token)
  if (!claims || !isMeantFor(client, claims)) return undefined
  if (claims.status && !(await grantBehind(context, claims))) return undefined
  const { iss, sub, aud, client_id, scope, exp, iat, jti, auth_time, acr, cnf } = claims
  const said = { iss, sub, aud, client_id, scope, exp, iat, jti, auth_time, acr, cnf }
  return { active: true, token_type: cnf ? 'DPoP' : 'Bearer', ...said } // what is undefined is not in the JSON
}

function isMeantFor({ id, uri }: Client, { client_id, aud }: AccessTokenClaims): boolean {
  const site = uri === undefined ? undefined : new URL(uri).origin
  return client_id === id || (site !== undefined && [aud].flat().includes(site))
}
