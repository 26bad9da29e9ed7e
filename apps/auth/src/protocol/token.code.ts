import { createHash } from 'node:crypto'
import type { Client } from '../domain/clients.ts'
import { type CodeContents, isExpired } from '../domain/codes.ts'
import { covers } from '../domain/consents.ts'
import type { Grant } from '../domain/grants.ts'
import { isEqual } from '../domain/secrets.ts'
import { invalidGrant, invalidRequest } from './errors.ts'
import { narrowedResources } from './narrow.ts'
import type { Params } from './params.ts'
import type { GrantHandler, TokenContext } from './token.ts'

// RFC 7636 §4.1.
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/

/** The authorization code grant (RFC 6749 §4.1.3): of any number of redemptions one gets tokens; a second use revokes them. */
export const redeemCode: GrantHandler = async (context, client, params, key) => {
  const code = params.get('code')
  if (!code) throw invalidRequest('code is missing')
  const contents = await context.codes.open(code)
  // Another client's attempt neither works nor burns the code (OAuth 2.1 §4.1.3).
  if (contents?.clientId !== client.id) throw invalidGrant('the code is not valid')
  redirectUriIsTheSame(contents, params)
  if (isExpired(contents, context.now())) await refuseExpired(context, contents)
  keyIsTheSame(contents, key)
  const resources = narrowedResources(contents.resources, client, params)
  if (!verifierFits(contents, params)) await spend(context, contents, client)

  // RFC 9449 §5: a public client has nothing else that its refresh token could be bound to.
  const boundTo = client.authMethod === 'none' ? key : undefined
  const outcome = await context.store.grants.redeem({ ...newGrant(contents), boundTo }, context.now())
  switch (outcome.outcome) {
    case 'redeemed': {
      await consentStands(context, client, outcome.grant)
      const { nonce } = contents
      const options = { ...(nonce !== undefined && { nonce }), key, now: context.now() }
      return {
        tokens: await context.tokens.issueTokens({ ...outcome.grant, resources }, client, options),
        scope: contents.scope,
      }
    }
    case 'used':
      throw invalidGrant('the code was used before, so what it gave is revoked')
    case 'session_ended':
      throw invalidGrant('the login that the code came from has ended')
  }
}

function newGrant(contents: CodeContents) {
  const { grantId, sessionId, clientId, scope, resources, claims, authenticatedAt } = contents
  return {
    id: grantId,
    sessionId,
    clientId,
    scope,
    resources,
    claims,
    authenticatedAt: new Date(authenticatedAt * 1000),
  }
}

// Withdrawn while the code was on its way. Looked up when the grant is there: who withdraws later finds it and revokes it.
async function consentStands({ store, now }: TokenContext, client: Client, { id, account, scope }: Grant) {
  if (!client.needsConsent || covers(await store.consents.find(account.id, client.id), scope)) return
  await store.grants.revoke(id, client.id, now())
  throw invalidGrant('the person has taken the consent back')
}

// RFC 9449 §10: the code is of use only to the holder of the key that the request named.
function keyIsTheSame({ boundTo }: CodeContents, key: string | undefined) {
  if (boundTo !== undefined && boundTo !== key) throw invalidGrant('the code is bound to another key')
}

// OpenID Connect Core 1.0 §3.1.3.2. OAuth 2.1 lets it be left out, since the challenge binds the code already.
function redirectUriIsTheSame(contents: CodeContents, params: Params) {
  const redirectUri = params.get('redirect_uri')
  if (contents.challenge && redirectUri === undefined) return
  if (redirectUri !== contents.redirectUri) throw invalidGrant('redirect_uri is not the one of the request')
}

function verifierFits({ challenge }: CodeContents, params: Params): boolean {
  const verifier = params.get('code_verifier')
  if (!challenge) return verifier === undefined // RFC 9700 §4.8.2: no downgrade in either direction
  if (!verifier || !VERIFIER.test(verifier)) return false
  return isEqual(createHash('sha256').update(verifier).digest('base64url'), challenge)
}

// If it was used while it lived, this is the second use (RFC 6749 §4.1.2), however late.
async function refuseExpired(
  { store, now }: TokenContext,
  { grantId, clientId }: CodeContents,
): Promise<never> {
  await store.grants.revoke(grantId, clientId, now())
  throw invalidGrant('the code has expired')
}

// A wrong verifier means that the code was stolen: it is worth nothing from now on, for anybody.
async function spend({ store, now }: TokenContext, contents: CodeContents, client: Client): Promise<never> {
  await store.grants.redeem(newGrant(contents), now())
  await store.grants.revoke(contents.grantId, client.id, now())
  throw invalidGrant('code_verifier does not fit')
}
