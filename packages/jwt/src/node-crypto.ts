import { Buffer } from 'node:buffer'
import * as node from 'node:crypto'
import type { Algorithm } from './keys.ts'
import * as web from './web-crypto.ts'

// The same as `web-crypto.ts`, for servers on Node. There Web Crypto takes each call through a thread pool, which costs more than the
// call itself: a signature on P-256 takes 20 µs. One with RSA takes a millisecond, and that belongs into the pool. And base64url costs
// a tenth of what it does by way of `btoa`.
const HASHES = { ES256: 'sha256', RS256: 'sha256', Ed25519: null } as const
/** Of the keys that were imported here; of others Web Crypto takes care. */
const keyObjects = new WeakMap<CryptoKey, { alg: Algorithm; keyObject: node.KeyObject }>()

type Bytes = Uint8Array<ArrayBuffer>

export const encodeBase64url: typeof web.encodeBase64url = (content) =>
  (typeof content === 'string' ? Buffer.from(content) : bufferOver(content)).toString('base64url')

export const decodeBase64url: typeof web.decodeBase64url = (text) => bytesOf(Buffer.from(text, 'base64url'))

export const importKey: typeof web.importKey = async (jwk, alg) => {
  const key = await web.importKey(jwk, alg)
  const of = { key: { ...jwk }, format: 'jwk' } as const
  const keyObject = jwk.d === undefined ? node.createPublicKey(of) : node.createPrivateKey(of)
  keyObjects.set(key, { alg, keyObject })
  return key
}

export const sign: typeof web.sign = async (alg, key, input) => {
  const known = keyObjects.get(key)
  if (known?.alg !== alg || alg === 'RS256' || alg === 'HS256') return await web.sign(alg, key, input)
  return bytesOf(node.sign(HASHES[alg], input, inFixedLength(known.keyObject)))
}

export const verify: typeof web.verify = async (alg, key, signature, input) => {
  const known = keyObjects.get(key)
  if (known?.alg !== alg || alg === 'HS256') return await web.verify(alg, key, signature, input)
  try {
    return node.verify(HASHES[alg], input, inFixedLength(known.keyObject), signature)
  } catch {
    return false // no signature at all
  }
}

export function aesGcm(bits: Bytes): web.Cipher {
  const key = node.createSecretKey(bits)
  return {
    async encrypt(content, header) {
      const iv = bytesOf(node.randomBytes(web.IV_BYTES))
      const cipher = node.createCipheriv('aes-256-gcm', key, iv).setAAD(header)
      const ciphertext = bytesOf(Buffer.concat([cipher.update(content), cipher.final()]))
      return { iv, ciphertext, tag: bytesOf(cipher.getAuthTag()) }
    },
    async decrypt({ iv, ciphertext, tag }, header) {
      const options = { authTagLength: web.TAG_BYTES }
      const decipher = node.createDecipheriv('aes-256-gcm', key, iv, options).setAAD(header).setAuthTag(tag)
      return bytesOf(Buffer.concat([decipher.update(ciphertext), decipher.final()]))
    },
  }
}

// The numbers of an ECDSA signature stand side by side (RFC 7518 §3.4), and not in DER. Other algorithms take no notice.
function inFixedLength(key: node.KeyObject) {
  return { key, dsaEncoding: 'ieee-p1363' as const }
}

/** The same bytes, not a copy. */
function bufferOver({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

function bytesOf(buffer: Buffer): Bytes {
  return new Uint8Array(buffer)
}
