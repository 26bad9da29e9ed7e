import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { type Endings, endingsOf } from '../domain/endings.ts'
import { proveAccount } from '../domain/logins.ts'
import { changePassword } from '../domain/password-change.ts'
import type { Session } from '../domain/sessions.ts'
import { type AccountProblem, accountPage, homePage } from '../pages/index.ts'
import type { Params } from '../protocol/params.ts'
import { page, redirect, setSessionCookie } from './answers.ts'
import { tooMany } from './failures.ts'
import { answering } from './interactions.ts'
import { browserSession, formOf, formSecret, requireSameOrigin, spendForm, visitorOf } from './requests.ts'

const EVENTS_SHOWN = 20
// So long after it the page says what came of its form.
const DONE_SECONDS = 10

/** GET /account: what is known about a person, and what they may end. */
export async function getAccount(c: Context, auth: Auth): Promise<Response> {
  const session = await browserSession(c, auth)
  return session ? await showAccount(c, auth, session) : page(c, homePage({ sites: sitesOf(auth) }))
}

const ACTS = new Map<string, (endings: Endings, form: Params) => Promise<void>>([
  ['leave', (endings, form) => endings.leave(form.get('session') ?? '', form.get('client') ?? '')],
  ['end-device', (endings, form) => endings.endDevice(form.get('session') ?? '')],
  ['end-all', (endings) => endings.endAll()],
  ['withdraw', (endings, form) => endings.withdraw(form.get('client') ?? '')],
])

/** POST /account: one thing ends. The sites hear of it before the page comes back. */
export async function postAccount(c: Context, auth: Auth): Promise<Response> {
  return await asOwner(c, auth, async (session, form) => {
    const act = ACTS.get(form.get('act') ?? '')
    if (!act) return await showAccount(c, auth, session, 'stale_form')
    await act(endingsOf(auth.store, auth.clients, session, auth.now()), form)
    await auth.tellSites()
    // Whoever ended this very login is told so where logouts are.
    return redirect(c, (await browserSession(c, auth)) ? '/account' : '/logout')
  })
}

/** POST /account/password: the new password, and the present one as the proof that it is they who change it. */
export async function postPassword(c: Context, auth: Auth): Promise<Response> {
  return await asOwner(c, auth, async (session, form) => {
    const [present, wanted] = [form.get('present_password'), form.get('new_password')]
    if (!present || !wanted) return await showAccount(c, auth, session, 'missing')
    const [now, { email }] = [auth.now(), session.account]
    const prove = () =>
      auth.limits.login(visitorOf(c, auth, email), now, () =>
        proveAccount(auth.store, { email, password: present, clientId: null, now }),
      )
    try {
      const result = await changePassword(auth.store, auth.clients, { session, wanted, prove, now })
      if (result.outcome === 'refused') return await showAccount(c, auth, session, result.problem)
      setSessionCookie(c, result.cookie, session.expiresAt)
      await auth.tellSites()
      return redirect(c, '/account')
    } catch (error) {
      return await showAccount(c, auth, session, 'too_many', tooMany(error))
    }
  })
}

/** Runs for who is signed in here, with a form that this page of theirs made. */
async function asOwner(
  c: Context,
  auth: Auth,
  run: (session: Session, form: Params) => Promise<Response>,
): Promise<Response> {
  requireSameOrigin(c, auth.issuer)
  const [session, form] = [await browserSession(c, auth), await formOf(c)]
  if (!session) return redirect(c, '/account')
  // Spent whatever comes of it: the page that comes back has another.
  if (!(await spendForm(c, auth, 'account', form, session.id)))
    return await showAccount(c, auth, session, 'stale_form')
  return await run(session, form)
}

async function showAccount(
  c: Context,
  auth: Auth,
  session: Session,
  error?: AccountProblem,
  wait: { retryAfterSeconds?: number; status?: number } = {},
) {
  const { account } = session
  const now = auth.now()
  const [devices, consents, events] = await Promise.all([
    auth.store.sessions.ofAccount(account.id, now),
    auth.store.consents.ofAccount(account.id),
    auth.store.audit.ofAccount(account.id, EVENTS_SHOWN),
  ])
  const named = namer(auth)
  const [last] = events.filter(({ type }) => !type.startsWith('logout.'))
  const hasJustDone = last && !error && now.getTime() - last.at.getTime() < DONE_SECONDS * 1000
  const html = accountPage({
    account: { name: account.claims.name ?? account.email, email: account.email },
    devices: devices
      .map(({ sessionId, device, authenticatedAt, loginClientId, expiresAt, clientIds }) => ({
        sessionId,
        name: device,
        isThisOne: sessionId === session.id,
        signedInAt: authenticatedAt,
        signedInVia: named(loginClientId).name,
        endsAt: expiresAt,
        sites: clientIds.map(named),
      }))
      .toSorted((one, other) => Number(other.isThisOne) - Number(one.isThisOne)),
    applications: consents.map(({ clientId, scope, at }) => ({
      client: named(clientId),
      scopes: scope.split(' '),
      at,
    })),
    events: events.map(({ type, at, clientId }) => ({ type, at, clientName: named(clientId).name })),
    sites: sitesOf(auth),
    formToken: await auth.formTokens.issue('account', formSecret(c), now, session.id),
    ...(hasJustDone && { done: last.type }),
    ...(error && { error }),
    retryAfterSeconds: wait.retryAfterSeconds,
    now,
  })
  return page(c, html, answering({ ...(error && { error }), ...wait }))
}

/** Our own sites: where this login counts without a question. */
export const sitesOf = ({ clients }: Auth) =>
  clients
    .all()
    .flatMap(({ id, name, uri, needsConsent }) => (uri && !needsConsent ? [{ id, name, uri }] : []))

const namer =
  ({ clients }: Auth) =>
  (clientId: string | null) => {
    const client = clients.find(clientId ?? '')
    return {
      id: clientId ?? '',
      name: client?.name ?? clientId ?? 'Grove',
      ...(client?.uri && { uri: client.uri }),
    }
  }
