import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import {
  type Algorithm,
  generateKey,
  importPrivateKey,
  type KeySource,
  localKeys,
  type SigningKey,
} from '@grove/jwt'
import { importJWK, type JWK } from 'jose'

/** One key in the form that each library takes. */
export interface Keys {
  alg: Algorithm
  /** As it stands in the header: several libraries know Ed25519 by its older name only. */
  headerAlg: Algorithm | 'EdDSA'
  kid: string
  grove: { signing: SigningKey; source: KeySource }
  web: { sign: CryptoKey; verify: CryptoKey }
  node: { sign: KeyObject; verify: KeyObject }
  /** PEM, or the secret itself. */
  bytes: { sign: Buffer; verify: Buffer }
  /** Missing where a key has no public half. */
  publicJwk?: JWK
}

export async function keysFor(alg: Algorithm): Promise<Keys> {
  return alg === 'HS256' ? await secretKey() : await keyPair(alg)
}

async function keyPair(alg: Exclude<Algorithm, 'HS256'>): Promise<Keys> {
  const { kid, privateJwk, publicJwk } = await generateKey(alg)
  const signing = await importPrivateKey(privateJwk, alg)
  const verify = (await importJWK(publicJwk, alg)) as CryptoKey // bytes only for kty "oct"
  const node = {
    sign: createPrivateKey({ key: { ...privateJwk }, format: 'jwk' }),
    verify: createPublicKey({ key: { ...publicJwk }, format: 'jwk' }),
  }
  return {
    alg,
    headerAlg: alg === 'Ed25519' ? 'EdDSA' : alg,
    kid,
    grove: { signing, source: localKeys({ keys: [publicJwk] }) },
    web: { sign: signing.key, verify },
    node,
    bytes: {
      sign: Buffer.from(node.sign.export({ type: 'pkcs8', format: 'pem' })),
      verify: Buffer.from(node.verify.export({ type: 'spki', format: 'pem' })),
    },
    publicJwk,
  }
}

async function secretKey(): Promise<Keys> {
  const kid = 'secret-1'
  const secret = randomBytes(32)
  const usages: KeyUsage[] = ['sign', 'verify']
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, usages)
  const node = createSecretKey(secret)
  return {
    alg: 'HS256',
    headerAlg: 'HS256',
    kid,
    grove: {
      signing: { alg: 'HS256', kid, key },
      source: {
        revision: () => 0,
        find: async (wanted) => ({ keys: wanted.kid === kid ? [key] : [], revision: 0 }),
      },
    },
    web: { sign: key, verify: key },
    node: { sign: node, verify: node },
    bytes: { sign: secret, verify: secret },
  }
}
