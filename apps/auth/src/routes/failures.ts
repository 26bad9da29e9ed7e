import type { Context } from 'hono'
import { TooManyLoginsError } from '../domain/passwords.ts'
import { TooManyTriesError } from '../domain/rate-limits.ts'
import { StoreBusyError } from '../domain/store.ts'
import type { Telemetry } from '../domain/telemetry.ts'
import { errorPage, messages } from '../pages/index.ts'
import { OAuthError, PageError } from '../protocol/errors.ts'
import { json, page } from './answers.ts'

/** The one place that turns an error into an answer. Its cause stays here, in the log; no stack ever leaves the server. */
export const answerError =
  (telemetry: Telemetry) =>
  (error: Error, c: Context): Response => {
    const { reasons } = messages().error
    if (error instanceof OAuthError) return failure(c, error.code, error.message, error.status, error.headers)
    if (error instanceof PageError) return failure(c, error.code, reasons[error.reason], error.status)
    telemetry.failed(`request ${c.get('requestId')}`, error)
    if (error instanceof StoreBusyError)
      return failure(c, 'temporarily_unavailable', reasons.busy, 503, { 'retry-after': '2' })
    return failure(c, 'server_error', reasons.broken, 500)
  }

/** What is said to whoever has to wait: 429 when a limit says so, 503 when this machine is busy. Throws any other error on. */
export function tooMany(error: unknown): { retryAfterSeconds: number; status: 429 | 503 } {
  const isLimit = error instanceof TooManyTriesError
  if (!isLimit && !(error instanceof TooManyLoginsError)) throw error
  return { retryAfterSeconds: error.retryAfterSeconds, status: isLimit ? 429 : 503 }
}

export function notFound(c: Context): Response {
  return failure(c, 'not_found', messages().error.reasons.not_found, 404)
}

/** RFC 9110 §15.5.6: it is there, and asked in another way. */
export function methodNotAllowed(c: Context, methods: string[]): Response {
  const headers = { allow: methods.join(', ') }
  return failure(c, 'invalid_request', messages().error.reasons.method_not_allowed, 405, headers)
}

export function tooLarge(c: Context): Response {
  return failure(c, 'invalid_request', messages().error.reasons.too_large, 413)
}

/** RFC 6585 §5. */
export function headersTooLarge(c: Context): Response {
  return failure(c, 'invalid_request', messages().error.reasons.too_large, 431)
}

function failure(
  c: Context,
  code: string,
  description: string,
  status: number,
  headers: Record<string, string> = {},
): Response {
  if (c.get('speaksJson')) {
    return json(c, { error: code, error_description: description }, { status, headers })
  }
  return page(c, errorPage({ code, description, status }), { status, headers })
}
