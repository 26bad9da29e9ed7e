import type { Client } from '../domain/clients.ts'
import type { Grant } from '../domain/grants.ts'
import { invalidGrant, invalidRequest } from './errors.ts'
import { narrowedResources, narrowedScope } from './narrow.ts'
import type { Params } from './params.ts'
import type { GrantHandler } from './token.ts'

// A lost answer and fifty tabs are harmless for this long: they get the same successor again.
const GRACE_SECONDS = 10

/** The refresh grant (RFC 6749 §6) with rotation; a spent token seen again means a thief, so neither keeps the grant (RFC 9700 §4.14.2). */
export const refresh: GrantHandler = async (context, client, params, key) => {
  const presented = params.get('refresh_token')
  if (!presented) throw invalidRequest('refresh_token is missing')
  const known = context.refreshTokens.read(presented)
  if (!known) throw invalidGrant('the refresh token is not valid')

  // Read before the rotation, so that a refused request does not cost the client its token.
  const before = asksForLess(params) && (await context.store.grants.find(known.grantId, context.now()))
  if (before && before.clientId === client.id) narrowed(before, client, params)

  const outcome = await context.store.grants.rotate(
    { ...known, clientId: client.id, boundTo: key },
    context.now(),
    GRACE_SECONDS,
  )
  context.telemetry.refreshed(outcome.outcome)
  switch (outcome.outcome) {
    case 'rotated':
    case 'replayed': {
      const grant = narrowed(outcome.grant, client, params)
      const tokens = await context.tokens.issueTokens(grant, client, { key, now: context.now() })
      // A narrower access token leaves the grant as wide as it was (RFC 6749 §6).
      const refreshToken = context.refreshTokens.make(grant.id, grant.generation)
      return { tokens: { ...tokens, refreshToken }, scope: grant.scope }
    }
    case 'reused':
      throw invalidGrant('the refresh token was used before, so the grant is revoked')
    case 'unknown':
      throw invalidGrant('the refresh token is not valid')
  }
}

function asksForLess(params: Params): boolean {
  return params.get('scope') !== undefined || params.resources.length > 0
}

function narrowed(grant: Grant, client: Client, params: Params): Grant {
  return {
    ...grant,
    scope: narrowedScope(grant.scope, params),
    resources: narrowedResources(grant.resources, client, params),
  }
}
