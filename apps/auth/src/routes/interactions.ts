import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import type { Session } from '../domain/sessions.ts'
import {
  consentPage,
  type LoginPageProps,
  loginPage,
  type RegisterPageProps,
  registerPage,
} from '../pages/index.ts'
import { askedScope } from '../protocol/authorize.consent.ts'
import {
  type AuthorizeAnswer,
  authorize,
  type ConsentInteraction,
  type LoginInteraction,
} from '../protocol/authorize.ts'
import { carry, page } from './answers.ts'
import { formSecret, queryOf } from './requests.ts'

/** The request that a form of ours interrupts, as if nobody were logged in. */
export const interrupted = (c: Context, auth: Auth): Promise<AuthorizeAnswer> =>
  authorize(auth, queryOf(c), { session: undefined, hasJustLoggedIn: false })

/** What follows from an authorization request: on to the client, or a page where the person has to do something first. */
export async function proceed(c: Context, auth: Auth, answer: AuthorizeAnswer): Promise<Response> {
  if ('login' in answer) return await showLogin(c, auth, answer, { reauth: answer.isReauthentication })
  if ('consent' in answer) return await showConsent(c, auth, answer)
  return carry(c, answer)
}

type Shown<Props extends { email?: string }> = Omit<
  Partial<Props>,
  'email' | 'action' | 'formToken' | 'clientName'
> & { email?: string | undefined; status?: number }

/** Of a form that came back: a mistake in it is 422, unless said otherwise. */
export function answering(shown: { error?: string; retryAfterSeconds?: number; status?: number }) {
  const { error, retryAfterSeconds } = shown
  const status = shown.status ?? (error === 'stale_form' ? 403 : error ? 422 : 200)
  const headers: Record<string, string> = retryAfterSeconds
    ? { 'retry-after': String(retryAfterSeconds) }
    : {}
  return { status, headers }
}

export async function showLogin(
  c: Context,
  auth: Auth,
  { login, carried }: LoginInteraction,
  shown: Shown<LoginPageProps> & { reauth: boolean },
): Promise<Response> {
  const { client, loginHint, redirectUri } = login
  const email = shown.email ?? loginHint
  const html = loginPage({
    ...shown,
    action: `/login?${carried}`,
    formToken: await auth.formTokens.issue('login', formSecret(c), auth.now()),
    clientName: client.name,
    ...(client.uri && { clientUri: client.uri }),
    ...(email !== undefined && { email }),
    ...(auth.isRegistrationOpen && !shown.reauth && { registerAction: `/register?${carried}` }),
    ...(auth.demoAccounts.length > 0 && { demo: auth.demoAccounts }),
  })
  return page(c, html, { ...answering(shown), formTargets: [new URL(redirectUri).origin] })
}

export async function showRegister(
  c: Context,
  auth: Auth,
  { login: { client }, carried }: LoginInteraction,
  shown: Omit<Shown<RegisterPageProps>, 'name'> & { name?: string | undefined } = {},
): Promise<Response> {
  const { email, name, ...more } = shown
  const html = registerPage({
    ...more,
    action: `/register?${carried}`,
    loginAction: `/login?${carried}`,
    formToken: await auth.formTokens.issue('register', formSecret(c), auth.now()),
    clientName: client.name,
    ...(client.uri && { clientUri: client.uri }),
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
  })
  return page(c, html, answering(shown))
}

/** The form is good for this session and this request alone: that it comes back says that nothing else stood in the way. */
export const consentFor = (session: Session, query: string): string => `${session.id} ${query}`

export async function showConsent(
  c: Context,
  auth: Auth,
  { consent, session, carried }: ConsentInteraction,
  { isStale = false } = {},
): Promise<Response> {
  const { client, resources, redirectUri } = consent
  const about = consentFor(session, carried)
  const html = consentPage({
    action: `/consent?${carried}`,
    formToken: await auth.formTokens.issue('consent', formSecret(c), auth.now(), about),
    accountName: session.account.claims.name ?? session.account.email,
    client: {
      name: client.name,
      ...(client.uri && { uri: client.uri }),
      ...(client.policyUri && { policyUri: client.policyUri }),
      ...(client.termsUri && { termsUri: client.termsUri }),
    },
    scopes: askedScope(consent).split(' '),
    resources,
    endsAt: session.expiresAt,
    isStale,
    now: auth.now(),
  })
  return page(c, html, { status: isStale ? 403 : 200, formTargets: [new URL(redirectUri).origin] })
}
