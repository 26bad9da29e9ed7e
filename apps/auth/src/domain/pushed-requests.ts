import { createSealer } from '@grove/jwt'
import { z } from 'zod'
import { randomId } from './secrets.ts'

const PREFIX = 'urn:ietf:params:oauth:request_uri:'
/** For the way of the browser from the client to us. */
export const PUSHED_LIFETIME_SECONDS = 60
// For a person at the login page, who has come in time.
const BEGUN_LIFETIME_SECONDS = 1_800

const contents = z.object({
  /** Spent when the request is answered with a code. */
  jti: z.string(),
  clientId: z.string(),
  /** The request, as a query. */
  query: z.string(),
  boundTo: z.string().optional(),
  hasBegun: z.boolean(),
  expiresAt: z.number(),
})

/** An authorization request that came by the back channel. No row is written for it: its address is the request itself, sealed. */
export type PushedRequest = z.infer<typeof contents>

export interface PushedRequests {
  push(request: Pick<PushedRequest, 'clientId' | 'query' | 'boundTo'>, now: Date): Promise<string>
  /** The same request for our own login form, which takes its time. */
  begin(request: PushedRequest, now: Date): Promise<string>
  /** `undefined` if it is not ours or has expired. `isForm`: our own form brings it back. */
  open(requestUri: string, options: { isForm: boolean; now: Date }): Promise<PushedRequest | undefined>
}

export const isPushed = (requestUri: string | undefined): requestUri is string =>
  requestUri?.startsWith(PREFIX) ?? false

export function createPushedRequests(secrets: readonly string[]): PushedRequests {
  const sealer = createSealer({ secrets, purpose: 'pushed-request' })
  const seal = async (request: Omit<PushedRequest, 'expiresAt'>, seconds: number, now: Date) =>
    PREFIX + (await sealer.seal({ ...request, expiresAt: Math.floor(now.getTime() / 1000) + seconds }))

  return {
    push: (request, now) =>
      seal({ ...request, jti: randomId(), hasBegun: false }, PUSHED_LIFETIME_SECONDS, now),
    begin: (request, now) => seal({ ...request, hasBegun: true }, BEGUN_LIFETIME_SECONDS, now),
    async open(requestUri, { isForm, now }) {
      const request = contents.safeParse(await sealer.open(requestUri.slice(PREFIX.length))).data
      const isGood = request && request.expiresAt > now.getTime() / 1000 && (isForm || !request.hasBegun)
      return isGood ? request : undefined
    },
  }
}
