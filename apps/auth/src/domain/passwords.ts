import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'

/** Argon2id, 19 MiB, two passes, one lane: the first choice of the OWASP password storage cheat sheet. Hashing runs off the main thread. */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

// Longer input is no better password, only work for argon2.
const MOST_BYTES = 1_000
const MOST_AT_ONCE = Math.max(2, availableParallelism() - 1)
const MOST_WAITING = 64

/** More logins than this machine can hash are waiting: answer 503 and ask to come back. */
export class TooManyLoginsError extends Error {
  override readonly name = 'TooManyLoginsError'
  readonly retryAfterSeconds = 2
}

let running = 0
let done = 0
const waiting: (() => void)[] = []

/** How much hashing there was, and waits to be. */
export const passwordQueue = () => ({ done, waiting: waiting.length })

/** The same characters in another encoding are the same password (Unicode NFC); nothing is trimmed or cut (ASVS 6.2.8). */
export const normalizePassword = (password: string): string => password.normalize('NFC')

export const isTooLong = (password: string): boolean => Buffer.byteLength(password) > MOST_BYTES

/** @throws TooManyLoginsError */
export async function hashPassword(password: string): Promise<string> {
  return await inTurn(() => hash(normalizePassword(password), PARAMETERS))
}

/**
 * Whether the password is right. Without a hash (no such account) the same work is done, so that time does not tell.
 * @throws TooManyLoginsError
 */
export async function isPassword(password: string, storedHash: string | undefined): Promise<boolean> {
  const given = normalizePassword(password)
  const against = storedHash && !isTooLong(given) ? storedHash : await dummyHash
  const fits = await inTurn(() => verify(against, isTooLong(given) ? '' : given))
  return fits && against === storedHash
}

const dummyHash = hash('nobody has this password', PARAMETERS)

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MOST_AT_ONCE) {
    if (waiting.length >= MOST_WAITING) throw new TooManyLoginsError('too many logins are waiting')
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  running += 1
  try {
    return await work()
  } finally {
    running -= 1
    done += 1
    waiting.shift()?.()
  }
}
