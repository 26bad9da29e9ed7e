import {
  CHECKED_COOKIE,
  CHECKED_SECONDS,
  checkedCookie,
  clearCookie,
  readCookie,
  SESSION_COOKIE,
  secondsSinceAsked,
  sessionCookie,
} from './cookies.ts'
import type { Kit } from './kit.ts'
import { whyItLoops } from './loop.ts'
import { checkedWhileSignedIn, refreshSession, reviveSession, secondsUntilRefresh } from './refresh.ts'
import { trustReturnTo } from './return-to.ts'
import { openSession } from './session.ts'
import { standingOf } from './status.ts'
import { openLogin } from './transaction.ts'

/** What happens to a request on its way to a page. */
export type Arrival =
  | {
      kind: 'pass'
      /** For the answer. */
      cookies: string[]
      /** The session this request has to show to the page: another one than it came with, or (`null`) none. */
      session?: string | null
    }
  /** Ask the provider, without a word to the person. */
  | { kind: 'redirect'; location: string; cookies: string[] }

// A page that came back from a vain try is reached from outside too, and must not start the next one.
const ASK_AGAIN_AFTER_SECONDS = 5

/**
 * Refreshes early and signs in silently, before a page renders. There is something to do only while the marker cookie is away, or
 * when somebody arrives from outside; skipping it breaks nothing, because each page looks at its session by itself.
 */
export async function arrive(kit: Kit, request: Request): Promise<Arrival> {
  const envelope = readCookie(request.headers.get('cookie'), SESSION_COOKIE)
  if (envelope === undefined) return await askSilently(kit, request, [])
  const opened = await openSession(kit, envelope)
  const standing = opened && (await standingOf(kit, opened))
  if (!opened || standing === 'ended') return await withoutSession(kit, request)
  if (standing === 'live' && secondsUntilRefresh(kit, opened) > 0)
    return { kind: 'pass', cookies: [checkedWhileSignedIn(kit, opened)] }

  const refreshed = await (standing === 'void' ? reviveSession : refreshSession)(kit, opened)
  switch (refreshed.outcome) {
    case 'fresh': {
      const cookies = [sessionCookie(refreshed.envelope), checkedWhileSignedIn(kit, refreshed.opened)]
      return { kind: 'pass', cookies, session: refreshed.envelope }
    }
    case 'refused':
      // The browser may have lost the answer of its last refresh. If the provider still knows it, that costs one hop.
      return await withoutSession(kit, request)
    case 'unavailable':
      // The cookie stays: it works while its token lives, and can be refreshed when the provider is back.
      return { kind: 'pass', cookies: [checkedCookie('provider-away', CHECKED_SECONDS.authAway, kit.now())] }
  }
}

async function withoutSession(kit: Kit, request: Request): Promise<Arrival> {
  const arrival = await askSilently(kit, request, [clearCookie(SESSION_COOKIE)])
  return arrival.kind === 'pass' ? { ...arrival, session: null } : arrival
}

/** Once: the marker is written with the redirect, so that a browser that never comes back is not asked again either. */
async function askSilently(kit: Kit, request: Request, cookies: string[]): Promise<Arrival> {
  if (!maySignInSilently(kit, request)) return { kind: 'pass', cookies }
  const { pathname, search } = new URL(request.url)
  const returnTo = trustReturnTo(pathname + search, kit.options.siteUrl)
  // It signs in and comes back without a session, again and again. The login link says why; nobody asked for more than the page.
  if (await whyItLoops(kit, request, { returnTo })) return { kind: 'pass', cookies }
  if (!(await kit.provider.isThere())) {
    return {
      kind: 'pass',
      cookies: [...cookies, checkedCookie('provider-away', CHECKED_SECONDS.authAway, kit.now())],
    }
  }
  const login = await openLogin(kit, request, { kind: 'silent', returnTo })
  const checked = checkedCookie('nobody', CHECKED_SECONDS.nobodyThere, kit.now())
  return { kind: 'redirect', location: login.location, cookies: [...cookies, ...login.cookies, checked] }
}

/** A person's browser opening a page: no fetch, no prefetch, no frame, no crawler without these headers. */
function maySignInSilently(kit: Kit, request: Request): boolean {
  const { method, url, headers } = request
  const { pathname, searchParams } = new URL(url)
  return (
    method === 'GET' &&
    headers.get('sec-fetch-mode') === 'navigate' &&
    headers.get('sec-fetch-dest') === 'document' &&
    !headers.has('sec-purpose') &&
    mayAskAgain(kit, request) &&
    !/^\/sso(\/|$)/.test(pathname) &&
    // Came back from such a try without its cookies, so cookies are blocked: asking again would go round in a circle.
    !searchParams.has('sso')
  )
}

/**
 * Once a visit: inside the site the marker is enough, but who arrives from outside, or reloads the page (`Cache-Control`), may have signed
 * in elsewhere meanwhile.
 */
function mayAskAgain(kit: Kit, { headers }: Request): boolean {
  const marker = readCookie(headers.get('cookie'), CHECKED_COOKIE)
  if (marker === undefined) return true
  const comesFromOutside = headers.has('sec-fetch-site') && headers.get('sec-fetch-site') !== 'same-origin'
  const wantsNews = comesFromOutside || headers.has('cache-control')
  return wantsNews && secondsSinceAsked(marker, kit.now()) > ASK_AGAIN_AFTER_SECONDS
}
