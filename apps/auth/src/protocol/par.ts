import type { Client } from '../domain/clients.ts'
import { PUSHED_LIFETIME_SECONDS, type PushedRequests } from '../domain/pushed-requests.ts'
import { checkAuthorizationRequest } from './authorize.checks.ts'
import { authenticateClient, type ClientAuthContext } from './client-auth.ts'
import type { ClientRequest } from './client-request.ts'
import { clientHolder, type DpopContext, provedKey } from './dpop.ts'
import { invalidRequest, OAuthError, PageError } from './errors.ts'
import type { Params } from './params.ts'
import { trustRedirect } from './trust-redirect.ts'

export interface PushContext extends ClientAuthContext, DpopContext {
  pushedRequests: PushedRequests
}

// Sealed, it is one parameter in an address.
const MOST_CHARACTERS = 2_600
// How the client proves itself is no part of what it asks for.
const OF_THE_CLIENT = ['client_secret', 'client_assertion', 'client_assertion_type']

/**
 * The pushed authorization request endpoint (RFC 9126): the request is checked as a whole here, and the browser carries only
 * its address.
 * @throws OAuthError
 */
export async function pushRequest(
  context: PushContext,
  request: ClientRequest,
): Promise<Record<string, unknown>> {
  const client = await authenticateClient(context, request)
  const params = request.params.without(OF_THE_CLIENT).with('client_id', client.id)
  if (params.get('request_uri')) throw invalidRequest('request_uri has no place in a pushed request')
  checkPushed(context, params)
  const boundTo = await boundKey(context, request, client)
  const pushed = { clientId: client.id, query: params.toString(), boundTo }
  // RFC 9126 §2.3.
  if (pushed.query.length > MOST_CHARACTERS)
    throw new OAuthError('invalid_request', `the request is longer than ${MOST_CHARACTERS} characters`, {
      status: 413,
    })
  const requestUri = await context.pushedRequests.push(pushed, context.now())
  return { request_uri: requestUri, expires_in: PUSHED_LIFETIME_SECONDS }
}

// No person is here to look at a page.
function checkPushed(context: PushContext, params: Params): void {
  try {
    checkAuthorizationRequest(trustRedirect(params, context.clients))
  } catch (error) {
    if (error instanceof PageError)
      throw invalidRequest(`the request is not one of this client: ${error.reason}`)
    throw error
  }
}

// RFC 9449 §10.1: the proof binds the code as `dpop_jkt` would; the two may not disagree.
async function boundKey(
  context: PushContext,
  request: ClientRequest,
  client: Client,
): Promise<string | undefined> {
  const named = request.params.get('dpop_jkt')
  const proved = await provedKey(context, request, clientHolder(client))
  if (named !== undefined && proved !== undefined && named !== proved)
    throw new OAuthError('invalid_dpop_proof', 'dpop_jkt is not the key of the DPoP proof')
  return proved // a `dpop_jkt` alone is in the request
}
