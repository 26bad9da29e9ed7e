import { empty, page, redirect } from './answers.ts'
import { readCookie, SESSION_COOKIE, sessionCookie } from './cookies.ts'
import type { Kit } from './kit.ts'
import { checkedWhileSignedIn, reviveSession } from './refresh.ts'
import { trustReturnTo } from './return-to.ts'
import { openSession } from './session.ts'
import { standingOf } from './status.ts'
import { type LoginKind, openLogin } from './transaction.ts'

/** `GET /sso/login?returnTo=/path[&max_age=seconds]`: the only door to the provider for somebody who asks to sign in. */
export async function login(kit: Kit, request: Request): Promise<Response> {
  const refusal = refuseSpeculation(request)
  if (refusal) return refusal
  const query = new URL(request.url).searchParams
  const returnTo = trustReturnTo(query.get('returnTo'), kit.options.siteUrl)
  const revived = query.has('max_age') ? undefined : await revive(kit, request, returnTo)
  if (revived) return revived
  const maxAge = /^\d{1,8}$/.exec(query.get('max_age') ?? '')?.[0]
  return await sendToProvider(kit, request, {
    kind: 'login',
    returnTo,
    ...(maxAge !== undefined && { maxAgeSeconds: Number(maxAge) }),
  })
}

/** A page that found the tokens void comes here as well. If there are new ones, that was all, and nobody has to go to the provider. */
async function revive(kit: Kit, request: Request, returnTo: string): Promise<Response | undefined> {
  const opened = await openSession(kit, readCookie(request.headers.get('cookie'), SESSION_COOKIE))
  if (!opened || (await standingOf(kit, opened)) !== 'void') return undefined
  const refreshed = await reviveSession(kit, opened)
  // Void again would send the person round in a circle.
  if (refreshed.outcome !== 'fresh' || (await standingOf(kit, refreshed.opened)) !== 'live') return undefined
  const cookies = [sessionCookie(refreshed.envelope), checkedWhileSignedIn(kit, refreshed.opened)]
  return redirect(kit.options.siteUrl + returnTo, cookies)
}

/** Where a page sends somebody who has to sign in. `maxAgeSeconds`: only a login younger than this will do. */
export function loginAddress({
  returnTo,
  maxAgeSeconds,
}: {
  returnTo: string
  maxAgeSeconds?: number
}): string {
  const query = new URLSearchParams({ returnTo })
  if (maxAgeSeconds !== undefined) query.set('max_age', String(maxAgeSeconds))
  return `/sso/login?${query}`
}

/** Asks first whether the provider is there: a browser is never sent to a server that does not answer. */
export async function sendToProvider(
  kit: Kit,
  request: Request,
  wish: { kind: LoginKind; returnTo: string; maxAgeSeconds?: number },
): Promise<Response> {
  if (!(await kit.provider.isThere())) {
    return page(kit, 'auth_unavailable', { status: 503, retry: { href: loginAddress(wish) } })
  }
  const { location, cookies } = await openLogin(kit, request, wish)
  return redirect(location, cookies)
}

/**
 * A router's fetch cannot follow to another origin: 204 makes it do a real navigation. A prefetch must not start anything: 403,
 * which a browser that speculates just drops. Both before a transaction is made.
 */
function refuseSpeculation({ headers }: Request): Response | undefined {
  if (headers.has('sec-purpose')) return empty(403)
  const isDocument = (headers.get('sec-fetch-dest') ?? 'document') === 'document'
  return isDocument && !headers.has('rsc') && !headers.has('next-router-prefetch') ? undefined : empty(204)
}
