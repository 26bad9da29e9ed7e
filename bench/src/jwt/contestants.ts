import { fastJwt } from './contestants/fast-jwt.ts'
import { grove } from './contestants/grove.ts'
import { jose } from './contestants/jose.ts'
import { jsonWebToken } from './contestants/jsonwebtoken.ts'
import { nodeCrypto } from './contestants/node-crypto.ts'
import type { Keys } from './keys.ts'
import type { Claims } from './tokens.ts'

/** Throws or rejects unless signature, `typ`, `iss`, `aud` and `exp` are right. */
export type Verify = (text: string) => unknown

/** One line of the table. What it cannot do is missing. */
export interface Contestant {
  name: string
  /** Signs claims, with `iat`, `exp` and `typ`. */
  sign?: (claims: Claims) => string | Promise<string>
  /** Computes the signature each time. */
  cold?: Verify
  /** May remember. A verifier of its own, that sees little else than the one token. */
  hot?: Verify
  /** May remember, and has room for the whole working set. */
  random?: Verify
  /** Refuses revoked tokens too. */
  looksUpRevocation?: boolean
  /** The signature alone: no claim is read. Nobody can be faster without a memory. */
  isFloor?: boolean
}

export async function contestantsFor(keys: Keys): Promise<Contestant[]> {
  return [...(await grove(keys)), jose(keys), ...fastJwt(keys), ...jsonWebToken(keys), nodeCrypto(keys)]
}
