import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import type { JWK } from 'jose'
import type { Algorithm, AsymmetricAlgorithm } from '../src/index.ts'
import { segment } from '../src/issuer.fixture.ts'
import { claimsOf, RULES } from './kinds.ts'
import type { KindName } from './shape.ts'

/** Whoever signs, genuine or not. */
export interface Signer {
  alg: Algorithm
  kid: string
  sign(input: string | Buffer): Buffer
}

export interface KeyPair extends Signer {
  alg: AsymmetricAlgorithm
  publicJwk: JWK
  publicKey: KeyObject
  privateKey: KeyObject
}

type KeyPairs = Record<AsymmetricAlgorithm, KeyPair>

/** Those who appear in the corpus. */
export interface Cast {
  /** The issuer's keys. */
  genuine: KeyPairs
  /** The issuer's as well, published without `alg` and `use`. */
  bare: KeyPairs
  /** Keys that nobody has heard of. */
  mallory: KeyPairs
  secret: Signer & { bytes: Buffer }
}

export function createCast(): Cast {
  const bytes = randomBytes(32)
  return {
    genuine: keyPairs('genuine'),
    bare: keyPairs('bare'),
    mallory: keyPairs('mallory'),
    secret: { ...hmacSigner(bytes), kid: 'secret', bytes },
  }
}

function keyPairs(who: string): KeyPairs {
  return {
    ES256: keyPair('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, who),
    RS256: keyPair('RS256', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, who),
    Ed25519: keyPair('Ed25519', generateKeyPairSync('ed25519').privateKey, who),
  }
}

function keyPair(alg: AsymmetricAlgorithm, privateKey: KeyObject, who: string): KeyPair {
  const publicKey = createPublicKey(privateKey)
  const kid = `${who}-${alg.toLowerCase()}`
  const names = who === 'bare' ? { kid } : { kid, alg, use: 'sig' }
  const hash = alg === 'Ed25519' ? null : 'sha256'
  return {
    alg,
    kid,
    publicKey,
    privateKey,
    publicJwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), ...names }, // a JWK of Node is one of jose
    sign: (input) => sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  }
}

export function hmacSigner(secret: string | Buffer): Signer {
  const mac = (input: string | Buffer) => createHmac('sha256', secret).update(input).digest()
  return { alg: 'HS256', kid: 'secret', sign: mac }
}

export interface Change {
  header?: object
  payload?: object
  /** In place of the whole header or payload. */
  rawHeader?: string | Buffer
  rawPayload?: string | Buffer
}

/** A token of this kind that is good but for this change. */
export function forge(kind: KindName, signer: Signer, change: Change = {}): string {
  const header = { alg: signer.alg, kid: signer.kid, typ: RULES[kind].typ, ...change.header }
  const payload = { ...claimsOf(kind), ...change.payload }
  return seal(signer, segment(change.rawHeader ?? header), segment(change.rawPayload ?? payload))
}

/** Signs two segments as they are, canonical or not. */
export function seal(signer: Signer, header: string, payload: string): string {
  return `${header}.${payload}.${segment(signer.sign(`${header}.${payload}`))}`
}

/** The three parts of a token. */
export function partsOf(text: string): [string, string, string] {
  const [header = '', payload = '', signature = ''] = text.split('.')
  return [header, payload, signature]
}

/** The same claims under another signature. */
export function resigned(text: string, signature: Buffer): string {
  const [header, payload] = partsOf(text)
  return `${header}.${payload}.${segment(signature)}`
}
