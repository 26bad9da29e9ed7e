import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { Auth } from '../auth.ts'
import { sessionOf } from '../domain/logins.ts'
import { randomSecret } from '../domain/secrets.ts'
import type { Session } from '../domain/sessions.ts'
import { invalidRequest, PageError } from '../protocol/errors.ts'
import { type Params, readParams } from '../protocol/params.ts'
import { FORM_COOKIE, SESSION_COOKIE, setFormCookie } from './answers.ts'

/** The query as it came, without the question mark. */
export function queryOf(c: Context): string {
  const at = c.req.url.indexOf('?')
  return at < 0 ? '' : c.req.url.slice(at + 1)
}

/**
 * A posted form.
 * @throws OAuthError `invalid_request` unless it is form-encoded, once (RFC 6749 §3.2)
 */
export async function formOf(c: Context): Promise<Params> {
  return readParams(await formTextOf(c))
}

export async function formTextOf(c: Context): Promise<string> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') {
    throw invalidRequest('the body must be application/x-www-form-urlencoded')
  }
  return await c.req.text()
}

/** The live session that the browser's cookie proves. */
export async function browserSession(c: Context, { store, now }: Auth): Promise<Session | undefined> {
  return await sessionOf(store, getCookie(c, SESSION_COOKIE), now())
}

/** The secret that ties our forms to this browser, if it has one. */
export function presentFormSecret(c: Context): string | undefined {
  const present = getCookie(c, FORM_COOKIE)
  return present && /^[\w-]{43}$/.test(present) ? present : undefined
}

/** The same, made on the first form. */
export function formSecret(c: Context): string {
  const present = presentFormSecret(c)
  if (present) return present
  const secret = randomSecret()
  setFormCookie(c, secret)
  return secret
}

/**
 * Our own forms are sent from our own pages only. The form token says so too; this answers before anything is read.
 * `Sec-Fetch-Site` decides where there is one: pages with `Referrer-Policy: no-referrer` send their own forms with `Origin: null`. From a
 * browser too old to say more, the form token has to do.
 * @throws PageError 403
 */
export function requireSameOrigin(c: Context, issuer: string): void {
  const origin = c.req.header('origin')
  const site = c.req.header('sec-fetch-site')
  const isForeign = site
    ? site !== 'same-origin' && site !== 'none'
    : origin !== undefined && origin !== 'null' && origin !== new URL(issuer).origin
  if (isForeign) throw new PageError('invalid_request', 'form_from_elsewhere', 403)
}
