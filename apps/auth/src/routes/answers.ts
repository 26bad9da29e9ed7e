import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'
import { formPostPage } from '../pages/index.ts'
import type { AuthorizationResponse } from '../protocol/response.ts'

export const SESSION_COOKIE = '__Host-sso'
export const FORM_COOKIE = '__Host-form'
export const KNOWN_COOKIE = '__Host-known'
const KNOWN_SECONDS = 180 * 86_400

// Lax: the cookie has to come along when another site sends the browser here by a top-level redirect, and never otherwise.
const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

export function setSessionCookie(c: Context, value: string, expiresAt: Date): void {
  setCookie(c, SESSION_COOKIE, value, { ...COOKIE, expires: expiresAt })
}

export function clearSessionCookie(c: Context): void {
  setCookie(c, SESSION_COOKIE, '', { ...COOKIE, maxAge: 0 })
}

export function setFormCookie(c: Context, value: string): void {
  setCookie(c, FORM_COOKIE, value, COOKIE)
}

/** Somebody has logged in here: strangers who try his password elsewhere do not lock him out in this browser. */
export function setKnownCookie(c: Context, value: string): void {
  setCookie(c, KNOWN_COOKIE, value, { ...COOKIE, maxAge: KNOWN_SECONDS })
}

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
}

/**
 * A page. `formTargets`: origins where a form of it may end, because Chromium checks `form-action` along the redirects too:
 * after the login form the browser goes on to the client (pain 20).
 */
export function page(
  c: Context,
  html: string,
  {
    status = 200,
    formTargets = [] as string[],
    runsScript = false,
    headers = {} as Record<string, string>,
  } = {},
): Response {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    ...(runsScript ? ["script-src 'self'"] : []),
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
  ].join('; ')
  return c.body(html, status as 200, { ...PAGE_HEADERS, 'content-security-policy': policy, ...headers }) // any status is one
}

/** 303, so that what was posted is not posted on (RFC 9700 §4.12). */
export function redirect(c: Context, location: string): Response {
  return c.body(null, 303, {
    location,
    'content-length': '0',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  })
}

/** Sends the browser on to the client with our answer. */
export function carry(c: Context, response: AuthorizationResponse): Response {
  if ('redirect' in response) return redirect(c, response.redirect)
  const { action } = response.formPost
  return page(c, formPostPage(response.formPost), { formTargets: [new URL(action).origin], runsScript: true })
}

/** An answer that is the same for everybody: it may be kept for a while, and read by any page. */
export function publicJson(c: Context, body: unknown): Response {
  const headers = { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' }
  return json(c, body, { headers })
}

/** An answer for a client's server (RFC 6749 §5.1): never stored. */
export function json(
  c: Context,
  body: unknown,
  { status = 200, headers = {} as Record<string, string> } = {},
): Response {
  return c.body(JSON.stringify(body), status as 200, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    pragma: 'no-cache',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
}
