import type { Verifier } from '@grove/jwt'
import type { Codes } from '../domain/codes.ts'
import type { ConsentStore } from '../domain/consents.ts'
import type { Session } from '../domain/sessions.ts'
import { type AuthorizationRequest, checkAuthorizationRequest } from './authorize.checks.ts'
import { needsConsent } from './authorize.consent.ts'
import { obstacleTo } from './authorize.obstacles.ts'
import {
  carried,
  type PushedContext,
  type ReadRequest,
  readRequest,
  spendPushed,
} from './authorize.pushed.ts'
import { OAuthError } from './errors.ts'
import { type AuthorizationResponse, respond } from './response.ts'
import { type TrustedRequest, trustRedirect } from './trust-redirect.ts'

export interface AuthorizeContext extends PushedContext {
  issuer: string
  codes: Codes
  store: PushedContext['store'] & { consents: ConsentStore }
  /** Verifies our own ID tokens, shown as hints by this client. */
  hintVerifier(clientId: string): Verifier
}

/** A person has to log in before the browser goes on. */
export interface LoginInteraction {
  login: AuthorizationRequest
  isReauthentication: boolean
  /** The query that our form sends back. */
  carried: string
}
/** Who is logged in has to be asked whether this client may know them. */
export interface ConsentInteraction {
  consent: AuthorizationRequest
  session: Session
  carried: string
}
export type AuthorizeAnswer = AuthorizationResponse | LoginInteraction | ConsentInteraction

/** What is known of who is asking. */
export interface Browser {
  /** What its cookie proves. */
  session: Session | undefined
  /** The password was right a moment ago, or just before the consent page. */
  hasJustLoggedIn: boolean
  /** The person said yes to this very request a moment ago. */
  hasJustAllowed?: boolean
}

/**
 * The authorization endpoint (RFC 6749 §4.1.1, OpenID Connect Core 1.0 §3.1.2).
 * @throws PageError when the answer must not travel to the address that was given
 */
export async function authorize(
  context: AuthorizeContext,
  query: string,
  browser: Browser,
): Promise<AuthorizeAnswer> {
  const read = await readRequest(context, query)
  const trusted = trustRedirect(read.params, context.clients)
  try {
    const request = checkAuthorizationRequest(trusted)
    const { session } = browser
    const obstacle = await obstacleTo(context, request, browser)
    if (session && !obstacle) {
      if (browser.hasJustAllowed || !(await needsConsent(context, request, session)))
        return await grantCode(context, request, session, read)
      if (request.prompt.has('none'))
        throw new OAuthError('consent_required', 'the person has to be asked, which prompt none forbids')
      return { consent: request, session, carried: await carried(context, read) }
    }
    if (request.prompt.has('none') || browser.hasJustLoggedIn)
      throw new OAuthError('login_required', `nobody is logged in as asked: ${obstacle}`)
    const isReauthentication = session !== undefined && obstacle !== 'another person is expected'
    return { login: request, isReauthentication, carried: await carried(context, read) }
  } catch (error) {
    if (error instanceof OAuthError) return refusal(context, trusted, error)
    throw error
  }
}

/** Carries an error to the client, with `iss` as every answer (RFC 9207 §2). */
export function refusal(
  { issuer }: { issuer: string },
  request: TrustedRequest,
  error: OAuthError,
): AuthorizationResponse {
  return respond(request, issuer, { error: error.code, error_description: error.message })
}

async function grantCode(
  context: AuthorizeContext,
  request: AuthorizationRequest,
  session: Session,
  { pushed }: ReadRequest,
): Promise<AuthorizationResponse> {
  if (pushed) await spendPushed(context, pushed)
  const contents = {
    sessionId: session.id,
    clientId: request.client.id,
    redirectUri: request.redirectUri,
    challenge: request.challenge,
    boundTo: pushed?.boundTo ?? request.params.get('dpop_jkt'),
    nonce: request.nonce,
    scope: request.scope,
    resources: request.resources,
    claims: request.claims && { userinfo: request.claims.userinfo, idToken: request.claims.idToken },
    authenticatedAt: Math.floor(session.authenticatedAt.getTime() / 1000),
  }
  return respond(request, context.issuer, { code: await context.codes.issue(contents, context.now()) })
}
