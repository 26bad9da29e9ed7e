import { invalidGrant, invalidRequest, invalidScope } from './errors.ts'
import type { GrantHandler } from './token.ts'

// A lost answer and fifty tabs are harmless for this long: they get the same successor again.
const GRACE_SECONDS = 10

/** The refresh grant (RFC 6749 §6) with rotation; a spent token seen again means a thief, so neither keeps the grant (RFC 9700 §4.14.2). */
export const refresh: GrantHandler = async (context, client, params) => {
  const presented = params.get('refresh_token')
  if (!presented) throw invalidRequest('refresh_token is missing')
  const known = context.refreshTokens.read(presented)
  if (!known) throw invalidGrant('the refresh token is not valid')

  const outcome = await context.store.grants.rotate(
    { ...known, clientId: client.id },
    context.now(),
    GRACE_SECONDS,
  )
  switch (outcome.outcome) {
    case 'rotated':
    case 'replayed': {
      const grant = outcome.grant
      const scope = narrowed(grant.scope, params.get('scope'))
      const tokens = await context.tokens.issueTokens({ ...grant, scope }, client, { now: context.now() })
      // A narrower access token leaves the grant as wide as it was (RFC 6749 §6).
      const refreshToken = context.refreshTokens.make(grant.id, grant.generation)
      return { tokens: { ...tokens, refreshToken }, scope }
    }
    case 'reused':
      throw invalidGrant('the refresh token was used before, so the grant is revoked')
    case 'unknown':
      throw invalidGrant('the refresh token is not valid')
  }
}

// Scope can shrink, never grow.
function narrowed(granted: string, wanted: string | undefined): string {
  if (!wanted) return granted
  const scopes = granted.split(' ')
  const asked = [...new Set(wanted.split(' '))]
  if (!asked.every((scope) => scopes.includes(scope)))
    throw invalidScope('scope is wider than what was granted')
  return asked.join(' ')
}
