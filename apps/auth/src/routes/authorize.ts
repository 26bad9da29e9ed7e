import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { logIn } from '../domain/logins.ts'
import { TooManyLoginsError } from '../domain/passwords.ts'
import { type LoginPageProps, loginPage } from '../pages/index.ts'
import type { AuthorizationRequest } from '../protocol/authorize.checks.ts'
import { authorize, refusal } from '../protocol/authorize.ts'
import { OAuthError } from '../protocol/errors.ts'
import { readParams } from '../protocol/params.ts'
import { page, redirect, setSessionCookie } from './answers.ts'
import { browserSession, formOf, formSecret, formTextOf, queryOf, requireSameOrigin } from './requests.ts'

/** GET /authorize: on with a code, back with an error, or the login page. */
export async function getAuthorize(c: Context, auth: Auth): Promise<Response> {
  const session = await browserSession(c, auth)
  const answer = await authorize(auth, queryOf(c), { session, hasJustLoggedIn: false })
  if ('redirect' in answer) return redirect(c, answer.redirect)
  return await showLogin(c, auth, answer.login, { reauth: answer.isReauthentication })
}

/** POST /authorize: the same by GET, because our cookie does not come along with another site's POST. */
export async function postAuthorize(c: Context): Promise<Response> {
  return redirect(c, `/authorize?${readParams(await formTextOf(c))}`)
}

/** POST /login: the form of the login page, with the request it interrupts in the query. */
export async function postLogin(c: Context, auth: Auth): Promise<Response> {
  requireSameOrigin(c, auth.issuer)
  const present = await browserSession(c, auth)
  const waiting = await authorize(auth, queryOf(c), { session: undefined, hasJustLoggedIn: false })
  if ('redirect' in waiting) return redirect(c, waiting.redirect)
  const { login: request } = waiting
  const form = await formOf(c)
  if (form.get('intent') === 'cancel') {
    return redirect(
      c,
      refusal(auth, request, new OAuthError('access_denied', 'the person went back without logging in')),
    )
  }

  const email = form.get('email')
  const password = form.get('password')
  const reauth = present !== undefined
  const formToken = form.get('form_token') ?? ''
  if (!(await auth.formTokens.isGenuine('login', formToken, formSecret(c)))) {
    return await showLogin(c, auth, request, { reauth, email, error: 'stale_form' }, 403)
  }
  if (!email || !password) return await showLogin(c, auth, request, { reauth, email, error: 'missing' }, 422)

  try {
    const login = await logIn(auth.store, {
      email,
      password,
      client: request.client,
      present,
      now: auth.now(),
    })
    if (login.outcome === 'wrong')
      return await showLogin(c, auth, request, { reauth, email, error: 'credentials' }, 422)
    if (!(await auth.formTokens.spend(formToken))) {
      await auth.endSession(login.session.id)
      return await showLogin(c, auth, request, { reauth, email, error: 'stale_form' }, 403)
    }
    if (login.replaced) await auth.endSession(login.replaced.id)
    setSessionCookie(c, login.cookie, login.session.expiresAt)
    const answer = await authorize(auth, queryOf(c), { session: login.session, hasJustLoggedIn: true })
    if ('redirect' in answer) return redirect(c, answer.redirect)
    return await showLogin(c, auth, answer.login, { reauth: false, error: 'credentials' }, 422)
  } catch (error) {
    if (!(error instanceof TooManyLoginsError)) throw error
    const { retryAfterSeconds } = error
    return await showLogin(c, auth, request, { reauth, email, error: 'too_many', retryAfterSeconds }, 503)
  }
}

type Shown = Pick<LoginPageProps, 'reauth' | 'error' | 'retryAfterSeconds'> & { email?: string | undefined }

async function showLogin(c: Context, auth: Auth, request: AuthorizationRequest, shown: Shown, status = 200) {
  const { client, params, loginHint, redirectUri } = request
  const email = shown.email ?? loginHint
  const html = loginPage({
    ...shown,
    action: `/login?${params}`,
    formToken: await auth.formTokens.issue('login', formSecret(c), auth.now()),
    clientName: client.name,
    ...(client.uri && { clientUri: client.uri }),
    ...(email !== undefined && { email }),
    ...(auth.demoAccounts.length > 0 && { demo: auth.demoAccounts }),
  })
  const headers: Record<string, string> = shown.retryAfterSeconds
    ? { 'retry-after': String(shown.retryAfterSeconds) }
    : {}
  return page(c, html, { status, formTargets: [new URL(redirectUri).origin], headers })
}
