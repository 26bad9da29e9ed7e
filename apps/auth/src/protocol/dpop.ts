import { type ReplayStore, TokenError, verifyDpopProof } from '@grove/jwt'
import type { Client } from '../domain/clients.ts'
import type { DpopNonces } from '../domain/dpop-nonces.ts'
import type { UsedTokens } from '../domain/used-tokens.ts'
import type { ClientRequest } from './client-request.ts'
import { OAuthError } from './errors.ts'

export interface DpopContext {
  issuer: string
  dpopNonces: DpopNonces
  store: { usedTokens: UsedTokens }
  now(): Date
}

/** Whoever holds something that works with a proof: so many are remembered of him, while each is good. */
export interface Holder {
  id: string
  most: number
}
/** One person or one grant: ten a second. */
const MOST_OF_ONE = 300
/** A client that proved itself, for all of its people. */
const MOST_OF_CLIENT = 10_000
export const oneHolder = (id: string): Holder => ({ id, most: MOST_OF_ONE })
/** A public client proves nothing: anybody can say to be it. */
export const clientHolder = ({ id, authMethod }: Client): Holder | undefined =>
  authMethod === 'none' ? undefined : { id, most: MOST_OF_CLIENT }

// Nothing is to be had with a proof again where nothing came with it, and strangers fill no table.
const NOT_REMEMBERED: ReplayStore = { spend: async () => true }

/**
 * The thumbprint of the key that this request proves to hold (RFC 9449 §4.3, §8), if it brings a proof. `holder`: for whom it is
 * remembered. `bound`: the token that came with it, and the key that this token names.
 * @throws OAuthError `invalid_dpop_proof`; `use_dpop_nonce` with a nonce for the next try
 */
export async function provedKey(
  { issuer, dpopNonces, store, now }: DpopContext,
  { path, method, dpop }: ClientRequest,
  holder: Holder | undefined,
  bound?: { accessToken: string; jkt: string },
): Promise<string | undefined> {
  if (dpop === undefined) return undefined
  const used = holder ? store.usedTokens.shareOf(`dpop ${holder.id}`, holder.most) : NOT_REMEMBERED
  const expected = { method, url: `${issuer}${path}`, used, now: now(), ...bound }
  const proof = await verifyDpopProof(dpop, expected).catch((error) => {
    if (error instanceof TokenError)
      throw new OAuthError('invalid_dpop_proof', error.message, { cause: error })
    throw error
  })
  if (dpopNonces.isFresh(proof.nonce, now())) return proof.jkt
  const headers = { 'dpop-nonce': dpopNonces.make(now()) }
  throw new OAuthError('use_dpop_nonce', 'the DPoP proof has to repeat the nonce of this answer', { headers })
}

/** @throws OAuthError `invalid_dpop_proof` if the client gets no token without a key (RFC 9449 §5.2) and brought none */
export async function requiredKey(
  context: DpopContext,
  request: ClientRequest,
  { holder, isRequired }: { holder: Holder | undefined; isRequired: boolean },
) {
  const key = await provedKey(context, request, holder)
  if (isRequired && key === undefined)
    throw new OAuthError('invalid_dpop_proof', 'this client has to send a DPoP proof')
  return key
}
