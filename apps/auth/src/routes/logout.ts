import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import type { Session } from '../domain/sessions.ts'
import { loggedOutPage, logoutConfirmPage } from '../pages/index.ts'
import { type LogoutRequest, readLogoutRequest } from '../protocol/end-session.ts'
import { type Params, readParams } from '../protocol/params.ts'
import { clearSessionCookie, page, redirect } from './answers.ts'
import { browserSession, formOf, formSecret, queryOf, requireSameOrigin, spendForm } from './requests.ts'

const CARRIED = ['client_id', 'post_logout_redirect_uri', 'state', 'id_token_hint'] as const

/** GET /logout: the end_session_endpoint (OpenID Connect RP-Initiated Logout 1.0). */
export async function getLogout(c: Context, auth: Auth): Promise<Response> {
  return await logOut(c, auth, readParams(queryOf(c)))
}

/** POST /logout: the same as a form, or the answer to our own question whether to sign out. */
export async function postLogout(c: Context, auth: Auth): Promise<Response> {
  const form = await formOf(c)
  if (form.get('form_token') === undefined) return await logOut(c, auth, form)

  requireSameOrigin(c, auth.issuer)
  const session = await browserSession(c, auth)
  const request = await readLogoutRequest(auth, form, session)
  if (form.get('intent') === 'stay') return redirect(c, request.client?.uri ?? '/')
  if (session && !(await spendForm(c, auth, 'logout', form)))
    return await ask(c, auth, form, request, session)
  return await end(c, auth, request, session?.id)
}

async function logOut(c: Context, auth: Auth, params: Params): Promise<Response> {
  const session = await browserSession(c, auth)
  const request = await readLogoutRequest(auth, params, session)
  if (session && !request.isProved) return await ask(c, auth, params, request, session)
  return await end(c, auth, request, session?.id ?? request.hintedSessionId)
}

/** Nobody is signed out by a link that anybody could have made: without a proof the person is asked. */
async function ask(
  c: Context,
  auth: Auth,
  params: Params,
  { client, returnTo }: LogoutRequest,
  session: Session,
): Promise<Response> {
  const carry = Object.fromEntries(
    CARRIED.flatMap((name) => (params.get(name) ? [[name, params.get(name) ?? '']] : [])),
  )
  const html = logoutConfirmPage({
    action: '/logout',
    formToken: await auth.formTokens.issue('logout', formSecret(c), auth.now()),
    accountName: session.account.claims.name ?? session.account.email,
    ...(client && { clientName: client.name }),
    carry,
  })
  const formTargets = [client?.uri, returnTo].flatMap((address) => (address ? [new URL(address).origin] : []))
  return page(c, html, { formTargets })
}

async function end(
  c: Context,
  auth: Auth,
  request: LogoutRequest,
  sessionId: string | undefined,
): Promise<Response> {
  if (sessionId) await auth.endSession(sessionId)
  clearSessionCookie(c)
  if (request.returnTo) return redirect(c, request.returnTo)
  const { client } = request
  const deliveries = sessionId ? await auth.store.logouts.ofSession(sessionId) : []
  const sites = deliveries.map(({ clientId, delivered }) => {
    const site = auth.clients.find(clientId)
    return {
      name: site?.name ?? clientId,
      ...(site?.uri && { uri: site.uri }),
      told: delivered ? ('confirmed' as const) : ('pending' as const),
    }
  })
  return page(
    c,
    loggedOutPage({ sites, ...(client?.uri && { back: { name: client.name, uri: client.uri } }) }),
  )
}
