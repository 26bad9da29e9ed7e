import { json } from './answers.ts'
import {
  type Authorized,
  authorizeBearer,
  bringsToken,
  type Need,
  needsMore,
  refuse,
  VARY,
} from './bearer.ts'
import { readCookie, SESSION_COOKIE } from './cookies.ts'
import { allowedOrigin } from './cors.ts'
import type { Kit } from './kit.ts'
import { isSameOrigin } from './same-origin.ts'
import { type Bearer, liveSession } from './session.ts'

/**
 * For API routes: the caller's token if there is one, else the browser's session. A cookie comes along by itself, so with a
 * method that changes something it counts only from a page of this site. A header never does, and needs no such defence.
 */
export async function authorizeApi(kit: Kit, request: Request, need: Need = {}): Promise<Authorized<Bearer>> {
  if (bringsToken(request)) return await authorizeBearer(kit, request, need)
  // A page of another origin has a token of its own: the cookie is not looked at, though a browser may bring it along.
  if (allowedOrigin(kit, request) !== undefined) return refuse(kit, 401)
  const opened = await liveSession(kit, readCookie(request.headers.get('cookie'), SESSION_COOKIE))
  if (!opened) return refuse(kit, 401)
  if (!/^(GET|HEAD|OPTIONS)$/.test(request.method) && !isSameOrigin(kit, request)) {
    const body = { error: 'cross_site_request', error_description: 'the request came from another site' }
    return { response: json(403, body, VARY) }
  }
  return needsMore(kit, opened.session, need) ?? { session: opened.session }
}
