import { type AccessTokenClaims, TokenError, type Verifier } from '@grove/jwt'
import type { Grant, GrantStore } from '../domain/grants.ts'
import { grantIndexOf } from '../domain/status-list.ts'
import { OwnAccessToken } from '../domain/tokens.ts'

export interface OwnTokensContext {
  /** Reads back the access tokens that this server issued. */
  ownTokens: Verifier
  store: { grants: Pick<GrantStore, 'findByIndex'> }
  now(): Date
}

/** What an access token of ours says; `undefined` if it is none, or has expired. */
export async function ownClaims(
  { ownTokens }: OwnTokensContext,
  token: string,
): Promise<AccessTokenClaims | undefined> {
  try {
    return (await ownTokens.verify(OwnAccessToken, token)).claims
  } catch (error) {
    if (error instanceof TokenError) return undefined
    throw error
  }
}

/** The live grant behind an access token. A client's own token has none. */
export async function grantBehind(
  { store, now }: OwnTokensContext,
  { status }: AccessTokenClaims,
): Promise<Grant | undefined> {
  return status && (await store.grants.findByIndex(grantIndexOf(status.status_list), now()))
}
