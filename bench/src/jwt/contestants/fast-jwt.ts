import { type Algorithm, createSigner, createVerifier } from 'fast-jwt'
import type { Contestant, Verify } from '../contestants.ts'
import type { Keys } from '../keys.ts'
import { AUDIENCE, ISSUER, LIFETIME_SECONDS, TYPE } from '../tokens.ts'

export const FAST_JWT_CACHE = 'fast-jwt, with its cache'

/** Synchronous, as it is when the key is at hand. */
export function fastJwt(keys: Keys): Contestant[] {
  const algorithm = keys.headerAlg as Algorithm // it knows these four, Ed25519 as EdDSA
  const sign = createSigner({
    key: keys.bytes.sign,
    algorithm,
    kid: keys.kid,
    header: { alg: algorithm, typ: TYPE },
    expiresIn: LIFETIME_SECONDS * 1000,
  })
  const cold = fastJwtVerify(keys, false)
  return [
    { name: FAST_JWT_CACHE, hot: fastJwtVerify(keys, true), random: fastJwtVerify(keys, 20_000) },
    { name: 'fast-jwt, without', sign: (claims) => sign(claims), cold, hot: cold, random: cold },
  ]
}

export function fastJwtVerify(keys: Keys, cache: boolean | number): Verify {
  const verify = createVerifier({
    key: keys.bytes.verify,
    algorithms: [keys.headerAlg as Algorithm], // as above
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    requiredClaims: ['iss', 'aud', 'exp'],
    checkTyp: TYPE,
    cache,
  })
  return (text) => verify(text)
}
