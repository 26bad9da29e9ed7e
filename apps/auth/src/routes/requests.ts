import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { Auth } from '../auth.ts'
import { clientAddress } from '../domain/addresses.ts'
import type { FormAct } from '../domain/form-tokens.ts'
import { sessionOf } from '../domain/logins.ts'
import type { Visitor } from '../domain/rate-limits.ts'
import { randomSecret } from '../domain/secrets.ts'
import type { Session } from '../domain/sessions.ts'
import { invalidRequest, PageError } from '../protocol/errors.ts'
import { type Params, readParams } from '../protocol/params.ts'
import { FORM_COOKIE, KNOWN_COOKIE, SESSION_COOKIE, setFormCookie, setKnownCookie } from './answers.ts'

/** The query as it came, without the question mark; and without a fragment, which a browser does not send but others may. */
export function queryOf(c: Context): string {
  const [address = ''] = c.req.url.split('#', 1)
  const at = address.indexOf('?')
  return at < 0 ? '' : address.slice(at + 1)
}

/**
 * A posted form.
 * @throws OAuthError `invalid_request` unless it is form-encoded, once (RFC 6749 §3.2)
 */
export async function formOf(c: Context): Promise<Params> {
  const form = readParams(await formTextOf(c))
  c.set('formNames', form.names) // for the log
  return form
}

export async function formTextOf(c: Context): Promise<string> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') {
    throw invalidRequest('the body must be application/x-www-form-urlencoded')
  }
  return await c.req.text()
}

/** Where the request came from, as far as that can be known. */
export function addressOf(c: Context, { trusted }: Pick<Auth, 'trusted'>): string {
  // The server's adapter puts it there; without a socket there is none.
  const socket: unknown = c.env?.incoming?.socket?.remoteAddress
  return clientAddress(typeof socket === 'string' ? socket : '', c.req.header('x-forwarded-for'), trusted)
}

/** Who tries to log in, and where from: what such tries are counted by. */
export function visitorOf(c: Context, auth: Auth, email: string): Visitor {
  const knownBrowserId = auth.knownBrowsers.idFor(getCookie(c, KNOWN_COOKIE), email)
  return { email, address: addressOf(c, auth), knownBrowserId }
}

/** From now on this browser is a known one of this account. */
export function rememberBrowser(c: Context, { knownBrowsers }: Auth, email: string): void {
  setKnownCookie(c, knownBrowsers.remember(getCookie(c, KNOWN_COOKIE), email))
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

/** Whether this form is of our making, for this browser and `about` that, and is sent for the first time: from now on it is spent. */
export async function spendForm(
  c: Context,
  { formTokens }: Auth,
  act: FormAct,
  form: Params,
  about?: string,
): Promise<boolean> {
  const token = form.get('form_token') ?? ''
  const isGenuine = await formTokens.isGenuine(act, token, presentFormSecret(c), about)
  return isGenuine && (await formTokens.spend(token))
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
