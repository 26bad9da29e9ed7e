import { DPOP_ALGORITHMS } from '@grove/jwt'
import type { ClientRequest } from './client-request.ts'
import { invalidRequest, OAuthError } from './errors.ts'

/** An access token, and how it was sent. */
export interface Credential {
  scheme: 'Bearer' | 'DPoP'
  token: string
}

const HEADER = /^(bearer|dpop) ([A-Za-z0-9._~+/-]+=*)$/i

/**
 * The one token of a request, in the header or in the form (RFC 6750 §2.1, §2.2; RFC 9449 §7.1).
 * @throws OAuthError 401 without an error code where there is none (RFC 6750 §3.1)
 */
export function readCredential({ authorization, params }: ClientRequest): Credential {
  const inForm = params.get('access_token')
  if (authorization !== undefined && inForm !== undefined)
    throw invalidRequest('the token is sent in two ways at once')
  if (inForm !== undefined) return { scheme: 'Bearer', token: inForm }
  if (authorization === undefined) {
    const headers = { 'www-authenticate': 'Bearer realm="grove"' }
    throw new OAuthError('invalid_token', 'an access token is needed', { status: 401, headers })
  }
  const [, scheme, token] = HEADER.exec(authorization) ?? []
  if (!token)
    throw challenge('Bearer', 'invalid_token', 'the Authorization header does not hold one access token')
  return { scheme: scheme?.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token }
}

/** An error with the `WWW-Authenticate` that says how to do better. */
export function challenge(
  scheme: Credential['scheme'],
  code: string,
  description: string,
  status = 401,
  more: Record<string, string> = {},
): OAuthError {
  const error = new OAuthError(code, description, { status })
  const algs = scheme === 'DPoP' && { algs: DPOP_ALGORITHMS.join(' ') }
  const said = { realm: 'grove', error: code, error_description: error.message, ...more, ...algs }
  error.headers['www-authenticate'] = `${scheme} ${Object.entries(said)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`
  return error
}
