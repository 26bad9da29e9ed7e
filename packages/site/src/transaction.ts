import { createHash, randomBytes } from 'node:crypto'
import { buildAuthorizationUrl, calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client'
import {
  clearCookie,
  cookieNames,
  LOGIN_COOKIE_PREFIX,
  readCookie,
  setCookie,
  TYPED_COOKIE,
} from './cookies.ts'
import type { Kit } from './kit.ts'
import { trustReturnTo } from './return-to.ts'
import type { State } from './state.ts'
import { presentSpan } from './traces.ts'

/** `login`: somebody asked. `again`: its second and last try. `silent`: nobody asked, so nothing of it may be seen. */
export type LoginKind = 'login' | 'again' | 'silent'

/** What `state` says by itself. Anybody can write one: it is good for finding the way back, and for nothing else. */
export interface LoginState {
  text: string
  kind: LoginKind
  random: string
  returnTo: string
}

/** A login that this browser has open, with what only the browser's cookie holds (RFC 9700 §4.4.2, §4.7). */
export interface OpenLogin {
  state: LoginState
  cookieName: string
  verifier: string
  nonce: string
  maxAgeSeconds?: number
}

/** What is sealed into the cookie of a login. */
interface SealedLogin {
  /** Verifier. */
  v: string
  n: string
  /** Ties it to name and state. */
  s: string
  a?: number
  /** The `traceparent` of the request that opened it. */
  t?: string
}

const MOST_OPEN = 5
// The place of a trace in the cookies of the others is that of one login.
const MOST_OPEN_TRACED = 4
const MOST_SPENT = 10_000
// What was typed into a form that waits for a fresh login takes the place of the others.
const MOST_OPEN_BESIDE_A_FORM = 2
const LIFETIME_SECONDS = 600
const KINDS = { l: 'login', a: 'again', s: 'silent' } as const

const random = (bytes: number) => randomBytes(bytes).toString('base64url')

/**
 * Opens a login and says where to send the browser. The cookie is named by time and state, so that tabs do not disturb each
 * other and "drop the oldest beyond five" needs no opening (431 is what happens otherwise).
 */
export async function openLogin(
  kit: Kit,
  request: Request,
  { kind, returnTo, maxAgeSeconds }: { kind: LoginKind; returnTo: string; maxAgeSeconds?: number },
): Promise<{ location: string; cookies: string[] }> {
  const { options } = kit
  const configuration = await kit.provider.configuration()
  const state = `${kind[0]}${random(16)}.${Buffer.from(returnTo).toString('base64url')}`
  const cookieName = `${LOGIN_COOKIE_PREFIX}${kit.now().getTime().toString(36)}.${state.split('.')[0]}`
  const verifier = randomPKCECodeVerifier()
  const nonce = random(16)
  const traceparent = presentSpan()?.traceparent
  const sealed = await kit.logins.seal({
    v: verifier,
    n: nonce,
    s: bind(cookieName, state),
    a: maxAgeSeconds,
    t: traceparent,
  })
  const location = buildAuthorizationUrl(configuration, {
    redirect_uri: `${options.siteUrl}/sso/callback`,
    scope: options.scope,
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(kind === 'silent' && { prompt: 'none' }),
    ...(maxAgeSeconds !== undefined && { max_age: String(maxAgeSeconds) }),
    // A redirect carries no header. Who does not know the parameter passes it over (RFC 6749 §3.1).
    ...(traceparent && { traceparent }),
  })
  const isFormWaiting = readCookie(request.headers.get('cookie'), TYPED_COOKIE) !== undefined
  const most = isFormWaiting ? MOST_OPEN_BESIDE_A_FORM : traceparent ? MOST_OPEN_TRACED : MOST_OPEN
  const oldest = openLogins(request).slice(0, -(most - 1))
  return {
    location: location.href,
    cookies: [...oldest.map(clearCookie), setCookie(cookieName, sealed, LIFETIME_SECONDS)],
  }
}

/** Reads `state`, and looks at the way back in it as at any other input. */
export function readState({ options }: Kit, text: string | null): LoginState | null {
  const [, letter, rest, path] = /^([las])([\w-]{22})\.([\w-]*)$/.exec(text ?? '') ?? []
  if (!text || !letter || path === undefined) return null
  return {
    text,
    kind: KINDS[letter as keyof typeof KINDS], // one of the three by the pattern
    random: `${letter}${rest}`,
    returnTo: trustReturnTo(Buffer.from(path, 'base64url').toString(), options.siteUrl),
  }
}

/**
 * The login of this state in this browser, for one use; `null` if it is another browser's, older than ten minutes, or used.
 * A replica does not know what another one used; there the provider refuses, for a code works once.
 */
export async function takeLogin(kit: Kit, request: Request, state: LoginState): Promise<OpenLogin | null> {
  const cookieName = cookieOf(request, state)
  if (!cookieName) return null
  const sealed = await sealedIn(kit, request, cookieName)
  const openedAt = Number.parseInt(cookieName.slice(LOGIN_COOKIE_PREFIX.length), 36)
  const expiresAt = new Date(openedAt + LIFETIME_SECONDS * 1000)
  if (sealed?.s !== bind(cookieName, state.text) || expiresAt <= kit.now()) return null
  if (!isFirstUse(kit.state, state.random)) return null
  return {
    state,
    cookieName,
    verifier: sealed.v,
    nonce: sealed.n,
    ...(sealed.a !== undefined && { maxAgeSeconds: sealed.a }),
  }
}

/** The trace in which the login of this callback began, if this browser has it. */
export async function traceOfLogin(kit: Kit, request: Request): Promise<string | undefined> {
  const state = readState(kit, new URL(request.url).searchParams.get('state'))
  const cookieName = state && cookieOf(request, state)
  return cookieName ? (await sealedIn(kit, request, cookieName))?.t : undefined
}

const cookieOf = (request: Request, { random }: LoginState) =>
  openLogins(request).find((name) => name.endsWith(`.${random}`))

async function sealedIn({ logins }: Kit, request: Request, cookieName: string): Promise<SealedLogin | null> {
  const envelope = readCookie(request.headers.get('cookie'), cookieName)
  return (await logins.open(envelope ?? '')) as SealedLogin | null // our purpose, our shape
}

/**
 * Anybody can begin and end logins, so whoever fills this must keep nobody out: the oldest goes. What is forgotten is refused by the
 * provider, which takes a code once; what is remembered spares it a second use, for which it would end the session of the first.
 */
function isFirstUse({ spentLogins }: State, random: string): boolean {
  if (spentLogins.has(random)) return false
  for (const oldest of spentLogins) {
    if (spentLogins.size < MOST_SPENT) break
    spentLogins.delete(oldest)
  }
  spentLogins.add(random)
  return true
}

/** Names of the open logins' cookies, oldest first: the time in them sorts. */
function openLogins(request: Request): string[] {
  return cookieNames(request.headers.get('cookie'))
    .filter((name) => name.startsWith(LOGIN_COOKIE_PREFIX))
    .sort()
}

// Ties the cookie's name, with its time, to the whole state. 128 bits, because each cookie has to stay under 340 bytes.
function bind(cookieName: string, state: string): string {
  return createHash('sha256').update(`${cookieName} ${state}`).digest().subarray(0, 16).toString('base64url')
}
