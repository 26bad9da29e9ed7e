import { jwtVerify, SignJWT } from 'jose'
import type { Contestant } from '../contestants.ts'
import type { Keys } from '../keys.ts'
import { AUDIENCE, ISSUER, LIFETIME_SECONDS, nowSeconds, TYPE } from '../tokens.ts'

export const JOSE = 'jose'

export function jose({ headerAlg, kid, web }: Keys): Contestant {
  const options = { issuer: ISSUER, audience: AUDIENCE, typ: TYPE, algorithms: [headerAlg] }
  const verify = (text: string) => jwtVerify(text, web.verify, options)
  return {
    name: JOSE,
    sign: (claims) => {
      const iat = nowSeconds()
      return new SignJWT({ ...claims, iat, exp: iat + LIFETIME_SECONDS })
        .setProtectedHeader({ alg: headerAlg, kid, typ: TYPE })
        .sign(web.sign)
    },
    cold: verify,
    hot: verify,
    random: verify,
  }
}
