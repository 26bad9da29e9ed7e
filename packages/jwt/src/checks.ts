import { audiences, type ClaimCheck, optional, time } from './claims.ts'
import type { Header } from './compact.ts'
import { TokenError, type TokenErrorCode } from './errors.ts'
import {
  type CommonClaims,
  type KindRules,
  type SharedClaims,
  statusReference,
  type TokenKind,
} from './kinds.ts'

// Looked at in a token of any kind, whether or not the kind declares them.
const SHARED_CHECKS: [string, ClaimCheck<unknown>][] = [
  ['aud', optional(audiences)],
  ['nbf', optional(time)],
  ['status', optional(statusReference)],
]
// What claims to live longer is a mistake, such as milliseconds.
const LONGEST_LIFE_SECONDS = 366 * 86_400

/** @throws TokenError `type` (RFC 8725 §3.11) */
export function checkType(kind: KindRules, header: Header): void {
  const typ = header.typ?.toLowerCase().replace(/^application\//, '')
  if (typ === kind.typ.toLowerCase() || (kind.typMayBeAbsent && !typ?.endsWith('+jwt'))) return
  throw new TokenError('type', `this is not a token of type ${kind.typ}`)
}

/** @throws TokenError `claim`, naming the first claim of the token that is missing or fails its check */
export function checkEach(
  claims: Record<string, unknown>,
  checks: readonly (readonly [string, ClaimCheck<unknown>])[],
  tokenName: string,
): void {
  for (const [name, check] of checks) {
    if (!check(Object.hasOwn(claims, name) ? claims[name] : undefined))
      throw new TokenError('claim', `the claim ${name} of the ${tokenName} is missing or not as it has to be`)
  }
}

/** @throws TokenError `claim`, naming the first claim that is missing or of another type than declared */
export function checkClaims<Claims extends CommonClaims>(
  kind: TokenKind<Claims>,
  claims: Record<string, unknown>,
): Claims {
  checkEach(claims, [...SHARED_CHECKS, ...kind.checks], kind.name)
  const checked = claims as unknown as Claims // each declared claim was checked above
  if (checked.exp - checked.iat > LONGEST_LIFE_SECONDS)
    throw new TokenError('claim', `the ${kind.name} would live for more than a year`)
  if (kind.isComplete?.(checked) === false)
    throw new TokenError('claim', `claims of the ${kind.name} are missing that are needed together`)
  return checked
}

/** @throws TokenError `not_yet_valid`, `too_old`, `expired`, with both clocks (RFC 7519 §4.1.4 … §4.1.6). `clock`: in seconds */
export function checkTime(
  kind: KindRules,
  claims: SharedClaims,
  clock: number,
  toleranceSeconds: number,
): void {
  const { iat, exp, nbf = iat } = claims
  const start = Math.max(iat, nbf)
  if (start > clock + toleranceSeconds) throw atOdds('not_yet_valid', 'starts', start, clock)
  if (clock - iat > kind.maxAgeSeconds + toleranceSeconds) throw atOdds('too_old', 'was issued', iat, clock)
  if (!kind.mayBeExpired && exp + toleranceSeconds <= clock) throw atOdds('expired', 'ended', exp, clock)
}

/** @throws TokenError `audience` (RFC 8725 §3.9) */
export function checkAudience(kind: KindRules, { aud, azp }: SharedClaims, audience: string): void {
  const isOurs = aud === audience || (Array.isArray(aud) && aud.includes(audience))
  if (kind.hasAudience && !isOurs) throw new TokenError('audience', `the token is not meant for ${audience}`)
  const party = azp ?? (Array.isArray(aud) && aud.length > 1 ? undefined : audience)
  if (kind.namesAuthorizedParty && party !== audience)
    throw new TokenError('audience', `the token was not asked for by ${audience}`)
}

/** Freezes all that hangs on it. A list, not recursion: what an attacker nests must not fill the stack. */
export function freeze<Value extends object>(whole: Value): Value {
  const parts: object[] = [whole]
  for (const part of parts)
    for (const member of Object.values(Object.freeze(part)))
      if (typeof member === 'object' && member !== null && !Object.isFrozen(member)) parts.push(member)
  return whole
}

function atOdds(code: TokenErrorCode, what: string, seconds: number, clock: number): TokenError {
  const [its, ours] = [seconds, clock].map((time) => new Date(time * 1000).toISOString())
  return new TokenError(code, `the token ${what} at ${its}, by this server's clock it is ${ours}`)
}
