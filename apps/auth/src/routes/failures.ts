import type { Context } from 'hono'
import { StoreBusyError } from '../domain/store.ts'
import { errorPage, messages } from '../pages/index.ts'
import { OAuthError, PageError } from '../protocol/errors.ts'
import { json, page } from './answers.ts'

/** Where a client's server asks: errors are JSON. Everywhere else a person looks at them. */
const FOR_CLIENTS = [
  '/token',
  '/par',
  '/introspect',
  '/revoke',
  '/userinfo',
  '/jwks',
  '/status/',
  '/.well-known/',
  '/healthz',
]

/** The one place that turns an error into an answer. Its cause stays here, on stderr; no stack ever leaves the server. */
export function answerError(error: Error, c: Context): Response {
  const { reasons } = messages().error
  if (error instanceof OAuthError) return failure(c, error.code, error.message, error.status, error.headers)
  if (error instanceof PageError) return failure(c, error.code, reasons[error.reason], error.status)
  if (error instanceof StoreBusyError) {
    return failure(c, 'temporarily_unavailable', reasons.busy, 503, {
      'retry-after': '2',
    })
  }
  console.error(`${c.req.method} ${c.req.path} failed:`, error)
  return failure(c, 'server_error', reasons.broken, 500)
}

export function notFound(c: Context): Response {
  return failure(c, 'not_found', messages().error.reasons.not_found, 404)
}

export function tooLarge(c: Context): Response {
  return failure(c, 'invalid_request', messages().error.reasons.too_large, 413)
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
