import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { askedScope } from '../protocol/authorize.consent.ts'
import { authorize, refusal } from '../protocol/authorize.ts'
import { OAuthError } from '../protocol/errors.ts'
import { carry } from './answers.ts'
import { consentFor, proceed, showConsent } from './interactions.ts'
import { browserSession, formOf, queryOf, requireSameOrigin, spendForm } from './requests.ts'

/** POST /consent: the answer of the person, with the request that it is about in the query. */
export async function postConsent(c: Context, auth: Auth): Promise<Response> {
  requireSameOrigin(c, auth.issuer)
  const [session, query, form] = [await browserSession(c, auth), queryOf(c), await formOf(c)]
  // Spent whatever the answer is: it stands for the login before it, and that once.
  const isGenuine =
    session !== undefined && (await spendForm(c, auth, 'consent', form, consentFor(session, query)))
  const waiting = await authorize(auth, query, { session, hasJustLoggedIn: isGenuine })
  if (!('consent' in waiting)) return await proceed(c, auth, waiting)

  const { consent: request } = waiting
  if (form.get('intent') === 'deny')
    return carry(c, refusal(auth, request, new OAuthError('access_denied', 'the person did not allow it')))
  if (form.get('intent') !== 'allow' || !isGenuine)
    return await showConsent(c, auth, waiting, { isStale: true })
  await auth.store.consents.allow(session.account.id, request.client.id, askedScope(request), auth.now())
  const browser = { session, hasJustLoggedIn: true, hasJustAllowed: true }
  return await proceed(c, auth, await authorize(auth, query, browser))
}
