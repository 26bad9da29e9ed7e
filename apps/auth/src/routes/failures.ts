import type { Context } from 'hono'
import { errorPage } from '../pages/index.ts'
import { OAuthError, PageError } from '../protocol/errors.ts'
import { json, page } from './answers.ts'

/** Where a client's server asks: errors are JSON. Everywhere else a person looks at them. */
const FOR_CLIENTS = ['/token', '/revoke', '/userinfo', '/jwks', '/status/', '/.well-known/', '/healthz']

/** The one place that turns an error into an answer. Its cause stays here, on stderr; no stack ever leaves the server. */
export function answerError(error: Error, c: Context): Response {
  if (error instanceof OAuthError) return failure(c, error.code, error.message, error.status, error.headers)
  if (error instanceof PageError) return failure(c, error.code, error.message, error.status)
  if (error.name === 'DatabaseBusyError') {
    return failure(c, 'temporarily_unavailable', 'The server is busy. Please try again in a moment.', 503, {
      'retry-after': '2',
    })
  }
  console.error(`${c.req.method} ${c.req.path} failed:`, error)
  return failure(c, 'server_error', 'Something went wrong on this server. Please try again.', 500)
}

export function notFound(c: Context): Response {
  return failure(c, 'not_found', 'There is nothing at this address.', 404)
}

export function tooLarge(c: Context): Response {
  return failure(c, 'invalid_request', 'The request is too large.', 413)
}

function failure(
  c: Context,
  code: string,
  description: string,
  status: number,
  headers: Record<string, string> = {},
): Response {
  if (FOR_CLIENTS.some((path) => c.req.path.startsWith(path))) {
    return json(c, { error: code, error_description: description }, { status, headers })
  }
  return page(c, errorPage({ code, description, status }), { status, headers })
}
