import { type AccessTokenClaims, TokenError } from '@grove/jwt'
import { claimsFor } from '../domain/claims.ts'
import { OwnAccessToken } from '../domain/tokens.ts'
import type { ClientRequest } from './client-request.ts'
import { type DpopContext, oneHolder, provedKey } from './dpop.ts'
import { OAuthError } from './errors.ts'
import { grantBehind, type OwnTokensContext } from './own-tokens.ts'
import { type Credential, challenge, readCredential } from './userinfo.credential.ts'

export interface UserinfoContext extends DpopContext, OwnTokensContext {
  store: DpopContext['store'] & OwnTokensContext['store']
}

/**
 * Userinfo (OpenID Connect Core 1.0 §5.3): the claims that the token's scope releases. The grant is asked, so a revoked token
 * is dead here at once.
 * @throws OAuthError with the `WWW-Authenticate` of RFC 6750 §3 or RFC 9449 §7.1
 */
export async function userinfo(
  context: UserinfoContext,
  request: ClientRequest,
): Promise<Record<string, unknown>> {
  const credential = readCredential(request)
  const claims = await verified(context, credential)
  await keyFits(context, request, credential, claims)
  const scope = claims.scope ?? ''
  if (!scope.split(' ').includes('openid'))
    throw challenge(credential.scheme, 'insufficient_scope', 'the scope openid is needed', 403, {
      scope: 'openid',
    })
  const grant = await grantBehind(context, claims)
  if (!grant) throw challenge(credential.scheme, 'invalid_token', 'the token is revoked')
  return { ...claimsFor(grant.account, scope, grant.claims.userinfo), sub: grant.account.id }
}

async function verified(
  { ownTokens }: UserinfoContext,
  { scheme, token }: Credential,
): Promise<AccessTokenClaims> {
  const { claims } = await ownTokens.verify(OwnAccessToken, token).catch((error) => {
    if (error instanceof TokenError) throw challenge(scheme, 'invalid_token', error.message)
    throw error
  })
  return claims
}

// RFC 9449 §7.1, §7.2: a token that names a key works with a proof of that key, and only so.
async function keyFits(
  context: UserinfoContext,
  request: ClientRequest,
  { scheme, token }: Credential,
  { sub, cnf }: AccessTokenClaims,
): Promise<void> {
  if (cnf === undefined && scheme === 'Bearer') return
  if (cnf === undefined || scheme === 'Bearer')
    throw challenge(scheme, 'invalid_token', 'the token and the way it is sent do not fit each other')
  if (request.dpop === undefined) throw challenge('DPoP', 'invalid_dpop_proof', 'a DPoP proof is needed')
  const bound = { accessToken: token, jkt: cnf.jkt }
  await provedKey(context, request, oneHolder(sub), bound).catch((error) => {
    if (!(error instanceof OAuthError)) throw error
    const refused = challenge('DPoP', error.code, error.message)
    Object.assign(refused.headers, error.headers)
    throw refused
  })
}
