import { normalizeEmail } from './accounts.ts'
import { networkOf } from './addresses.ts'
import { hashSecret } from './secrets.ts'
import type { Telemetry } from './telemetry.ts'

/** How much of what is allowed in which time. The same numbers stand in docs/limits.md, with their reasons; a test compares. */
export const LIMITS = {
  login_account: { most: 10, seconds: 900 },
  login_known_browser: { most: 10, seconds: 900 },
  login_address: { most: 50, seconds: 900 },
  client_authentication: { most: 20, seconds: 300 },
  registration: { most: 10, seconds: 3_600 },
} as const
export type LimitName = keyof typeof LIMITS

/** Counts that survive a restart and are shared by all processes. */
export interface RateLimitStore {
  /**
   * Counts one more within the window of this key, or opens a window that ends at `endsAt`: one statement. A window that ends
   * later than that was opened by a clock that went wrong, and is cut short; its count stays.
   */
  hit(key: string, endsAt: Date, now: Date): Promise<{ count: number; endsAt: Date }>
  /** Takes one back. */
  forgive(key: string): Promise<void>
}

/** Refused, whatever the outcome would have been: answer 429, and say when to come back. */
export class TooManyTriesError extends Error {
  override readonly name = 'TooManyTriesError'
  readonly rule: LimitName
  readonly retryAfterSeconds: number

  constructor(rule: LimitName, retryAfterSeconds: number) {
    super(`too many tries: ${rule}`)
    this.rule = rule
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export interface Visitor {
  email: string
  address: string
  /** The id of a browser in which this email has logged in before. */
  knownBrowserId: string | undefined
}

export interface RateLimits {
  /**
   * Runs `prove` if this visitor may try once more. It is counted before its outcome is known, so fifty at once gain nothing, and
   * taken back if it succeeded or never came to a verdict. A known browser has a count of its own: strangers who use up the
   * account's do not lock its owner out. Closed when the counts cannot be had: a login could not be stored either.
   * @throws TooManyTriesError, and what `prove` throws
   */
  login<T>(visitor: Visitor, now: Date, prove: () => Promise<T | undefined>): Promise<T | undefined>
  /**
   * Counts a client that could not prove itself. The right secret is never refused, so nobody locks a client out; and open when
   * the counts cannot be had.
   * @throws TooManyTriesError
   */
  clientFailed(clientId: string, address: string, now: Date): Promise<void>
  /**
   * Counts a registration, before anything is done for it. Closed when the counts cannot be had.
   * @throws TooManyTriesError
   */
  registration(address: string, now: Date): Promise<void>
}

export function createRateLimits(
  store: RateLimitStore,
  telemetry: Pick<Telemetry, 'limited' | 'failed'>,
): RateLimits {
  async function hit(rule: LimitName, subject: string, now: Date): Promise<string> {
    // What people type into the field of the email is nobody's business, and a key has to have a bounded length.
    const key = `${rule} ${hashSecret(subject)}`
    const { most, seconds } = LIMITS[rule]
    const { count, endsAt } = await store.hit(key, new Date(now.getTime() + seconds * 1000), now)
    if (count <= most) return key
    telemetry.limited(rule)
    throw new TooManyTriesError(rule, Math.ceil((endsAt.getTime() - now.getTime()) / 1000))
  }

  /** The address first: what is refused there is not held against the account. */
  async function hitLogin({ email, address, knownBrowserId }: Visitor, now: Date): Promise<string[]> {
    const name = normalizeEmail(email)
    if (knownBrowserId !== undefined)
      return [await hit('login_known_browser', `${knownBrowserId} ${name}`, now)]
    return [await hit('login_address', networkOf(address), now), await hit('login_account', name, now)]
  }

  return {
    async login(visitor, now, prove) {
      const keys = await hitLogin(visitor, now)
      const forgive = () => Promise.all(keys.map((key) => store.forgive(key)))
      const proved = await prove().catch(async (error) => {
        await forgive()
        throw error
      })
      if (proved !== undefined) await forgive()
      return proved
    },
    async clientFailed(clientId, address, now) {
      await hit('client_authentication', `${clientId} ${networkOf(address)}`, now).catch((error) => {
        if (error instanceof TooManyTriesError) throw error
        telemetry.failed('counting a failed client authentication', error)
      })
    },
    async registration(address, now) {
      await hit('registration', networkOf(address), now)
    },
  }
}

/** For load tests (`RATE_LIMITS=off`). */
export const NO_RATE_LIMITS: RateLimits = {
  login: (_visitor, _now, prove) => prove(),
  clientFailed: async () => {},
  registration: async () => {},
}
