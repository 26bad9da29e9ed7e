import { KeysUnavailableError } from '@grove/jwt'
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'
import { UserError } from './user.ts'

/** What a failed exchange with the provider means for the person. */
export type Failure =
  /** It cannot be reached or cannot work just now: try later, end nothing. */
  | { kind: 'unavailable' }
  /** The code or the refresh token is of no use any more. */
  | { kind: 'spent' }
  /** It answered with an OAuth error. */
  | { kind: 'refused'; error: string }
  /** It answered something that does not pass the checks. */
  | { kind: 'invalid' }
  /** The account is none that this site can work with. */
  | { kind: 'unfit' }

const UNAVAILABLE_CODES = [
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]

/** "It is bad" and "I cannot tell" are different: only the first may end anything. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UserError) return { kind: 'unfit' }
  if (error instanceof AuthorizationResponseError) return oauthFailure(error.error, 400)
  if (error instanceof ResponseBodyError) return oauthFailure(error.error, error.status)
  const isAway = error instanceof ClientError && UNAVAILABLE_CODES.includes(error.code ?? '')
  // fetch throws a TypeError for every trouble of the network.
  if (isAway || error instanceof KeysUnavailableError || error instanceof TypeError)
    return { kind: 'unavailable' }
  return { kind: 'invalid' }
}

function oauthFailure(error: string, status: number): Failure {
  const isAway =
    status >= 500 || status === 429 || error === 'temporarily_unavailable' || error === 'server_error'
  if (isAway) return { kind: 'unavailable' }
  if (error === 'invalid_grant') return { kind: 'spent' }
  return { kind: 'refused', error: /^[a-z_]{1,64}$/.test(error) ? error : 'unknown' }
}
