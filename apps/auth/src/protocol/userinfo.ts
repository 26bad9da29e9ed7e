import { TokenError, type Verifier } from '@grove/jwt'
import { claimsFor } from '../domain/claims.ts'
import { grantIndexOf } from '../domain/status-list.ts'
import type { Store } from '../domain/store.ts'
import { OwnAccessToken } from '../domain/tokens.ts'
import { invalidRequest, OAuthError } from './errors.ts'
import type { Params } from './params.ts'

export interface UserinfoContext {
  store: Store
  ownTokens: Verifier
  now(): Date
}

/**
 * Userinfo (OpenID Connect Core 1.0 §5.3): the claims that the token's scope releases. The grant is asked, so a revoked token
 * is dead here at once.
 * @throws OAuthError with the `WWW-Authenticate` of RFC 6750 §3
 */
export async function userinfo(
  { store, ownTokens, now }: UserinfoContext,
  authorization: string | undefined,
  body: Params | undefined,
): Promise<Record<string, unknown>> {
  const token = readBearer(authorization, body?.get('access_token'))
  const { claims } = await ownTokens.verify(OwnAccessToken, token).catch((error) => {
    if (error instanceof TokenError) throw invalidToken(error.message)
    throw error
  })
  const scope = claims.scope ?? ''
  if (!scope.split(' ').includes('openid')) throw insufficientScope()
  const grant =
    claims.status && (await store.grants.findByIndex(grantIndexOf(claims.status.status_list), now()))
  if (!grant) throw invalidToken('the token is revoked')
  return { ...claimsFor(grant.account, scope), sub: grant.account.id }
}

function readBearer(authorization: string | undefined, inBody: string | undefined): string {
  if (authorization !== undefined && inBody !== undefined)
    throw invalidRequest('the token is sent in two ways at once')
  const token =
    authorization === undefined ? inBody : /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1]
  if (authorization === undefined && token === undefined) {
    // RFC 6750 §3.1: without a token there is no error code.
    throw new OAuthError('invalid_token', 'a bearer token is needed', {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="grove"' },
    })
  }
  if (token === undefined) throw invalidToken('the Authorization header does not hold one bearer token')
  return token
}

function invalidToken(description: string): OAuthError {
  return challenge('invalid_token', description, 401)
}

function insufficientScope(): OAuthError {
  return challenge('insufficient_scope', 'the scope openid is needed', 403, ', scope="openid"')
}

function challenge(code: string, description: string, status: number, more = ''): OAuthError {
  const error = new OAuthError(code, description, { status })
  error.headers['www-authenticate'] =
    `Bearer realm="grove", error="${code}", error_description="${error.message}"${more}`
  return error
}
