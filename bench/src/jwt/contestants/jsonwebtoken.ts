import jwt from 'jsonwebtoken'
import type { Contestant } from '../contestants.ts'
import type { Keys } from '../keys.ts'
import { AUDIENCE, ISSUER, LIFETIME_SECONDS, TYPE } from '../tokens.ts'

/** Has no EdDSA. Has no option for `typ`, so the caller looks at it. */
export function jsonWebToken({ headerAlg, kid, node }: Keys): Contestant[] {
  const name = 'jsonwebtoken'
  if (headerAlg !== 'HS256' && headerAlg !== 'RS256' && headerAlg !== 'ES256') return [{ name }]
  const signing: jwt.SignOptions = {
    algorithm: headerAlg,
    keyid: kid,
    header: { alg: headerAlg, typ: TYPE },
    expiresIn: LIFETIME_SECONDS,
  }
  const options = { issuer: ISSUER, audience: AUDIENCE, complete: true } as const
  const verify = (text: string) => {
    const token = jwt.verify(text, node.verify, { ...options, algorithms: [headerAlg] })
    if (token.header.typ !== TYPE) throw new TypeError('the token is of another type')
    return token
  }
  return [
    {
      name,
      sign: (claims) => jwt.sign(claims, node.sign, signing),
      cold: verify,
      hot: verify,
      random: verify,
    },
  ]
}
