import { IdTokenHint, type IdTokenHintClaims, TokenError, type Verifier } from '@grove/jwt'
import type { Client, ClientRegistry } from '../domain/clients.ts'
import { hashSecret, isEqual } from '../domain/secrets.ts'
import type { Session } from '../domain/sessions.ts'
import { PageError } from './errors.ts'
import type { Params } from './params.ts'
import { withParameters } from './trust-redirect.ts'

export interface EndSessionContext {
  clients: ClientRegistry
  hintVerifier(clientId: string): Verifier
}

/** What a logout request asks for, and whether its sender is proved to be a party of the browser's session. */
export interface LogoutRequest {
  client: Client | undefined
  /** Registered for that client, with `state`; only then does the browser go back. */
  returnTo: string | undefined
  /** A genuine hint names this very session, so nobody is asked again. */
  isProved: boolean
  /** The session that a genuine hint names: for a request that cannot carry the cookie, such as a cross-site POST. */
  hintedSessionId: string | undefined
}

/**
 * Reads a logout request (OpenID Connect RP-Initiated Logout 1.0 §2).
 * @throws PageError a hint that is not ours, or an address that is not registered for the client
 */
export async function readLogoutRequest(
  context: EndSessionContext,
  params: Params,
  session: Session | undefined,
): Promise<LogoutRequest> {
  const hint = await readHint(context, params)
  const clientId = params.get('client_id') ?? hint?.clientId
  const client = context.clients.find(clientId ?? '')
  if (params.get('client_id') && !client) throw new PageError('invalid_client', 'client_unknown')
  const sid = hint?.claims.sid
  return {
    client,
    returnTo: returnAddress(params, client),
    isProved: session !== undefined && (sid === session.id || isHintOf(session, params.get('logout_hint'))),
    hintedSessionId: sid,
  }
}

/**
 * `logout_hint` is the SHA-256 of the `sid`: only a party of the session knows it, and no session id stands in a URL.
 */
function isHintOf(session: Session, hint: string | undefined): boolean {
  return hint !== undefined && isEqual(hint, hashSecret(session.id))
}

async function readHint(
  { clients, hintVerifier }: EndSessionContext,
  params: Params,
): Promise<{ claims: IdTokenHintClaims; clientId: string } | undefined> {
  const text = params.get('id_token_hint')
  if (!text) return undefined
  const known = params.get('client_id')
  const candidates = known ? [known] : clients.all().map(({ id }) => id)
  for (const clientId of candidates) {
    try {
      const { claims } = await hintVerifier(clientId).verify(IdTokenHint, text)
      return { claims, clientId }
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      if (error.code !== 'audience') break
    }
  }
  throw new PageError('invalid_request', 'hint_not_genuine')
}

// Exactly a registered address, of a client that is known; `state` is the only thing added (RP-Initiated Logout 1.0 §3).
function returnAddress(params: Params, client: Client | undefined): string | undefined {
  const address = params.get('post_logout_redirect_uri')
  if (!address || !client) return undefined
  if (!client.postLogoutRedirectUris.includes(address)) {
    throw new PageError('invalid_redirect_uri', 'logout_address_unknown')
  }
  const state = params.get('state')
  return withParameters(address, state === undefined ? {} : { state })
}
