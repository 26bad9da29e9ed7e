import { IdTokenHint, TokenError, type Verifier } from '@grove/jwt'
import type { ClientRegistry } from '../domain/clients.ts'
import type { Codes } from '../domain/codes.ts'
import type { Session } from '../domain/sessions.ts'
import { type AuthorizationRequest, checkAuthorizationRequest } from './authorize.checks.ts'
import { OAuthError } from './errors.ts'
import { readParams } from './params.ts'
import { responseUrl, type TrustedRequest, trustRedirect } from './trust-redirect.ts'

export interface AuthorizeContext {
  issuer: string
  clients: ClientRegistry
  codes: Codes
  /** Verifies our own ID tokens, shown as hints by this client. */
  hintVerifier(clientId: string): Verifier
  now(): Date
}

/** Where the browser goes now, or that the person has to log in first. */
export type AuthorizeAnswer =
  | { redirect: string }
  | { login: AuthorizationRequest; isReauthentication: boolean }

/**
 * The authorization endpoint (RFC 6749 §4.1.1, OpenID Connect Core 1.0 §3.1.2).
 * `session`: what the browser's cookie proves. `hasJustLoggedIn`: the password was right a moment ago.
 * @throws PageError when the answer must not travel to the address that was given
 */
export async function authorize(
  context: AuthorizeContext,
  query: string,
  { session, hasJustLoggedIn }: { session: Session | undefined; hasJustLoggedIn: boolean },
): Promise<AuthorizeAnswer> {
  const trusted = trustRedirect(readParams(query), context.clients)
  try {
    const request = checkAuthorizationRequest(trusted)
    const obstacle = await loginObstacle(context, request, session, hasJustLoggedIn)
    if (session && !obstacle) return { redirect: await grantCode(context, request, session) }
    if (request.prompt.has('none') || hasJustLoggedIn)
      throw new OAuthError('login_required', `nobody is logged in as asked: ${obstacle}`)
    return {
      login: request,
      isReauthentication: session !== undefined && obstacle !== 'another person is expected',
    }
  } catch (error) {
    if (error instanceof OAuthError) return { redirect: refusal(context, trusted, error) }
    throw error
  }
}

/** Carries an error to the client, with `iss` as every answer (RFC 9207 §2). */
export function refusal({ issuer }: { issuer: string }, request: TrustedRequest, error: OAuthError): string {
  return responseUrl(request, issuer, { error: error.code, error_description: error.message })
}

async function grantCode(
  { codes, issuer, now }: AuthorizeContext,
  request: AuthorizationRequest,
  session: Session,
) {
  const contents = {
    sessionId: session.id,
    clientId: request.client.id,
    redirectUri: request.redirectUri,
    challenge: request.challenge,
    nonce: request.nonce,
    scope: request.scope,
    resources: request.resources,
    authenticatedAt: Math.floor(session.authenticatedAt.getTime() / 1000),
  }
  return responseUrl(request, issuer, { code: await codes.issue(contents, now()) })
}

/** Why the present session, if any, is not enough for this request. */
async function loginObstacle(
  context: AuthorizeContext,
  request: AuthorizationRequest,
  session: Session | undefined,
  hasJustLoggedIn: boolean,
): Promise<string | undefined> {
  if (!session) return 'there is no session'
  if (await expectsAnother(context, request, session)) return 'another person is expected'
  if (hasJustLoggedIn) return undefined
  if (request.prompt.has('login') || request.prompt.has('select_account')) return 'a fresh login is asked for'
  const ageSeconds = (context.now().getTime() - session.authenticatedAt.getTime()) / 1000
  // Equal is too old: with 0 even the login of this very moment does not count.
  if (request.maxAgeSeconds !== undefined && ageSeconds >= request.maxAgeSeconds)
    return 'the last login is too long ago'
  return undefined
}

// OpenID Connect Core 1.0 §3.1.2.1: with a hint of somebody else, never a silent other user.
async function expectsAnother(
  { hintVerifier }: AuthorizeContext,
  request: AuthorizationRequest,
  session: Session,
) {
  if (!request.idTokenHint) return false
  try {
    const { claims } = await hintVerifier(request.client.id).verify(IdTokenHint, request.idTokenHint)
    return claims.sub !== session.account.id
  } catch (cause) {
    if (cause instanceof TokenError)
      throw new OAuthError('invalid_request', 'id_token_hint is not an ID token of this client', { cause })
    throw cause
  }
}
