/** An error with a code of the specification and a sentence for the client's developer (RFC 6749 §4.1.2.1, §5.2). */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly code: string
  readonly status: number
  readonly headers: Record<string, string>

  constructor(
    code: string,
    description: string,
    {
      status = 400,
      headers = {},
      cause,
    }: { status?: number; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(printable(description), { cause })
    this.code = code
    this.status = status
    this.headers = headers
  }
}

/** Why a person cannot be sent on. The sentence for each is in the message file of the pages. */
export type PageReason =
  | 'client_unknown'
  | 'return_address_missing'
  | 'return_address_unknown'
  | 'logout_address_unknown'
  | 'pushed_request_gone'
  | 'pushed_request_needed'
  | 'hint_not_genuine'
  | 'form_from_elsewhere'

/** An error that must be shown here and never redirected: who asks, or where to, is not proved (RFC 9700 §4.11.2). */
export class PageError extends Error {
  override readonly name = 'PageError'
  readonly code: string
  readonly reason: PageReason
  readonly status: number

  constructor(code: string, reason: PageReason, status = 400) {
    super(reason)
    this.code = code
    this.reason = reason
    this.status = status
  }
}

export const invalidRequest = (description: string) => new OAuthError('invalid_request', description)
export const invalidGrant = (description: string) => new OAuthError('invalid_grant', description)
export const invalidScope = (description: string) => new OAuthError('invalid_scope', description)
export const invalidTarget = (description: string) => new OAuthError('invalid_target', description)

// RFC 6749 §5.2: printable ASCII without the quotation mark and the backslash.
function printable(description: string): string {
  return description.replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, ' ')
}
