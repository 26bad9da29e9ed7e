import { checkAudience, checkClaims, checkTime, checkType, freeze } from './checks.ts'
import { type Header, parseObject, readHeader } from './compact.ts'
import { TokenError } from './errors.ts'
import { ALGORITHMS, type Algorithm, type KeySource } from './keys.ts'
import type { CommonClaims, SharedClaims, TokenKind } from './kinds.ts'
import { remember } from './remembered.ts'
import { algorithmNamed, checkSignature } from './signature.ts'
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

/**
 * Builds the one way to check tokens of an issuer that are meant for an audience.
 * @throws RangeError, TypeError if an option is not what it has to be
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience, algorithms, keys, now = () => new Date() } = options
  const { toleranceSeconds = 10, mostRemembered = 10_000 } = options
  if (!(toleranceSeconds >= 0 && toleranceSeconds <= 60))
    throw new RangeError('the tolerance is 0 to 60 seconds')
  if (!Number.isInteger(mostRemembered) || mostRemembered < 0)
    throw new RangeError('how many tokens are remembered is a whole number, or 0')
  if (algorithms.length === 0 || !algorithms.every((alg) => ALGORITHMS.includes(alg)))
    throw new TypeError(`algorithms are to be named, out of ${ALGORITHMS.join(', ')}`)
  const lists = options.status === 'unchecked' ? undefined : options.status
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
    const header = readHeader(text, kind.mostCharacters ?? MOST_CHARACTERS)
    checkType(kind, header)
    const { kid } = header
    const alg = algorithmNamed(header.alg)
    if (!alg || !algorithms.includes(alg) || (alg === 'HS256') !== (kind.isOneParty ?? false))
      throw new TokenError('algorithm', `no ${kind.name} is taken with this algorithm`)
    const found = await keys.find({ alg, ...(kid !== undefined && { kid }) })
    const payload = await checkSignature(text, alg, found.keys)
    const claims = checkClaims(kind, parseObject(payload))
    if (claims.iss !== issuer) throw new TokenError('issuer', 'the token comes from another issuer')
    return { token: freeze<Verified<Claims>>({ kind, text, header, claims }), revision: found.revision }
  }

  return {
    async verify(kind, text) {
      const known = recall(kind, text)
      const { token, revision: from } = known ?? (await verifyAfresh(kind, text))
      const claims: SharedClaims = token.claims
      const clock = now().getTime() / 1000
      checkTime(kind, claims, Math.floor(clock), toleranceSeconds)
      checkAudience(kind, claims, audience)
      const reference = claims.status?.status_list
      if (lists && reference && (lists.peek(reference) ?? (await lists.check(reference))) === 'revoked') {
        remembered.forget(text)
        throw new TokenError('revoked', 'the token was revoked')
      }
      if (!known && from === settle() && text.length <= MOST_CHARACTERS)
        remembered.set(text, token, claims.exp, clock)
      return token
    },
  }
}
