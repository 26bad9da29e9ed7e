import { createHmac, sign, timingSafeEqual, verify } from 'node:crypto'
import type { Keys } from './keys.ts'

// R and S side by side, as a JWS has them (RFC 7518 §3.4). Keys of other kinds ignore it.
const DSA_ENCODING = 'ieee-p1363'

/** base64url. */
export function signatureOf({ alg, node }: Keys, input: string): string {
  if (alg === 'HS256') return createHmac('sha256', node.sign).update(input).digest('base64url')
  const key = { key: node.sign, dsaEncoding: DSA_ENCODING } as const
  return sign(hashOf(alg), Buffer.from(input), key).toString('base64url')
}

export function signatureFits({ alg, node }: Keys, input: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64url')
  if (alg === 'HS256') {
    const code = createHmac('sha256', node.verify).update(input).digest()
    return code.length === bytes.length && timingSafeEqual(code, bytes)
  }
  return verify(hashOf(alg), Buffer.from(input), { key: node.verify, dsaEncoding: DSA_ENCODING }, bytes)
}

// Ed25519 has its hash built in.
const hashOf = (alg: string) => (alg === 'Ed25519' ? null : 'sha256')
