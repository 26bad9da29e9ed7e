import { createSealer } from '@grove/jwt'
import { z } from 'zod'
import { randomId } from './secrets.ts'

// RFC 6749 §4.1.2 recommends ten minutes at most; a browser needs a second.
const CODE_LIFETIME_SECONDS = 60

const contents = z.object({
  /** The id of the grant to be. Whoever inserts that row first has redeemed the code. */
  grantId: z.string(),
  sessionId: z.string(),
  clientId: z.string(),
  redirectUri: z.string(),
  /** PKCE challenge (S256), if the request had one. */
  challenge: z.string().optional(),
  /** Thumbprint of the key that whoever redeems it has to prove (RFC 9449 §10). */
  boundTo: z.string().optional(),
  nonce: z.string().optional(),
  scope: z.string(),
  resources: z.array(z.string()),
  /** Claims asked for one by one. */
  claims: z.object({ userinfo: z.array(z.string()), idToken: z.array(z.string()) }).optional(),
  /** Seconds since 1970. */
  authenticatedAt: z.number(),
  expiresAt: z.number(),
})

/** What an authorization code says. No row is written for it: it is sealed, so only this server can read or make one. */
export type CodeContents = z.infer<typeof contents>

export interface Codes {
  issue(contents: Omit<CodeContents, 'grantId' | 'expiresAt'>, now: Date): Promise<string>
  /** `undefined` if it is not ours. It may have expired: ask `isExpired`. */
  open(code: string): Promise<CodeContents | undefined>
}

export function createCodes(secrets: readonly string[]): Codes {
  const sealer = createSealer({ secrets, purpose: 'authorization-code' })
  return {
    async issue(request, now) {
      const expiresAt = Math.floor(now.getTime() / 1000) + CODE_LIFETIME_SECONDS
      return await sealer.seal({ ...request, grantId: randomId(), expiresAt })
    },
    async open(code) {
      return contents.safeParse(await sealer.open(code)).data
    },
  }
}

export function isExpired({ expiresAt }: CodeContents, now: Date): boolean {
  return now.getTime() / 1000 >= expiresAt
}
