import { type RequestedClaims, readRequestedClaims } from '../domain/requested-claims.ts'
import { PASSWORD_ACR } from '../domain/tokens.ts'
import { invalidRequest, invalidScope, invalidTarget, OAuthError } from './errors.ts'
import type { TrustedRequest } from './trust-redirect.ts'

/** What a client asks for, checked. Only `checkAuthorizationRequest` makes one. */
export interface AuthorizationRequest extends TrustedRequest {
  scope: string
  resources: string[]
  challenge: string | undefined
  nonce: string | undefined
  prompt: ReadonlySet<string>
  maxAgeSeconds: number | undefined
  loginHint: string | undefined
  idTokenHint: string | undefined
  claims: RequestedClaims | undefined
}

/** What `prompt` may say and is obeyed. */
export const PROMPTS = ['none', 'login', 'consent', 'select_account'] as const
// A challenge is the base64url of 32 bytes (RFC 7636 §4.2).
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/
// It comes back whole in the ID token, or the request is refused.
const NONCE = /^[\x20-\x7E]{1,1024}$/

/** The rules in their order: the first that fails names the error. */
const checks = [
  requestIsPlain,
  responseTypeIsCode,
  responseModeIsAllowed,
  codeIsAllowed,
  challengeIsS256,
  keyIsAThumbprint,
  nonceIsShort,
  promptIsKnown,
  maxAgeIsSeconds,
  acrCanBeMet,
  scopeIsRegistered,
  resourcesAreRegistered,
] as const

/** @throws OAuthError to be sent to the client's address */
export function checkAuthorizationRequest(request: TrustedRequest): AuthorizationRequest {
  for (const check of checks) check(request)
  const { params, client } = request
  const maxAge = params.get('max_age')
  return {
    ...request,
    scope: registeredScope(request),
    resources: params.resources.length > 0 ? [...new Set(params.resources)] : [...client.resources],
    challenge: params.get('code_challenge'),
    nonce: params.get('nonce'),
    prompt: promptOf(request),
    maxAgeSeconds: maxAge === undefined ? undefined : Number(maxAge),
    loginHint: params.get('login_hint'),
    idTokenHint: params.get('id_token_hint'),
    claims: requestedClaims(request),
  }
}

// OpenID Connect Core 1.0 §6: not supported, said by name. A request_uri is never fetched.
function requestIsPlain({ params }: TrustedRequest) {
  if (params.get('request'))
    throw new OAuthError('request_not_supported', 'request objects are not supported')
  if (params.get('request_uri'))
    throw new OAuthError('request_uri_not_supported', 'request_uri is not supported')
}

function responseTypeIsCode({ params }: TrustedRequest) {
  const responseType = params.get('response_type')
  if (!responseType) throw invalidRequest('response_type is missing')
  if (responseType !== 'code') throw new OAuthError('unsupported_response_type', 'response_type must be code')
}

function responseModeIsAllowed({ params, client: { responseModes } }: TrustedRequest) {
  const mode = params.get('response_mode') ?? 'query'
  if (!responseModes.some((allowed) => allowed === mode))
    throw invalidRequest(`response_mode must be one of ${responseModes.join(', ')} for this client`)
}

function codeIsAllowed({ client }: TrustedRequest) {
  if (!client.grantTypes.includes('authorization_code'))
    throw new OAuthError('unauthorized_client', 'this client is not registered for authorization_code')
}

// RFC 9700 §2.1.1; a missing method would mean plain (RFC 7636 §4.3).
function challengeIsS256({ params, client }: TrustedRequest) {
  const challenge = params.get('code_challenge')
  const method = params.get('code_challenge_method')
  if (!challenge && !method && !client.isPkceRequired) return
  if (!challenge) throw invalidRequest('code_challenge is required')
  if (method !== 'S256') throw invalidRequest('code_challenge_method must be S256')
  if (!CHALLENGE.test(challenge)) throw invalidRequest('code_challenge must be 43 base64url characters')
}

// RFC 9449 §10: base64url of a SHA-256.
function keyIsAThumbprint({ params }: TrustedRequest) {
  if (!CHALLENGE.test(params.get('dpop_jkt') ?? 'x'.repeat(43)))
    throw invalidRequest('dpop_jkt must be 43 base64url characters')
}

function nonceIsShort({ params }: TrustedRequest) {
  if (!NONCE.test(params.get('nonce') ?? 'none'))
    throw invalidRequest('nonce must be at most 1024 printable ASCII characters')
}

function promptIsKnown(request: TrustedRequest) {
  const prompt = promptOf(request)
  const known: readonly string[] = PROMPTS
  if ([...prompt].some((value) => !known.includes(value))) throw invalidRequest('prompt has an unknown value')
  if (prompt.has('none') && prompt.size > 1) throw invalidRequest('prompt none stands alone')
}

function maxAgeIsSeconds({ params }: TrustedRequest) {
  const maxAge = params.get('max_age')
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge))
    throw invalidRequest('max_age must be a number of seconds')
}

// RFC 9470 §5: never a token that pretends. Other values of acr_values are wishes (OpenID Connect Core 1.0 §3.1.2.1).
function acrCanBeMet(request: TrustedRequest) {
  const essential = requestedClaims(request)?.essentialAcrs ?? []
  if (essential.length > 0 && !essential.includes(PASSWORD_ACR))
    throw new OAuthError('unmet_authentication_requirements', 'no login here is of an acr that is asked for')
}

function scopeIsRegistered(request: TrustedRequest) {
  if (!registeredScope(request)) throw invalidScope('scope names nothing that is registered for this client')
}

// RFC 8707 §2: audiences are never made up by a client.
function resourcesAreRegistered({ params, client }: TrustedRequest) {
  if (params.resources.some((resource) => !client.resources.includes(resource))) {
    throw invalidTarget('resource names something that is not registered for this client')
  }
}

// An unknown scope is dropped, not refused (OpenID Connect Core 1.0 §3.1.2.1).
function registeredScope({ params, client }: TrustedRequest): string {
  const wanted = new Set((params.get('scope') ?? '').split(' '))
  return client.scopes.filter((scope) => wanted.has(scope)).join(' ')
}

function requestedClaims({ params }: TrustedRequest): RequestedClaims | undefined {
  const text = params.get('claims')
  const claims = text === undefined ? undefined : readRequestedClaims(text)
  if (text !== undefined && !claims) throw invalidRequest('claims must be JSON as in OpenID Connect Core 5.5')
  return claims
}

function promptOf({ params }: TrustedRequest): Set<string> {
  return new Set((params.get('prompt') ?? '').split(' ').filter(Boolean))
}
