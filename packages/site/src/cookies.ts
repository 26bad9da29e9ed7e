// `__Host-`: this host alone, https, no sub-domain can plant one (ASVS 3.3.3). Every cookie is readable by the server only.
export const SESSION_COOKIE = '__Host-session'
export const CHECKED_COOKIE = '__Host-checked'
export const LOGIN_COOKIE_PREFIX = '__Host-login.'
export const LOGOUT_COOKIE = '__Host-logout'
export const LANDED_COOKIE = '__Host-landed'
/** What was typed into a form that had to wait for a fresh login (see `typed`). */
export const TYPED_COOKIE = '__Host-typed'

/**
 * Never trusted: the marker only says "nothing to do until I lapse", so that the proxy can be skipped (see `arrive`). Seconds.
 */
export const CHECKED_SECONDS = {
  /** Asked, and nobody was there; or signed out everywhere. Short, so that a login elsewhere is soon known here. */
  nobodyThere: 120,
  /** Signed out of this site on purpose: silent sign-in must not undo it. */
  signedOutHere: 86_400,
  authAway: 10,
}

/** What the marker remembers, so that somebody who arrives from outside may be asked about again. */
export type Found = 'signed-in' | 'nobody' | 'provider-away' | 'signed-out-here'

// Renewed at each refresh. When it lapses, silent sign-in makes another while the provider still knows the browser.
const SESSION_COOKIE_SECONDS = 86_400

export function readCookie(header: string | null | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=')
    if (pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}

export function cookieNames(header: string | null): string[] {
  return (header ?? '').split(';').map((pair) => pair.slice(0, pair.indexOf('=')).trim())
}

/**
 * Lax, not Strict: the first page after a login is reached by a navigation that began at the provider's site, and a Strict
 * cookie would be missing there (a redirect loop). What changes state has its own defence against cross-site requests.
 */
export function setCookie(name: string, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}`
}

export const clearCookie = (name: string): string => setCookie(name, '', 0)
export const sessionCookie = (envelope: string): string =>
  setCookie(SESSION_COOKIE, envelope, SESSION_COOKIE_SECONDS)

export function checkedCookie(found: Found, seconds: number, now: Date): string {
  const values: Record<Found, string> = {
    'signed-in': 'in',
    nobody: Math.floor(now.getTime() / 1000).toString(36),
    'provider-away': 'away',
    'signed-out-here': 'out',
  }
  return setCookie(CHECKED_COOKIE, values[found], seconds)
}

/** Seconds since the provider said that nobody was there. `Infinity`: it did not say so. 0: it is not to be asked at all. */
export function secondsSinceAsked(marker: string | undefined, now: Date): number {
  if (marker === 'out') return 0
  if (marker === undefined || marker === 'in' || marker === 'away') return Number.POSITIVE_INFINITY
  const askedAt = Number.parseInt(marker, 36)
  return Number.isNaN(askedAt) ? 0 : Math.abs(now.getTime() / 1000 - askedAt)
}
