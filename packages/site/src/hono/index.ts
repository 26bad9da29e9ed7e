import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { redirect } from '../answers.ts'
import type { Need } from '../bearer.ts'
import { readCookie, SESSION_COOKIE } from '../cookies.ts'
import { loginAddress } from '../login.ts'
import { type ApiOptions, type SiteOptions, withoutLogin } from '../options.ts'
import { type Bearer, type Session, wasSignedInWithin } from '../session.ts'
import { createSite } from '../site.ts'
import type { Profile } from '../user.ts'
import { cors } from './cors.ts'

/** What the middlewares leave for the handlers: `c.get('session')`, `c.get('bearer')`. */
export interface Signed<T = Profile> {
  Variables: { session: Session<T>; bearer: Bearer<T> }
}

export interface HonoSite<T = Profile> {
  /** The `/sso/*` routes: `app.route('/', sso.routes)`. */
  routes: Hono
  /** Early refresh and silent sign-in: `app.use(sso.arrive)`, before the pages. Without it everything works, with a redirect more. */
  arrive: MiddlewareHandler
  session(c: Context): Promise<Session<T> | null>
  /** Sends a browser to the login and back unless somebody is signed in, at most `maxAge` seconds ago if that is given. */
  requireSession(need?: { maxAge?: number }): MiddlewareHandler<Signed<T>>
  /** Answers 401, 403 or 503 as RFC 6750 and RFC 9449 say unless a good access token came along. */
  requireBearer(need?: Need): MiddlewareHandler<Signed<T>>
  /** Lets pages of `allowedOrigins` call: `app.use('/api/*', sso.cors)`, before the routes. */
  cors: MiddlewareHandler
}

// What `arrive` put in place of the cookie that the request came with.
const ARRIVED = 'grove-session-cookie'

/**
 * @throws SettingsError if an option cannot be right
 */
export function createHonoSite<T = Profile>(options: SiteOptions<T>): HonoSite<T> {
  const site = createSite(options)

  async function session(c: Context): Promise<Session<T> | null> {
    const arrived: string | null | undefined = c.get(ARRIVED)
    const value =
      arrived === undefined ? readCookie(c.req.header('cookie'), SESSION_COOKIE) : (arrived ?? undefined)
    return await site.sessionFromCookie(value)
  }

  return {
    routes: new Hono().all('/sso/*', async (c) => (await site.handle(c.req.raw)) ?? c.notFound()),
    async arrive(c, next) {
      const arrival = await site.arrive(c.req.raw)
      if (arrival.kind === 'redirect') return redirect(arrival.location, arrival.cookies)
      c.set(ARRIVED, arrival.session)
      await next()
      for (const cookie of arrival.cookies) c.header('set-cookie', cookie, { append: true })
      if (arrival.cookies.length > 0) c.header('cache-control', 'private, no-store')
    },
    session,
    requireSession: (need) => async (c, next) => {
      const found = await session(c)
      if (!found || !wasSignedInWithin(found, need?.maxAge, options.now?.())) {
        const { pathname, search } = new URL(c.req.url)
        const maxAge = need?.maxAge === undefined ? {} : { maxAgeSeconds: need.maxAge }
        // What was posted cannot be posted again after the login, so that starts from the front page.
        return redirect(
          loginAddress({ returnTo: c.req.method === 'GET' ? pathname + search : '/', ...maxAge }),
        )
      }
      c.set('session', found)
      return await next()
    },
    requireBearer: (need) => async (c, next) => {
      const authorized = await site.bearer(c.req.raw, need)
      if ('response' in authorized) return authorized.response
      c.set('bearer', authorized.session)
      return await next()
    },
    cors: cors(site),
  }
}

export type HonoApi = Pick<HonoSite, 'cors' | 'requireBearer'>

/**
 * An API without pages: nobody logs in there, so it is no client of the provider and has no secret.
 * @throws SettingsError if an option cannot be right
 */
export function createHonoApi(options: ApiOptions): HonoApi {
  const { cors, requireBearer } = createHonoSite(withoutLogin(options))
  return { cors, requireBearer }
}
