import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import { isCanonical } from './compact.ts'
import { deriveSecret } from './secrets.ts'
import { deflate, inflate } from './streams.ts'

export interface SealerOptions {
  /** Key ring: the first seals, all open, so that a new secret signs nobody out. */
  secrets: readonly string[]
  /** Bound into the key: what was sealed for one purpose does not open for another. */
  purpose: string
  /** Deflate first: a JWT inside shrinks by a quarter. Only where no attacker can watch the size of many chosen contents. */
  compress?: boolean
}

export interface Sealer {
  /**
   * JSON → an envelope that only this ring can read and nobody can change (JWE `dir`, A256GCM; RFC 7516).
   * @throws RangeError if it would be too large to be opened again
   */
  seal(value: object): Promise<string>
  /** `null` if it is not ours, was changed, or was sealed for something else. Who calls it checks the shape and the time. */
  open(envelope: string): Promise<unknown>
}

// With `dir` the second part is empty; elsewhere every character counts.
const ENVELOPE = /^([\w-]+)\.\.([\w-]+)\.([\w-]+)\.([\w-]+)$/
const MOST_CHARACTERS = 8192
const MOST_BYTES = 65_536

export function createSealer({ secrets, purpose, compress = false }: SealerOptions): Sealer {
  const ring = Promise.all(secrets.map((secret) => deriveSecret(secret, purpose)))
  ring.catch(() => {}) // reported where it is used

  return {
    async seal(value) {
      const [key] = await ring
      if (!key) throw new TypeError('at least one secret is needed')
      const json = new TextEncoder().encode(JSON.stringify(value))
      const content = compress ? await deflate(json, 'deflate-raw') : json
      const envelope = await new CompactEncrypt(content)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.kid })
        .encrypt(key.bits)
      if (json.length > MOST_BYTES || envelope.length > MOST_CHARACTERS) {
        throw new RangeError('the content is too large to be sealed')
      }
      return envelope
    },

    async open(envelope) {
      const parts = envelope.length > MOST_CHARACTERS ? [] : (ENVELOPE.exec(envelope)?.slice(1) ?? [])
      if (parts.length === 0 || !parts.every(isCanonical)) return null
      const keys = await ring
      try {
        const { kid, zip } = decodeProtectedHeader(envelope)
        const key = keys.find((candidate) => candidate.kid === kid)
        if (!key || zip !== undefined) return null // RFC 8725 §3.6: nobody but `compress` decides what is inflated
        const algorithms = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }
        const { plaintext } = await compactDecrypt(envelope, key.bits, algorithms)
        const content = new Uint8Array(plaintext)
        const json = compress ? await inflate(content, 'deflate-raw', MOST_BYTES) : content
        return JSON.parse(new TextDecoder().decode(json))
      } catch {
        return null
      }
    },
  }
}
