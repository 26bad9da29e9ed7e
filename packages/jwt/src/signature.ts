import { decodeBase64url, verify } from '#crypto'
import { TokenError } from './errors.ts'
import { ALGORITHMS, type Algorithm } from './keys.ts'

const utf8 = new TextEncoder()

/** Of our algorithms the one that a header means, if any. `EdDSA` is the old name for any curve (RFC 9864 §2.2): ours is one. */
export function algorithmNamed(alg: string): Algorithm | undefined {
  const name = alg === 'EdDSA' ? 'Ed25519' : alg
  return ALGORITHMS.find((known) => known === name)
}

/**
 * The payload of a compact JWS whose form was checked, once its signature fits (RFC 7515 §5.2). The signature is asked of
 * the platform itself: what stands around it was read strictly, so nothing is read twice.
 * @throws TokenError `unknown_key` if there is no candidate, `signature` if it is of none of them
 */
export async function checkSignature(
  text: string,
  alg: Algorithm,
  candidates: CryptoKey[],
): Promise<Uint8Array> {
  if (candidates.length === 0)
    throw new TokenError('unknown_key', 'no key of the issuer has this id and algorithm')
  const end = text.lastIndexOf('.')
  const signature = decodeBase64url(text.slice(end + 1))
  const input = utf8.encode(text.slice(0, end))
  for (const key of candidates) {
    if (await verify(alg, key, signature, input))
      return decodeBase64url(text.slice(text.indexOf('.') + 1, end))
  }
  throw new TokenError('signature', 'the signature does not fit the token')
}
