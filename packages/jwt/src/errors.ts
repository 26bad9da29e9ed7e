export type TokenErrorCode =
  | 'malformed'
  | 'too_large'
  | 'algorithm'
  | 'type'
  | 'unknown_key'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'claim'
  | 'expired'
  | 'not_yet_valid'
  | 'too_old'
  | 'revoked'
  | 'used'

/** The token is bad: answer 401. The message is fit for the client; it never holds a key, a signature or the token. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly code: TokenErrorCode

  constructor(code: TokenErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Keys or status cannot be had just now, so nobody can say whether the token is good: answer 503 and end no session. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError'
}
