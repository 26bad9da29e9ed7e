import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { buildEndSessionUrl, tokenRevocation } from 'openid-client'
import { page, redirect } from './answers.ts'
import {
  CHECKED_SECONDS,
  checkedCookie,
  clearCookie,
  LOGOUT_COOKIE,
  readCookie,
  SESSION_COOKIE,
  setCookie,
  TYPED_COOKIE,
} from './cookies.ts'
import { endGrant } from './ended.ts'
import { readForm } from './form.ts'
import type { Kit } from './kit.ts'
import { report } from './report.ts'
import { trustReturnTo } from './return-to.ts'
import { isSameOrigin } from './same-origin.ts'
import { type OpenedSession, openSession } from './session.ts'
import { tellEnded } from './status.ts'
import { presentSpan } from './traces.ts'

const LOGOUT_SECONDS = 600

/**
 * Proves to the provider that whoever asks is a party of the session, so that it ends it without asking again. The session id
 * itself stays out of addresses, where histories and logs would keep it: the provider compares the hash.
 */
export function logoutHint(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('base64url')
}

/** `POST /sso/logout` with `scope` = `site` or `everywhere`, and for `site` a `returnTo` that is a public page. */
export async function logout(kit: Kit, request: Request): Promise<Response> {
  if (!isSameOrigin(kit, request)) return page(kit, 'cross_site_request', { status: 403 })
  const form = await readForm(request)
  const scope = form?.get('scope')
  if (!form || (scope !== 'site' && scope !== 'everywhere')) return page(kit, 'bad_request', { status: 400 })

  const opened = await openSession(kit, readCookie(request.headers.get('cookie'), SESSION_COOKIE))
  const checked = checkedCookie('signed-out-here', CHECKED_SECONDS.signedOutHere, kit.now())
  const cookies = [clearCookie(SESSION_COOKIE), clearCookie(TYPED_COOKIE), checked]
  if (opened) await endHere(kit, opened)
  if (scope === 'everywhere') return await goOnAtProvider(kit, opened, cookies)
  const path = form.has('returnTo')
    ? trustReturnTo(form.get('returnTo'), kit.options.siteUrl)
    : '/?signed-out=site'
  return redirect(kit.options.siteUrl + path, cookies)
}

/** `GET /sso/logged-out`: where the provider sends the browser after its own sign-out. */
export async function loggedOut(kit: Kit, request: Request): Promise<Response> {
  const state = new URL(request.url).searchParams.get('state') ?? ''
  const expected = readCookie(request.headers.get('cookie'), LOGOUT_COOKIE) ?? ''
  // RP-Initiated Logout 1.0 §3: a wrong or missing state is an error, not a silent success.
  if (!expected || !isEqual(state, expected)) return page(kit, 'logout_state_unknown', { status: 400 })
  const checked = checkedCookie('nobody', CHECKED_SECONDS.nobodyThere, kit.now())
  const cookies = [clearCookie(LOGOUT_COOKIE), checked]
  return redirect(`${kit.options.siteUrl}/?signed-out=everywhere`, cookies)
}

/** The grant ends at the provider, which flips its bit for all replicas; and here at once, with the other tabs of this browser. */
async function endHere(kit: Kit, { sealed, grant }: OpenedSession): Promise<void> {
  if (grant) endGrant(kit.state, grant, kit.now())
  tellEnded(kit)
  try {
    if (sealed.refreshToken) await tokenRevocation(await kit.provider.configuration(), sealed.refreshToken)
  } catch (error) {
    report('the grant could not be revoked', error)
  }
}

async function goOnAtProvider(kit: Kit, opened: OpenedSession | null, cookies: string[]): Promise<Response> {
  const retry = { action: '/sso/logout', fields: { scope: 'everywhere' } }
  if (!(await kit.provider.isThere())) return page(kit, 'logout_incomplete', { status: 503, cookies, retry })
  const state = randomBytes(16).toString('base64url')
  const sessionId = opened?.session.sessionId
  const traceparent = presentSpan()?.traceparent
  const location = buildEndSessionUrl(await kit.provider.configuration(), {
    post_logout_redirect_uri: `${kit.options.siteUrl}/sso/logged-out`,
    state,
    ...(sessionId && { logout_hint: logoutHint(sessionId) }),
    ...(traceparent && { traceparent }),
  })
  return redirect(location.href, [...cookies, setCookie(LOGOUT_COOKIE, state, LOGOUT_SECONDS)])
}

function isEqual(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
