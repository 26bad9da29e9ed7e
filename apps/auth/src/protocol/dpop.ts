import { type ReplayStore, TokenError, verifyDpopProof } from '@grove/jwt'
import type { DpopNonces } from '../domain/dpop-nonces.ts'
import type { ClientRequest } from './client-request.ts'
import { OAuthError } from './errors.ts'

export interface DpopContext {
  issuer: string
  dpopNonces: DpopNonces
  store: { usedTokens: ReplayStore }
  now(): Date
}

/**
 * The thumbprint of the key that this request proves to hold (RFC 9449 §4.3, §8), if it brings a proof. `bound`: the token that came
 * with it, and the key that this token names.
 * @throws OAuthError `invalid_dpop_proof`; `use_dpop_nonce` with a nonce for the next try
 */
export async function provedKey(
  { issuer, dpopNonces, store, now }: DpopContext,
  { path, method, dpop }: ClientRequest,
  bound?: { accessToken: string; jkt: string },
): Promise<string | undefined> {
  if (dpop === undefined) return undefined
  const expected = { method, url: `${issuer}${path}`, used: store.usedTokens, now: now(), ...bound }
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
export async function requiredKey(context: DpopContext, request: ClientRequest, isRequired: boolean) {
  const key = await provedKey(context, request)
  if (isRequired && key === undefined)
    throw new OAuthError('invalid_dpop_proof', 'this client has to send a DPoP proof')
  return key
}
