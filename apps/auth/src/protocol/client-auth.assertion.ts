import {
  ClientAssertion,
  createVerifier,
  type KeySource,
  KeysUnavailableError,
  type ReplayStore,
  TokenError,
  verifyOnce,
} from '@grove/jwt'
import type { Client } from '../domain/clients.ts'
import type { UsedTokens } from '../domain/used-tokens.ts'
import { OAuthError } from './errors.ts'

export interface AssertionContext {
  issuer: string
  /** The registered keys of a client with `private_key_jwt`, and no others (RFC 8725 §3.10). */
  clientKeys(client: Client): KeySource
  store: { usedTokens: UsedTokens }
  now(): Date
}

/** RSA is left out: of what FAPI 2.0 §5.4.1 takes, these two are in every Web Crypto. */
export const ASSERTION_ALGORITHMS = ['ES256', 'Ed25519'] as const

/**
 * Whether the client signed this assertion, for us, and not before (RFC 7523 §3; its successor wants the issuer as the one
 * audience).
 * @throws OAuthError 503 when the client's keys cannot be had
 */
export async function provesItself(
  { issuer, clientKeys, store, now }: AssertionContext,
  client: Client,
  assertion: string,
): Promise<boolean> {
  const verifier = createVerifier({
    issuer: client.id,
    audience: issuer,
    algorithms: ASSERTION_ALGORITHMS,
    keys: clientKeys(client),
    status: 'unchecked', // it works once
    now,
    mostRemembered: 0,
  })
  // Two clients may choose the same `jti`.
  const used: ReplayStore = {
    spend: (jti, until) => store.usedTokens.spend(`assertion ${client.id} ${jti}`, until),
  }
  try {
    await verifyOnce(verifier, ClientAssertion, assertion, used)
    return true
  } catch (error) {
    if (error instanceof TokenError) return false
    if (!(error instanceof KeysUnavailableError)) throw error
    throw new OAuthError('temporarily_unavailable', 'the keys of the client cannot be had', {
      status: 503,
      cause: error,
    })
  }
}
