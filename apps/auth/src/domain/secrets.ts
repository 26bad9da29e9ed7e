import { createHash, createHmac, hkdfSync, randomBytes, randomFillSync, timingSafeEqual } from 'node:crypto'

// A call of the system for each id costs as much as an HMAC. What was given out of the pool is never given again.
const ID_BYTES = 16
const POOL = Buffer.alloc(256 * ID_BYTES)
let used = POOL.length

/** 256 random bits, base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** 128 random bits, base64url: enough for an id that nobody can guess. */
export function randomId(): string {
  if (used === POOL.length) {
    randomFillSync(POOL)
    used = 0
  }
  used += ID_BYTES
  return POOL.toString('base64url', used - ID_BYTES, used)
}

/** SHA-256, base64url. For secrets with 128 bits and more only: a password needs a slow hash. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** Compares in constant time. */
export function matchesHash(secret: string, hash: string): boolean {
  return isEqual(hashSecret(secret), hash)
}

/** Compares in constant time; texts of different lengths differ. */
export function isEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Authenticates short texts by HMAC-SHA-256, with a key of its own for each purpose. */
export interface MacRing {
  /** Made with the newest key, base64url. */
  make(content: string): string
  /** Made by any key of the ring; compares in constant time. */
  fits(content: string, mac: string): boolean
}

/** `secrets`: a key ring, newest first; throws `TypeError` if it is empty. `purpose` separates the keys (HKDF, RFC 5869 §3.2). */
export function createMacRing(secrets: readonly string[], purpose: string): MacRing {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)))
  const [newest] = keys
  if (!newest) throw new TypeError('at least one secret is needed')
  const mac = (key: Buffer, content: string) => createHmac('sha256', key).update(content).digest('base64url')
  return {
    make: (content) => mac(newest, content),
    fits: (content, given) => keys.some((key) => isEqual(mac(key, content), given)),
  }
}
