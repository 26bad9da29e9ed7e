import { encodeBase64url, sign } from '#crypto'
import { checkClaims } from './checks.ts'
import { TokenError } from './errors.ts'
import type { SigningKey } from './keys.ts'
import type { CommonClaims, TokenKind } from './kinds.ts'
import { MOST_CHARACTERS } from './verify.ts'

const utf8 = new TextEncoder()

/**
 * Signs a token of this kind. `iat` and `exp` are set here, `typ`, `alg` and `kid` always written (RFC 7515 §4.1). What it
 * would not verify, it does not sign.
 * @throws TokenError `claim` if a claim is not as the kind declares it, `algorithm` if the key is not for this kind, `too_large`
 */
export async function issue<Claims extends CommonClaims>(
  kind: TokenKind<Claims>,
  claims: Omit<Claims, 'iat' | 'exp'>,
  { key, lifetimeSeconds, now }: { key: SigningKey; lifetimeSeconds: number; now: Date },
): Promise<string> {
  const iat = Math.floor(now.getTime() / 1000)
  const whole = { ...claims, iat, exp: iat + lifetimeSeconds }
  if ((key.alg === 'HS256') !== (kind.isOneParty ?? false))
    throw new TokenError('algorithm', `no ${kind.name} is signed with ${key.alg}`)
  checkClaims(kind, whole)
  const input = [{ alg: key.alg, kid: key.kid, typ: kind.typ }, whole]
    .map((part) => encodeBase64url(JSON.stringify(part)))
    .join('.')
  const signature = await sign(key.alg, key.key, utf8.encode(input))
  const text = `${input}.${encodeBase64url(signature)}`
  if (text.length > (kind.mostCharacters ?? MOST_CHARACTERS)) {
    throw new TokenError('too_large', `the ${kind.name} is larger than a verifier reads`)
  }
  return text
}
