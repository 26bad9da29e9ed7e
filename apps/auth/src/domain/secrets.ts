import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits, base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** 128 random bits, base64url: enough for an id that nobody can guess. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
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
