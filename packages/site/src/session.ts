import type { AccessTokenClaims, StatusReference } from '@grove/jwt'
import { type Endable, endKeys } from './ended.ts'
import type { Kit } from './kit.ts'
import { standingOf } from './status.ts'
import { type Profile, readUser, type User, UserError } from './user.ts'

/** Whoever calls with an access token. */
export interface Bearer<T = Profile> {
  /** Of a bearer token only `id` is known. */
  user: Partial<T> & { id: string }
  /** The provider's session, `sid`. */
  sessionId?: string
  clientId: string
  scope: readonly string[]
  /** When the access token ends. */
  expiresAt: Date
  /** Decoded and without its signature: for showing. */
  token: { header: Record<string, unknown>; claims: Record<string, unknown> }
  /** For calls to other sites. A method, so that it cannot slip into a client component or an answer. */
  accessToken(): string
}

export interface Session<T = Profile> extends Bearer<T> {
  user: T & { id: string }
  /** When the person last proved who he is (`auth_time`). 1970 when the provider does not tell. */
  signedInAt: Date
  /** The name of the site where that was. */
  signedInVia?: string
  /** When this site's session was made. */
  startedAt: Date
}

/** What is in the cookie. No ID token: it would cost 500 bytes and is of no further use. */
export interface SealedSession {
  accessToken: string
  refreshToken?: string
  user: User
  /** Seconds since 1970. */
  startedAt: number
  /** Seconds since 1970: `auth_time`. */
  signedInAt?: number
  signedInVia?: string
  /** `sid` of the ID token, where the access token does not say the same. */
  sessionId?: string
}

export interface OpenedSession extends Endable {
  sealed: SealedSession
  session: Session
  grant?: StatusReference
}

const MOST_OPENED = 5_000

/** The session of a cookie, while its token lives and nothing has ended it; never an error. The hot path does no I/O. */
export async function liveSession(kit: Kit, envelope: string | undefined): Promise<OpenedSession | null> {
  const opened = await openSession(kit, envelope)
  if (!opened || opened.session.expiresAt <= kit.now()) return null
  return (await standingOf(kit, opened)) === 'live' ? opened : null
}

/** Opens a cookie whether or not its token still lives; `null` if it is not ours or was changed. */
export async function openSession(kit: Kit, envelope: string | undefined): Promise<OpenedSession | null> {
  if (!envelope) return null
  const known = kit.state.opened.get(envelope)
  if (known) return known
  const sealed = await kit.sessions.open(envelope)
  if (!isSealedSession(sealed)) return null
  try {
    return await rememberSession(kit, envelope, sealed)
  } catch (error) {
    // Sealed before the site asked for more about its users: whoever it is signs in again.
    if (error instanceof UserError) return null
    throw error
  }
}

export async function sealSession(
  kit: Kit,
  sealed: SealedSession,
): Promise<{ envelope: string; opened: OpenedSession }> {
  const envelope = await kit.sessions.seal(sealed)
  return { envelope, opened: await rememberSession(kit, envelope, sealed) }
}

/** A verified access token as the pages see it. */
export function describeToken(
  accessToken: string,
  claims: AccessTokenClaims,
  user: User = { id: claims.sub },
): Bearer {
  return {
    user,
    ...(claims.sid && { sessionId: claims.sid }),
    clientId: claims.client_id,
    scope: claims.scope?.split(' ') ?? [],
    expiresAt: new Date(claims.exp * 1000),
    token: { header: readPart(accessToken, 0), claims: { ...claims } },
    accessToken: () => accessToken,
  }
}

/**
 * The access token inside is not verified again: callback and refresh verified it before sealing, and nobody without our secret
 * can make or change an envelope (authenticated encryption). So a process that starts while the provider is down serves
 * signed-in people at once. Its time and its status are looked at on every request.
 */
async function rememberSession(
  { state, options }: Kit,
  envelope: string,
  sealed: SealedSession,
): Promise<OpenedSession> {
  const user = await readUser(options.user, sealed.user)
  const claims = readPart(sealed.accessToken, 1) as unknown as AccessTokenClaims // checked before it was sealed, see above
  const { sessionId } = sealed
  const opened: OpenedSession = {
    sealed,
    session: Object.freeze({
      ...describeToken(sealed.accessToken, claims, user),
      user,
      ...(sessionId && { sessionId }),
      signedInAt: new Date((sealed.signedInAt ?? 0) * 1000),
      ...(sealed.signedInVia && { signedInVia: sealed.signedInVia }),
      startedAt: new Date(sealed.startedAt * 1000),
    }),
    ...(claims.status && { grant: claims.status.status_list }),
    endKeys: endKeys({ ...claims, ...(sessionId && { sid: sessionId }) }),
    startedAt: sealed.startedAt * 1000,
  }
  for (const oldest of state.opened.keys()) {
    if (state.opened.size < MOST_OPENED) break
    state.opened.delete(oldest)
  }
  state.opened.set(envelope, opened)
  return opened
}

function readPart(token: string, part: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString())
}

// Sealed by us, perhaps by an older version of us.
function isSealedSession(value: unknown): value is SealedSession {
  const { accessToken, user, startedAt } = (value ?? {}) as Partial<SealedSession> // looked at member by member
  return typeof accessToken === 'string' && typeof user?.id === 'string' && typeof startedAt === 'number'
}

/** Whether the person proved who he is at most this many seconds ago. A page for important actions asks. */
export function wasSignedInWithin(
  session: { signedInAt: Date },
  seconds: number | undefined,
  now = new Date(),
): boolean {
  return seconds === undefined || now.getTime() - session.signedInAt.getTime() <= seconds * 1000
}
