import { IdTokenHint, TokenError, type Verifier } from '@grove/jwt'
import type { Session } from '../domain/sessions.ts'
import type { AuthorizationRequest } from './authorize.checks.ts'
import { OAuthError } from './errors.ts'

interface ObstacleContext {
  hintVerifier(clientId: string): Verifier
  now(): Date
}

/** Why the present session, if any, is not enough for this request. */
export async function obstacleTo(
  context: ObstacleContext,
  request: AuthorizationRequest,
  { session, hasJustLoggedIn }: { session: Session | undefined; hasJustLoggedIn: boolean },
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

// OpenID Connect Core 1.0 §3.1.2.1, §5.5.1: with a hint of somebody else, never a silent other user.
async function expectsAnother(
  { hintVerifier }: ObstacleContext,
  request: AuthorizationRequest,
  session: Session,
) {
  const { subjects = [] } = request.claims ?? {}
  if (subjects.length > 0 && !subjects.includes(session.account.id)) return true
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
