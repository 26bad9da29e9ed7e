import { createSealer } from '@grove/jwt'
import { z } from 'zod'
import { randomId } from './secrets.ts'

const PREFIX = 'urn:ietf:params:oauth:request_uri:'
/** For the way of the browser from the client to us. */
export const PUSHED_LIFETIME_SECONDS = 60
/** For a person at our pages, who has come in time. */
export const BEGUN_LIFETIME_SECONDS = 1_800

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
  /** The same request for our own forms, which take their time. Once begun, its end stays. */
  begin(request: PushedRequest, now: Date): Promise<string>
  /** `undefined` if it is not ours or has expired. */
  open(requestUri: string, now: Date): Promise<PushedRequest | undefined>
}

export const isPushed = (requestUri: string | undefined): requestUri is string =>
  requestUri?.startsWith(PREFIX) ?? false

export function createPushedRequests(secrets: readonly string[]): PushedRequests {
  const sealer = createSealer({ secrets, purpose: 'pushed-request' })
  const seal = async (request: PushedRequest) => PREFIX + (await sealer.seal(request))
  const inSeconds = (now: Date, seconds: number) => Math.floor(now.getTime() / 1000) + seconds

  return {
    async push(request, now) {
      const expiresAt = inSeconds(now, PUSHED_LIFETIME_SECONDS)
      return await seal({ ...request, jti: randomId(), hasBegun: false, expiresAt })
    },
    async begin(request, now) {
      if (request.hasBegun) return await seal(request)
      return await seal({ ...request, hasBegun: true, expiresAt: inSeconds(now, BEGUN_LIFETIME_SECONDS) })
    },
    async open(requestUri, now) {
      const request = contents.safeParse(await sealer.open(requestUri.slice(PREFIX.length))).data
      return request && request.expiresAt > now.getTime() / 1000 ? request : undefined
    },
  }
}
