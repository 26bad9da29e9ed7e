import { KeysUnavailableError, TokenError, type TokenErrorCode } from '@grove/jwt'
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client'
import { isOtherIssuer } from './provider.ts'
import { UserError } from './user.ts'

/** What a failed exchange with the provider means for the person. */
export type Failure =
  /** It cannot be reached or cannot work just now: try later, end nothing. */
  | { kind: 'unavailable' }
  /** The code or the refresh token is of no use any more. */
  | { kind: 'spent' }
  /** It answered with an OAuth error. */
  | { kind: 'refused'; error: string }
  /** It answered something that does not pass the checks. `detail`: both clocks, where they are what is wrong. */
  | { kind: 'invalid'; reason: InvalidReason; detail?: string }
  /** The account is none that this site can work with. */
  | { kind: 'unfit' }

type InvalidReason = 'login_invalid' | 'login_clock' | 'login_issuer' | 'login_too_old'

const CLOCK_CODES: TokenErrorCode[] = ['expired', 'not_yet_valid', 'too_old']
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
  if (isAway || isOtherIssuer(error) || error instanceof KeysUnavailableError || error instanceof TypeError)
    return { kind: 'unavailable' }
  return { kind: 'invalid', ...whatIsWrong(error) }
}

/** Nobody answered in time. A provider that hangs up is away as well, but costs nobody a wait. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || isTimeout(error.cause))
}

function whatIsWrong(error: unknown): { reason: InvalidReason; detail?: string } {
  if (error instanceof TokenError) {
    if (CLOCK_CODES.includes(error.code)) return { reason: 'login_clock', detail: error.message }
    return { reason: error.code === 'issuer' ? 'login_issuer' : 'login_invalid' }
  }
  const { claim, claims, now, parameters } = comparedBy(error)
  if (claim === 'auth_time') return { reason: 'login_too_old' }
  // Of the parameters of an answer only `iss` can be wrong here: the state was ours before anything else was looked at.
  if (claim === 'iss' || parameters) return { reason: 'login_issuer' }
  const end = claims?.[claim ?? '']
  if (now === undefined || typeof end !== 'number') return { reason: 'login_invalid' }
  const [its, ours] = [end, now].map((seconds) => new Date(seconds * 1000).toISOString())
  return { reason: 'login_clock', detail: `the token says ${its}, by this server's clock it is ${ours}` }
}

interface Compared {
  claim?: string
  claims?: Record<string, unknown>
  /** Seconds since 1970. */
  now?: number
  parameters?: URLSearchParams
}

/** What openid-client compared when it refused: its error wraps that of the library below, which carries it. */
function comparedBy(error: unknown): Compared {
  const below = error instanceof ClientError && error.cause instanceof Error ? error.cause.cause : undefined
  return typeof below === 'object' && below !== null ? below : {}
}

function oauthFailure(error: string, status: number): Failure {
  const isAway =
    status >= 500 || status === 429 || error === 'temporarily_unavailable' || error === 'server_error'
  if (isAway) return { kind: 'unavailable' }
  if (error === 'invalid_grant') return { kind: 'spent' }
  return { kind: 'refused', error: /^[a-z_]{1,64}$/.test(error) ? error : 'unknown' }
}
