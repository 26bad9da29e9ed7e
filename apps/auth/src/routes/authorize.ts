import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { deviceOf } from '../domain/devices.ts'
import { logIn, proveAccount } from '../domain/logins.ts'
import type { LoginPageProps } from '../pages/index.ts'
import { authorize, refusal } from '../protocol/authorize.ts'
import { OAuthError } from '../protocol/errors.ts'
import { readParams } from '../protocol/params.ts'
import { carry, redirect, setSessionCookie } from './answers.ts'
import { tooMany } from './failures.ts'
import { interrupted, proceed, showLogin } from './interactions.ts'
import {
  browserSession,
  formOf,
  formTextOf,
  presentFormSecret,
  queryOf,
  rememberBrowser,
  requireSameOrigin,
  visitorOf,
} from './requests.ts'

/** GET /authorize: on with a code, back with an error, or the login page. */
export async function getAuthorize(c: Context, auth: Auth): Promise<Response> {
  const session = await browserSession(c, auth)
  const answer = await authorize(auth, queryOf(c), { session, hasJustLoggedIn: false })
  return await proceed(c, auth, answer)
}

/** POST /authorize: the same by GET, because our cookie does not come along with another site's POST. */
export async function postAuthorize(c: Context): Promise<Response> {
  return redirect(c, `/authorize?${readParams(await formTextOf(c))}`)
}

/** POST /login: the form of the login page, with the request it interrupts in the query. */
export async function postLogin(c: Context, auth: Auth): Promise<Response> {
  requireSameOrigin(c, auth.issuer)
  const present = await browserSession(c, auth)
  const waiting = await interrupted(c, auth)
  if (!('login' in waiting)) return await proceed(c, auth, waiting)
  const { login: request } = waiting
  const form = await formOf(c)
  if (form.get('intent') === 'cancel') {
    return carry(
      c,
      refusal(auth, request, new OAuthError('access_denied', 'the person went back without logging in')),
    )
  }

  const email = form.get('email')
  const password = form.get('password')
  const formToken = form.get('form_token') ?? ''
  const again = (error: NonNullable<LoginPageProps['error']>, more?: ReturnType<typeof tooMany>) =>
    showLogin(c, auth, waiting, { reauth: present !== undefined, email, error, ...more })
  if (!(await auth.formTokens.isGenuine('login', formToken, presentFormSecret(c))))
    return await again('stale_form')
  if (!email || !password) return await again('missing')

  const [clientId, now] = [request.client.id, auth.now()]
  try {
    const prove = () => proveAccount(auth.store, { email, password, clientId, now })
    const account = await auth.limits.login(visitorOf(c, auth, email), now, prove)
    if (!account) return await again('credentials')
    // Spent before anything starts: of a double click one half logs in, and the other changes nothing.
    if (!(await auth.formTokens.spend(formToken))) return await again('stale_form')
    const login = await logIn(auth.store, {
      account,
      clientId,
      device: deviceOf(c.req.header('user-agent')),
      present,
      now,
    })
    if (!login) return await again('credentials')
    const { session, cookie, replaced } = login
    if (replaced) await auth.endSession(replaced.id)
    setSessionCookie(c, cookie, session.expiresAt)
    rememberBrowser(c, auth, email)
    const answer = await authorize(auth, queryOf(c), { session, hasJustLoggedIn: true })
    if (!('login' in answer)) return await proceed(c, auth, answer)
    throw new Error('a person who has just logged in is not asked again')
  } catch (error) {
    return await again('too_many', tooMany(error))
  }
}
