import {
  compactVerify,
  createLocalJWKSet,
  errors,
  importJWK,
  type JWK,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import type { KindRules } from '../corpus/shape.ts'
import { NOON } from './issuer.fixture.ts'

/** The claims, or `undefined` if it is refused. */
export type Verdict = object | undefined

/** jose as a careful program uses it: with each option that a kind of token has a value for. `secret` is for HS256. */
export function plainJose(published: { keys: JWK[] }, secret = new Uint8Array()) {
  // It compares `alg` as text, and RFC 9864 has two names for one algorithm: without the member both are taken.
  const keys = published.keys.map(({ alg, ...key }) => (alg === 'Ed25519' ? key : { ...key, alg }))
  const keySet = createLocalJWKSet({ keys })

  async function ofAnyKey(text: string, options: JWTVerifyOptions): Promise<Verdict> {
    try {
      return (await jwtVerify(text, keySet, options)).payload
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      // Without `kid` several keys may fit: its documentation says to try each.
      for await (const key of error) {
        const verified = await jwtVerify(text, key, options).catch(() => undefined)
        if (verified) return verified.payload
      }
      return undefined
    }
  }

  return async (text: string, rules: KindRules): Promise<Verdict> => {
    const { issuer, audience, typ, typMayBeAbsent, algorithms, mayBeExpired, maxAgeSeconds } = rules
    const options: JWTVerifyOptions = {
      issuer,
      algorithms,
      currentDate: NOON,
      clockTolerance: mayBeExpired ? maxAgeSeconds : 10,
      ...(audience !== undefined && { audience }),
      ...(!typMayBeAbsent && { typ }),
    }
    try {
      if (algorithms.includes('HS256')) return (await jwtVerify(text, secret, options)).payload
      return await ofAnyKey(text, options)
    } catch {
      return undefined
    }
  }
}

/** Whether jose takes this for signed with one of these keys, used with its own algorithm; what is signed need be no claims. */
export async function isSignedForJose(jws: unknown, keys: JWK[]): Promise<boolean> {
  for (const jwk of keys) {
    try {
      await compactVerify(jws as string, await importJWK(jwk)) // what is not text is refused there
      return true
    } catch {}
  }
  return false
}
