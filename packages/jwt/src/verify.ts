import { compactVerify } from 'jose'
import { audiences, type ClaimCheck, optional, time } from './claims.ts'
import { type Header, parseObject, readCompact } from './compact.ts'
import { TokenError, type TokenErrorCode } from './errors.ts'
import { ALGORITHMS, type Algorithm, type KeySource } from './keys.ts'
import { type CommonClaims, type StatusReference, statusReference, type TokenKind } from './kinds.ts'
import { remember } from './remembered.ts'
import type { StatusLists } from './status.ts'

/** A token whose signature, kind, issuer, audience and claims have been checked. Its type is that of its kind. */
export interface Verified<Claims extends CommonClaims> {
  readonly kind: TokenKind<Claims>
  readonly text: string
  readonly header: Header
  /** Frozen all the way down: the next caller with this text gets the same object. */
  readonly claims: Claims
}

export interface VerifierOptions {
  /** The exact `iss`. Its keys are `keys`, and no others (RFC 8725 §3.8). */
  issuer: string
  /** What `aud` must hold, for kinds that have an audience (RFC 8725 §3.9). */
  audience: string
  /** No default, and `none` is not among them (RFC 8725 §3.1). */
  algorithms: readonly Algorithm[]
  keys: KeySource
  /** Where revoked tokens are looked up, at every call. `unchecked`: whoever calls does it, or nothing here is ever revoked. */
  status: Pick<StatusLists, 'peek' | 'check'> | 'unchecked'
  now?: () => Date
  /** How far clocks may be apart, in seconds: 10, and 60 at most. */
  toleranceSeconds?: number
  /** How many verified tokens are kept in memory, about 2 kB each: 10,000. With 0 each call computes its signature. */
  mostRemembered?: number
}

export interface Verifier {
  /**
   * Checks a token of this kind (RFC 7519 §7.2, RFC 8725). The signature of a text seen before is not computed again; time,
   * audience and revocation are looked at in every call.
   * @throws TokenError it is bad
   * @throws KeysUnavailableError keys or status cannot be had, so nobody can tell
   */
  verify<Claims extends CommonClaims>(kind: TokenKind<Claims>, text: string): Promise<Verified<Claims>>
}

/** Of a token whose kind does not say otherwise. */
export const MOST_CHARACTERS = 8192
// Looked at in a token of any kind, whether or not the kind declares them.
const SHARED_CHECKS = { aud: optional(audiences), nbf: optional(time), status: optional(statusReference) }
// What claims to live longer is a mistake, such as milliseconds.
const LONGEST_LIFE_SECONDS = 366 * 86_400

/**
 * Builds the one way to check tokens of an issuer that are meant for an audience.
 * @throws RangeError, TypeError if an option is not what it has to be
 */
export function createVerifier({
  issuer,
  audience,
  algorithms,
  keys,
  status,
  now = () => new Date(),
  toleranceSeconds = 10,
  mostRemembered = 10_000,
}: VerifierOptions): Verifier {
  if (!(toleranceSeconds >= 0 && toleranceSeconds <= 60))
    throw new RangeError('the tolerance is 0 to 60 seconds')
  const foreign = algorithms.find((alg) => !ALGORITHMS.includes(alg))
  if (foreign !== undefined || algorithms.length === 0)
    throw new TypeError(`name algorithms out of ${ALGORITHMS.join(', ')}, not ${foreign ?? 'none at all'}`)
  const lists = status === 'unchecked' ? undefined : status
  const remembered = remember<Verified<CommonClaims>>(mostRemembered)
  let revision: number | undefined

  /** The revision of the keys, now. With another set of keys nothing that was verified counts any more. */
  function settle(): number | undefined {
    const current = keys.revision()
    if (current !== revision) remembered.clear()
    revision = current
    return current
  }

  function recall<Claims extends CommonClaims>(kind: TokenKind<Claims>, text: string) {
    const token = settle() === undefined || typeof text !== 'string' ? undefined : remembered.get(text)
    return token?.kind === kind ? { token: token as Verified<Claims>, revision } : undefined
  }

  /** All that stays true for as long as the issuer's keys do. */
  async function verifyAfresh<Claims extends CommonClaims>(kind: TokenKind<Claims>, text: string) {
    const { header, payload } = readCompact(text, kind.mostCharacters ?? MOST_CHARACTERS)
    checkType(kind, header)
    const alg = algorithms.find((allowed) => allowed === algorithmNamed(header.alg))
    if (!alg || (alg === 'HS256') !== (kind.isOneParty ?? false))
      throw new TokenError('algorithm', `no ${kind.name} is taken with this algorithm`)
    const found = await keys.find({ alg, ...(header.kid !== undefined && { kid: header.kid }) })
    await checkSignature(text, header.alg, found.keys)
    const claims = checkClaims(kind, parseObject(payload))
    if (claims.iss !== issuer) throw new TokenError('issuer', 'the token comes from another issuer')
    const token: Verified<Claims> = freeze({ kind, text, header, claims })
    return { token, revision: found.revision }
  }

  function checkTime(kind: AgeRules, { iat, exp, nbf = iat }: SharedClaims): void {
    const clock = Math.floor(now().getTime() / 1000)
    const refuse = (code: TokenErrorCode, what: string, seconds: number) =>
      new TokenError(code, `the token ${what} at ${iso(seconds)}, by this server's clock it is ${iso(clock)}`)
    const start = Math.max(iat, nbf)
    if (start > clock + toleranceSeconds) throw refuse('not_yet_valid', 'starts', start)
    if (clock - iat > kind.maxAgeSeconds + toleranceSeconds) throw refuse('too_old', 'was issued', iat)
    if (!kind.mayBeExpired && exp + toleranceSeconds <= clock) throw refuse('expired', 'ended', exp)
  }

  function checkAudience({ hasAudience }: { hasAudience: boolean }, { aud }: SharedClaims): void {
    if (!hasAudience || aud === audience || (Array.isArray(aud) && aud.includes(audience))) return
    throw new TokenError('audience', `the token is not meant for ${audience}`)
  }

  return {
    async verify(kind, text) {
      const known = recall(kind, text)
      const { token, revision: from } = known ?? (await verifyAfresh(kind, text))
      const claims: SharedClaims = token.claims
      checkTime(kind, claims)
      checkAudience(kind, claims)
      const reference = claims.status?.status_list
      if (lists && reference && (lists.peek(reference) ?? (await lists.check(reference))) === 'revoked') {
        remembered.forget(text)
        throw new TokenError('revoked', 'the token was revoked')
      }
      if (!known && from === settle() && text.length <= MOST_CHARACTERS)
        remembered.set(text, token, claims.exp, now().getTime() / 1000)
      return token
    },
  }
}

type AgeRules = Pick<TokenKind<CommonClaims>, 'maxAgeSeconds' | 'mayBeExpired'>
/** What a token of any kind may say, and `checkClaims` has looked at. */
type SharedClaims = CommonClaims & {
  aud?: string | string[]
  nbf?: number
  status?: { status_list: StatusReference }
}

// RFC 9864 §2.2: the old name for any curve; with a key of this one it is the same.
const algorithmNamed = (alg: string) => (alg === 'EdDSA' ? 'Ed25519' : alg)

/** @throws TokenError `unknown_key` if there is no candidate, `signature` if it is of none of them */
export async function checkSignature(text: string, alg: string, candidates: CryptoKey[]): Promise<void> {
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
  const checks: [string, ClaimCheck<unknown>][] = Object.entries({ ...SHARED_CHECKS, ...kind.claims })
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

// A list, not recursion: what an attacker nests must not fill the stack.
function freeze<Value extends object>(whole: Value): Value {
  const parts: unknown[] = [whole]
  for (const part of parts) {
    if (typeof part !== 'object' || part === null || Object.isFrozen(part)) continue
    for (const member of Object.values(Object.freeze(part))) parts.push(member)
  }
  return whole
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString()
