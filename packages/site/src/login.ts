import { empty, page, redirect } from './answers.ts'
import { clearCookie, LANDED_COOKIE, readCookie, SESSION_COOKIE, sessionCookie } from './cookies.ts'
import type { Kit } from './kit.ts'
import { whyItLoops } from './loop.ts'
import { en } from './messages.ts'
import { checkedWhileSignedIn, reviveSession } from './refresh.ts'
import { trustReturnTo } from './return-to.ts'
import { openSession } from './session.ts'
import { standingOf } from './status.ts'
import { type LoginKind, openLogin } from './transaction.ts'

/** `GET /sso/login?returnTo=/path[&max_age=seconds]`, or `?iss=…&target_link_uri=…` from elsewhere: the only door to the provider for somebody who asks to sign in. */
export async function login(kit: Kit, request: Request): Promise<Response> {
  const refusal = refuseSpeculation(request)
  if (refusal) return refusal
  const query = new URL(request.url).searchParams
  // Another party may begin a login here: for our provider, and back to our own pages (OpenID Connect Core 1.0 §4).
  const iss = query.get('iss')
  if (iss !== null && iss !== kit.options.issuer) return page(kit, 'login_elsewhere', { status: 400 })
  const target = iss === null ? query.get('returnTo') : pathOf(query.get('target_link_uri'), kit.options)
  const returnTo = trustReturnTo(target, kit.options.siteUrl)
  const revived = query.has('max_age') ? undefined : await revive(kit, request, returnTo)
  if (revived) return revived
  const maxAge = /^\d{1,8}$/.exec(query.get('max_age') ?? '')?.[0]
  return await sendToProvider(kit, request, {
    kind: 'login',
    returnTo,
    ...(maxAge !== undefined && { maxAgeSeconds: Number(maxAge) }),
  })
}

/** An address of this site as a path; `null` for any other. */
function pathOf(address: string | null, { siteUrl }: { siteUrl: string }): string | null {
  const url = URL.canParse(address ?? '') ? new URL(address ?? '') : undefined
  return url?.origin === siteUrl ? url.pathname + url.search + url.hash : null
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

/**
 * Asks first whether the provider is there: a browser is never sent to a server that does not answer, nor there for a fourth time in
 * vain.
 */
export async function sendToProvider(
  kit: Kit,
  request: Request,
  wish: { kind: LoginKind; returnTo: string; maxAgeSeconds?: number },
): Promise<Response> {
  const retry = { href: loginAddress(wish) }
  const loop = await whyItLoops(kit, request, wish)
  if (loop) {
    const cookies = [clearCookie(LANDED_COOKIE)] // so that another try is one
    return page(kit, 'login_loop', { status: 400, about: loop, detail: en.loops[loop], cookies, retry })
  }
  const problem = await kit.provider.problem()
  if (problem) return page(kit, problem, { status: 503, retry })
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
