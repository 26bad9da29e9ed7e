import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { homePage } from '../pages/index.ts'
import { page } from './answers.ts'
import { browserSession } from './requests.ts'

/** The provider's own front door: who is signed in in this browser, and where they can go. */
export async function getHome(c: Context, auth: Auth): Promise<Response> {
  const session = await browserSession(c, auth)
  const sites = auth.clients.all().flatMap(({ name, uri }) => (uri ? [{ name, uri }] : []))
  const account = session && {
    name: session.account.claims.name ?? session.account.email,
    email: session.account.email,
    signedInAt: session.authenticatedAt,
    signedInVia: auth.clients.find(session.loginClientId ?? '')?.name ?? 'Grove',
    endsAt: session.expiresAt,
  }
  return page(c, homePage({ ...(account && { account }), sites, logoutAction: '/logout', now: auth.now() }))
}
