import { AccessToken, TokenError } from '@grove/jwt'
import {
  refreshTokenGrant,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from 'openid-client'
import { checkedCookie } from './cookies.ts'
import { endGrant, hasEnded } from './ended.ts'
import { failureOf, isTimeout } from './failure.ts'
import { trustIdToken } from './id-token.ts'
import type { Kit } from './kit.ts'
import { report } from './report.ts'
import { type OpenedSession, type SealedSession, sealSession } from './session.ts'
import { tellEnded } from './status.ts'
import { textOf, userOf } from './user.ts'

export type Refreshed =
  | { outcome: 'fresh'; envelope: string; opened: OpenedSession }
  /** The provider says no: the grant is over. */
  | { outcome: 'refused' }
  /** Nobody can say: the session stays as it is while its token lives. */
  | { outcome: 'unavailable' }

const ENDING: readonly string[] = ['spent', 'invalid', 'unfit']

// Requests that were sent with the old cookie still arrive after the refresh; they get its result.
const KEPT_MS = 10_000
const SLOW_MS = 5_000

/** One refresh for each refresh token and process, however many ask. Over processes the provider answers with one successor. */
export function refreshSession(kit: Kit, opened: OpenedSession): Promise<Refreshed> {
  const { flights } = kit.state
  const { refreshToken } = opened.sealed
  if (!refreshToken) return Promise.resolve({ outcome: 'refused' })
  const flying = flights.get(refreshToken)
  if (flying) return flying
  const flight = redeem(kit, opened, refreshToken).then((refreshed) => {
    if (refreshed.outcome === 'fresh') setTimeout(() => flights.delete(refreshToken), KEPT_MS).unref()
    else flights.delete(refreshToken)
    return refreshed
  })
  flights.set(refreshToken, flight)
  return flight
}

/**
 * For a session whose tokens are void: its grant is over, or an operator changed the account and the next tokens say so. The refresh tells
 * which, once: a no is remembered, and nobody is asked again.
 */
export async function reviveSession(kit: Kit, opened: OpenedSession): Promise<Refreshed> {
  const refreshed = await refreshSession(kit, opened)
  if (refreshed.outcome === 'refused' && opened.grant) {
    endGrant(kit.state, opened.grant, kit.now())
    tellEnded(kit)
  }
  return refreshed
}

async function redeem(
  kit: Kit,
  { sealed, session }: OpenedSession,
  refreshToken: string,
): Promise<Refreshed> {
  // Only one request in a while waits for a provider that does not answer; nobody else's page has to.
  const isSlow = Math.abs(kit.now().getTime() - kit.state.slowAt) < SLOW_MS
  if (isSlow && session.expiresAt > kit.now()) return { outcome: 'unavailable' }
  try {
    const tokens = await refreshTokenGrant(await kit.provider.configuration(), refreshToken)
    const fresh = await sealTokens(kit, tokens, sealed)
    // Another person's tokens, or a session that was ended while we asked: no session survives that (OpenID Core §12.2).
    const isOurs = fresh.opened.session.user.id === session.user.id
    if (!isOurs || hasEnded(kit.state, fresh.opened, kit.now())) return { outcome: 'refused' }
    return { outcome: 'fresh', ...fresh }
  } catch (error) {
    const failure = failureOf(error)
    if (isTimeout(error)) kit.state.slowAt = kit.now().getTime()
    if (failure.kind !== 'spent') report('refresh', error)
    // A wrong client secret is ours to mend, not the person's fault: his session goes on while its token lives.
    return { outcome: ENDING.includes(failure.kind) ? 'refused' : 'unavailable' }
  }
}

/**
 * Verifies both tokens, the access token as this site would verify anybody's, and seals it with who it is about.
 * @throws TokenError, KeysUnavailableError, UserError
 */
export async function sealTokens(
  kit: Kit,
  tokens: TokenEndpointResponse & TokenEndpointResponseHelpers,
  previous?: SealedSession,
): Promise<{ envelope: string; opened: OpenedSession }> {
  const { claims } = await kit.ownTokens.verify(AccessToken, tokens.access_token)
  const idToken = tokens.claims()
  if (tokens.id_token !== undefined) await trustIdToken(kit, tokens.id_token, tokens.access_token)
  if (idToken && idToken.sub !== claims.sub)
    throw new TokenError('claim', 'the tokens are about two accounts')
  const refreshToken = tokens.refresh_token ?? previous?.refreshToken
  const signedInAt = idToken?.auth_time ?? claims.auth_time ?? previous?.signedInAt
  const signedInVia = textOf(idToken?.login_client) ?? previous?.signedInVia
  // Back-Channel Logout 1.0 §2.1: the `sid` of the ID token is what a logout token names. Any other is a provider's own addition.
  const sid = textOf(idToken?.sid) ?? previous?.sessionId
  const { user: schema } = kit.options
  const told = idToken ? await userOf(schema, idToken, claims.sub) : undefined
  // A schema may mean rights: what is not said any more is gone. A name that is not repeated is still the name.
  const user = { ...((!schema || !told) && previous?.user), ...told, id: claims.sub }
  return await sealSession(kit, {
    accessToken: tokens.access_token,
    ...(refreshToken && { refreshToken }),
    user,
    startedAt: previous?.startedAt ?? Math.floor(kit.now().getTime() / 1000),
    ...(signedInAt !== undefined && { signedInAt }),
    ...(signedInVia && { signedInVia }),
    ...(sid && sid !== claims.sid && { sessionId: sid }), // once is enough for a cookie
  })
}

// Refreshed this long before its end, so that no page starts with a token that ends under way.
const EARLY_SECONDS = 30

/** Until when nothing has to be done about this session: the marker lapses shortly before the token does. */
export function secondsUntilRefresh(kit: Kit, { session }: OpenedSession): number {
  return Math.floor((session.expiresAt.getTime() - kit.now().getTime()) / 1000) - EARLY_SECONDS
}

export const checkedWhileSignedIn = (kit: Kit, opened: OpenedSession): string =>
  checkedCookie('signed-in', secondsUntilRefresh(kit, opened), kit.now())
