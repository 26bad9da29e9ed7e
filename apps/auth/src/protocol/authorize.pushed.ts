import type { ReplayStore } from '@grove/jwt'
import type { ClientRegistry } from '../domain/clients.ts'
import {
  BEGUN_LIFETIME_SECONDS,
  isPushed,
  type PushedRequest,
  type PushedRequests,
} from '../domain/pushed-requests.ts'
import { PageError } from './errors.ts'
import { type Params, readParams } from './params.ts'

export interface PushedContext {
  clients: ClientRegistry
  pushedRequests: PushedRequests
  store: { usedTokens: ReplayStore }
  now(): Date
}

/** The parameters that count, and the pushed request that they came from, if they did. */
export interface ReadRequest {
  params: Params
  pushed: PushedRequest | undefined
}

/**
 * Reads an authorization request. Of a pushed one nothing counts that the browser says beside its address (RFC 9126 §4,
 * RFC 9101 §5).
 * @throws PageError a pushed request that is not ours, another client's, or gone; one that was needed and is missing (§6)
 */
export async function readRequest(
  { clients, pushedRequests, now }: PushedContext,
  query: string,
): Promise<ReadRequest> {
  const params = readParams(query)
  const requestUri = params.get('request_uri')
  if (!isPushed(requestUri)) {
    if (clients.find(params.get('client_id') ?? '')?.isPushRequired)
      throw new PageError('invalid_request', 'pushed_request_needed')
    return { params, pushed: undefined }
  }
  const pushed = await pushedRequests.open(requestUri, now())
  if (!pushed || pushed.clientId !== params.get('client_id')) throw gone()
  return { params: readParams(pushed.query), pushed }
}

/** @throws PageError if it was answered with a code before (RFC 9126 §7.3) */
export async function spendPushed(
  { store }: PushedContext,
  { jti, expiresAt }: PushedRequest,
): Promise<void> {
  // It may have been begun in another tab, in its last moment.
  const until = new Date((expiresAt + BEGUN_LIFETIME_SECONDS) * 1000)
  if (!(await store.usedTokens.spend(`pushed ${jti}`, until))) throw gone()
}

/** What our form sends back: the request itself, or its address in a form that leaves a person time. */
export async function carried(
  { pushedRequests, now }: PushedContext,
  { params, pushed }: ReadRequest,
): Promise<string> {
  if (!pushed) return params.toString()
  const requestUri = await pushedRequests.begin(pushed, now())
  return new URLSearchParams({ client_id: pushed.clientId, request_uri: requestUri }).toString()
}

const gone = () => new PageError('invalid_request_uri', 'pushed_request_gone')
