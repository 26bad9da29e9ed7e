import {
  ActionToken,
  createVerifier,
  issue,
  type ReplayStore,
  secretKeys,
  TokenError,
  verifyOnce,
} from '@grove/jwt'
import { hashSecret, randomId } from './secrets.ts'

const FORM_LIFETIME_SECONDS = 1_800

export type FormAct = 'login' | 'logout' | 'consent' | 'account' | 'register'

/**
 * Anti-forgery tokens of our forms: a JWT that this server sends to itself through one browser, so HS256 is right, and it
 * works once (`jti`). In another browser it is worth nothing: it names the hash of that browser's form cookie. `about` binds it further, to
 * the session and the request that a page was made for.
 */
export interface FormTokens {
  issue(act: FormAct, browserSecret: string, now: Date, about?: string): Promise<string>
  /** Genuine, not expired, of this form and this browser. It is not spent yet: a wrong password may be corrected. */
  isGenuine(act: FormAct, token: string, browserSecret: string | undefined, about?: string): Promise<boolean>
  /** `false`: it was spent before. */
  spend(token: string): Promise<boolean>
}

export async function createFormTokens({
  issuer,
  secrets,
  used,
  now,
}: {
  issuer: string
  secrets: string[]
  used: ReplayStore
  now: () => Date
}): Promise<FormTokens> {
  const keys = await secretKeys(secrets, 'form-token')
  const verifier = createVerifier({
    issuer,
    audience: issuer,
    algorithms: ['HS256'],
    keys,
    status: 'unchecked', // one use each: `used` is what ends them
    now,
  })

  return {
    async issue(act, browserSecret, at, about) {
      const claims = { iss: issuer, aud: issuer, jti: randomId(), act, bound: boundTo(browserSecret, about) }
      return await issue(ActionToken, claims, {
        key: keys.current,
        lifetimeSeconds: FORM_LIFETIME_SECONDS,
        now: at,
      })
    },
    async isGenuine(act, token, browserSecret, about) {
      if (browserSecret === undefined) return false
      const verified = await verifier.verify(ActionToken, token).catch(noneIfBad)
      return verified?.claims.act === act && verified.claims.bound === boundTo(browserSecret, about)
    },
    async spend(token) {
      return (await verifyOnce(verifier, ActionToken, token, used).catch(noneIfBad)) !== undefined
    },
  }
}

function noneIfBad(error: unknown): undefined {
  if (!(error instanceof TokenError)) throw error
}

const boundTo = (browserSecret: string, about = '') => hashSecret(`${browserSecret} ${about}`)
