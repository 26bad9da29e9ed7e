import { base64url, importJWK, type JWK } from 'jose'
import type { Algorithm, AsymmetricAlgorithm } from './keys.ts'

// RFC 7518 §3, RFC 8037 §3.1, as Web Crypto says it. A key is imported for one of these and works with no other (RFC 8725 §3.1).
const PARAMETERS: Record<Algorithm, { name: string; hash?: string }> = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
  Ed25519: { name: 'Ed25519' },
  HS256: { name: 'HMAC' },
}
const AES_GCM = 'AES-GCM'
export const IV_BYTES = 12
export const TAG_BYTES = 16

type Bytes = Uint8Array<ArrayBuffer>

/** base64url without padding (RFC 4648 §5); a string stands for its UTF-8. */
export function encodeBase64url(content: Uint8Array | string): string {
  return base64url.encode(content)
}

/** Of what is known to be canonical: nothing is promised of another text. */
export function decodeBase64url(text: string): Bytes {
  return new Uint8Array(base64url.decode(text))
}

/**
 * A public or a private key, which no longer leaves the platform then.
 * @throws Error if it is none of this algorithm
 */
export async function importKey(jwk: JWK, alg: AsymmetricAlgorithm): Promise<CryptoKey> {
  return (await importJWK(jwk, alg)) as CryptoKey // bytes only for kty "oct"
}

/** A signature as JWS has it (RFC 7518 §3.4: two numbers of fixed length for ECDSA). */
export async function sign(alg: Algorithm, key: CryptoKey, input: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(PARAMETERS[alg], key, input))
}

/** Whether the signature is of this key; a key for another algorithm has made none. */
export async function verify(
  alg: Algorithm,
  key: CryptoKey,
  signature: Bytes,
  input: Bytes,
): Promise<boolean> {
  return await crypto.subtle.verify(PARAMETERS[alg], key, signature, input).catch(() => false)
}

export interface Encrypted {
  /** Random, 96 bits. */
  iv: Bytes
  ciphertext: Bytes
  /** 128 bits. */
  tag: Bytes
}

export interface Cipher {
  /** `header` stays readable, and whoever changes it changes the tag. */
  encrypt(content: Bytes, header: Bytes): Promise<Encrypted>
  /** @throws Error if anything was changed */
  decrypt(encrypted: Encrypted, header: Bytes): Promise<Bytes>
}

/** AES-GCM with 256 bits of key (RFC 7518 §5.3). */
export function aesGcm(bits: Bytes): Cipher {
  let imported: Promise<CryptoKey> | undefined
  const key = () =>
    (imported ??= crypto.subtle.importKey('raw', bits, AES_GCM, false, ['encrypt', 'decrypt']))
  const parameters = (iv: Bytes, header: Bytes) => ({ name: AES_GCM, iv, additionalData: header })
  return {
    async encrypt(content, header) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const both = new Uint8Array(await crypto.subtle.encrypt(parameters(iv, header), await key(), content))
      return { iv, ciphertext: both.subarray(0, -TAG_BYTES), tag: both.subarray(-TAG_BYTES) }
    },
    async decrypt({ iv, ciphertext, tag }, header) {
      const both = new Uint8Array([...ciphertext, ...tag])
      return new Uint8Array(await crypto.subtle.decrypt(parameters(iv, header), await key(), both))
    },
  }
}
