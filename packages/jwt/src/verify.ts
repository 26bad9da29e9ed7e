import { compactVerify } from 'jose'
import { optional, time } from './claims.ts'
import { type Header, parseObject, readCompact } from './compact.ts'
import { TokenError, type TokenErrorCode } from './errors.ts'
import type { Algorithm, KeySource } from './keys.ts'
import type { CommonClaims, TokenKind } from './kinds.ts'

/** A token whose signature, kind, issuer, audience and claims have been checked. Its type is that of its kind. */
export interface Verified<Claims extends CommonClaims> {
  readonly kind: TokenKind<Claims>
  readonly text: string
  readonly header: Header
  readonly claims: Claims
}

export interface VerifierOptions {
  /** The exact `iss`. Its keys are `keys`, and no others. */
  issuer: string
  /** What `aud` must hold, for kinds that have an audience. */
  audience: string
  /** No default, and `none` is not among them (RFC 8725 §3.1). */
  algorithms: readonly Algorithm[]
  keys: KeySource
  now?: () => Date
  /** How far clocks may be apart, 60 at most. */
  toleranceSeconds?: number
}

export interface Verifier {
  /**
   * Checks a token of this kind (RFC 7519 §7.2, RFC 8725). A text seen before costs a look-up; time is checked at every call.
   * @throws TokenError it is bad
   * @throws KeysUnavailableError the keys cannot be had, so nobody can tell
   */
  verify<Claims extends CommonClaims>(kind: TokenKind<Claims>, text: string): Promise<Verified<Claims>>
}

type AgeRules = Pick<TokenKind<CommonClaims>, 'maxAgeSeconds' | 'mayBeExpired'>

interface Remembered<Claims extends CommonClaims> {
  key: { alg: Algorithm; kid?: string }
  /** That of the keys before the token was checked. */
  revision: number
  verified: Verified<Claims>
}

/** Of a token whose kind does not say otherwise. */
export const MOST_CHARACTERS = 8192
const MOST_REMEMBERED = 10_000
// What claims to live longer is a mistake, such as milliseconds.
const LONGEST_LIFE_SECONDS = 366 * 86_400

/** Builds the one way to check tokens of an issuer that are meant for an audience. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience, algorithms, keys, now = () => new Date(), toleranceSeconds = 10 } = options
  if (!(toleranceSeconds >= 0 && toleranceSeconds <= 60))
    throw new RangeError('the tolerance is 0 to 60 seconds')
  const remembered = new Map<string, Remembered<CommonClaims>>()

  async function verifyAfresh<Claims extends CommonClaims>(
    kind: TokenKind<Claims>,
    text: string,
  ): Promise<Remembered<Claims>> {
    const { revision } = keys
    const { header, payload } = readCompact(text, kind.mostCharacters ?? MOST_CHARACTERS)
    checkType(kind, header)
    const alg = algorithms.find((allowed) => allowed === header.alg)
    if (!alg) throw new TokenError('algorithm', `the algorithm is not one of ${algorithms.join(', ')}`)
    const key = { alg, ...(header.kid !== undefined && { kid: header.kid }) }
    await checkSignature(text, alg, await keys.find(key))
    const claims = parseObject(payload)
    const checked = checkClaims(kind, claims)
    if (checked.iss !== issuer) throw new TokenError('issuer', 'the token comes from another issuer')
    if (kind.hasAudience && ![claims.aud].flat().includes(audience)) {
      throw new TokenError('audience', `the token is not meant for ${audience}`)
    }
    return { key, revision, verified: { kind, text, header, claims: Object.freeze(checked) } }
  }

  function checkTime(
    { maxAgeSeconds, mayBeExpired }: AgeRules,
    claims: CommonClaims & { nbf?: number },
  ): void {
    const { iat, exp, nbf = iat } = claims
    const clock = Math.floor(now().getTime() / 1000)
    const refuse = (code: TokenErrorCode, what: string, seconds: number) =>
      new TokenError(code, `the token ${what} at ${iso(seconds)}, by this server's clock it is ${iso(clock)}`)
    const start = Math.max(iat, nbf)
    if (start > clock + toleranceSeconds) throw refuse('not_yet_valid', 'starts', start)
    if (clock - iat > maxAgeSeconds + toleranceSeconds) throw refuse('too_old', 'was issued', iat)
    if (!mayBeExpired && exp + toleranceSeconds <= clock) throw refuse('expired', 'ended', exp)
  }

  return {
    async verify<Claims extends CommonClaims>(
      kind: TokenKind<Claims>,
      text: string,
    ): Promise<Verified<Claims>> {
      const hit = remembered.get(text)
      if (hit && hit.verified.kind === kind) {
        await keys.find(hit.key) // so that the source sees when it has to renew itself
        if (hit.revision === keys.revision) {
          checkTime(kind, hit.verified.claims)
          return hit.verified as Verified<Claims> // stored below under this very kind
        }
      }
      const fresh = await verifyAfresh(kind, text)
      checkTime(kind, fresh.verified.claims)
      if (text.length <= MOST_CHARACTERS) {
        const [oldest = text] = remembered.keys()
        if (remembered.size >= MOST_REMEMBERED) remembered.delete(oldest)
        remembered.set(text, fresh)
      }
      return fresh.verified
    },
  }
}

/** @throws TokenError `unknown_key` if there is no candidate, `signature` if it is of none of them */
export async function checkSignature(text: string, alg: Algorithm, candidates: CryptoKey[]): Promise<void> {
  if (candidates.length === 0) {
    throw new TokenError('unknown_key', 'no key of the issuer has this id and algorithm')
  }
  for (const key of candidates) {
    const verdict = await compactVerify(text, key, { algorithms: [alg] }).catch(() => undefined)
    if (verdict) return
  }
  throw new TokenError('signature', 'the signature does not fit the token')
}

function checkType(kind: Pick<TokenKind<CommonClaims>, 'typ' | 'typMayBeAbsent'>, header: Header): void {
  const typ = header.typ?.toLowerCase().replace(/^application\//, '')
  if (typ === kind.typ.toLowerCase()) return
  if (kind.typMayBeAbsent && !typ?.endsWith('+jwt')) return
  throw new TokenError('type', `this is not a token of type ${kind.typ}`)
}

/** @throws TokenError `claim`, naming the first claim that is missing or of another type than declared */
export function checkClaims<Claims extends CommonClaims>(
  kind: TokenKind<Claims>,
  claims: Record<string, unknown>,
): Claims {
  const checks: [string, (value: unknown) => boolean][] = Object.entries({
    nbf: optional(time),
    ...kind.claims,
  })
  for (const [name, check] of checks) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined
    if (!check(value))
      throw new TokenError('claim', `the claim ${name} of the ${kind.name} is missing or not as declared`)
  }
  const checked = claims as unknown as Claims // each declared claim was checked above
  if (checked.exp - checked.iat > LONGEST_LIFE_SECONDS) {
    throw new TokenError('claim', `the ${kind.name} would live for more than a year`)
  }
  if (kind.isComplete?.(checked) === false) {
    throw new TokenError('claim', `claims of the ${kind.name} are missing that are needed together`)
  }
  return checked
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString()
