import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { logIn, proveAccount } from '../domain/logins.ts'
import { TooManyLoginsError } from '../domain/passwords.ts'
import { type LoginPageProps, loginPage } from '../pages/index.ts'
import { authorize, type Interaction, refusal } from '../protocol/authorize.ts'
import { OAuthError } from '../protocol/errors.ts'
import { readParams } from '../protocol/params.ts'
import { carry, page, redirect, setSessionCookie } from './answers.ts'
import {
  browserSession,
  formOf,
  formSecret,
  formTextOf,
  presentFormSecret,
  queryOf,
  requireSameOrigin,
} from './requests.ts'

/** GET /authorize: on with a code, back with an error, or the login page. */
export async function getAuthorize(c: Context, auth: Auth): Promise<Response> {
  const session = await browserSession(c, auth)
  const answer = await authorize(auth, queryOf(c), { session, hasJustLoggedIn: false, isForm: false })
  if (!('login' in answer)) return carry(c, answer)
  return await showLogin(c, auth, answer, { reauth: answer.isReauthentication })
}

/** POST /authorize: the same by GET, because our cookie does not come along with another site's POST. */
export async function postAuthorize(c: Context): Promise<Response> {
  return redirect(c, `/authorize?${readParams(await formTextOf(c))}`)
}

/** POST /login: the form of the login page, with the request it interrupts in the query. */
export async function postLogin(c: Context, auth: Auth): Promise<Response> {
  requireSameOrigin(c, auth.issuer)
  const present = await browserSession(c, auth)
  const waiting = await authorize(auth, queryOf(c), {
    session: undefined,
    hasJustLoggedIn: false,
    isForm: true,
  })
  if (!('login' in waiting)) return carry(c, waiting)
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
  const again = (error: Problem, more?: { retryAfterSeconds: number }) =>
    showLogin(c, auth, waiting, { reauth: present !== undefined, email, error, ...more })
  if (!(await auth.formTokens.isGenuine('login', formToken, presentFormSecret(c))))
    return await again('stale_form')
  if (!email || !password) return await again('missing')

  const [clientId, now] = [request.client.id, auth.now()]
  try {
    const account = await proveAccount(auth.store, { email, password, clientId, now })
    if (!account) return await again('credentials')
    // Spent before anything starts: of a double click one half logs in, and the other changes nothing.
    if (!(await auth.formTokens.spend(formToken))) return await again('stale_form')
    const { session, cookie, replaced } = await logIn(auth.store, { account, clientId, present, now })
    if (replaced) await auth.endSession(replaced.id)
    setSessionCookie(c, cookie, session.expiresAt)
    const answer = await authorize(auth, queryOf(c), { session, hasJustLoggedIn: true, isForm: true })
    if (!('login' in answer)) return carry(c, answer)
    throw new Error('a person who has just logged in is not asked again')
  } catch (error) {
    if (!(error instanceof TooManyLoginsError)) throw error
    return await again('too_many', { retryAfterSeconds: error.retryAfterSeconds })
  }
}

type Problem = NonNullable<LoginPageProps['error']>
type Shown = Pick<LoginPageProps, 'reauth' | 'error' | 'retryAfterSeconds'> & { email?: string | undefined }

const STATUS: Record<Problem, number> = { credentials: 422, missing: 422, stale_form: 403, too_many: 503 }

async function showLogin(c: Context, auth: Auth, { login, carried }: Interaction, shown: Shown) {
  const { client, loginHint, redirectUri } = login
  const status = shown.error ? STATUS[shown.error] : 200
  const email = shown.email ?? loginHint
  const html = loginPage({
    ...shown,
    action: `/login?${carried}`,
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
