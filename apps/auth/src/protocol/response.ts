import { type TrustedRequest, withParameters } from './trust-redirect.ts'

/** What the browser carries to the client: by a redirect, or by a form that it posts (OAuth 2.0 Form Post Response Mode). */
export type AuthorizationResponse =
  | { redirect: string }
  | { formPost: { action: string; fields: Record<string, string> } }

/**
 * The answer to an authorization request: at the registered address, with its query kept, `state` as it came and `iss`
 * (RFC 6749 §4.1.2, RFC 9207).
 */
export function respond(
  request: TrustedRequest,
  issuer: string,
  parameters: Record<string, string>,
): AuthorizationResponse {
  const fields = { ...parameters, ...(request.state !== undefined && { state: request.state }), iss: issuer }
  const isPosted =
    request.params.get('response_mode') === 'form_post' && request.client.responseModes.includes('form_post')
  return isPosted
    ? { formPost: { action: request.redirectUri, fields } }
    : { redirect: withParameters(request.redirectUri, fields) }
}
