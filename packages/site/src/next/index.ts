import { cookies } from 'next/headers'
import { redirect as goTo } from 'next/navigation'
import { type NextRequest, NextResponse } from 'next/server'
import { empty, redirect } from '../answers.ts'
import type { Authorized, Need } from '../bearer.ts'
import { SESSION_COOKIE } from '../cookies.ts'
import { loginAddress } from '../login.ts'
import type { SiteOptions } from '../options.ts'
import { type Bearer, type Session, wasSignedInWithin } from '../session.ts'
import { createSite } from '../site.ts'

export interface NextSite {
  /** For `app/sso/[...path]/route.ts`. */
  handlers: Record<'GET' | 'POST', (request: Request) => Promise<Response>>
  /** For `proxy.ts`: early refresh and silent sign-in. Without it everything works, with a redirect more. */
  proxy(request: NextRequest): Promise<Response>
  /** In pages, server actions and route handlers. */
  session(): Promise<Session | null>
  /** Ends the page with a redirect to the login unless somebody is signed in, at most `maxAge` seconds ago if that is given. */
  requireSession(need: { returnTo: string; maxAge?: number }): Promise<Session>
  /** In route handlers: the caller's bearer token if there is one, else the session; JSON errors, never a redirect. */
  apiSession(request: Request, need?: Need): Promise<Authorized<Bearer>>
  /** Route handlers that pages of `allowedOrigins` may call, and the answer to their preflight: `export const { GET, OPTIONS } = …`. */
  cors<Handlers extends RouteHandlers>(handlers: Handlers): Handlers & { OPTIONS: Preflight }
  /** For `instrumentation.ts`. */
  start(): void
}

/** Whatever the second argument of a route is. */
type RouteHandler = (request: Request, context: never) => Promise<Response>
type RouteHandlers = Record<string, RouteHandler>
type Preflight = (request: Request) => Promise<Response>

/**
 * @throws SettingsError if an option cannot be right
 */
export function createNextSite(options: SiteOptions): NextSite {
  const site = createSite(options)
  const handle = async (request: Request) =>
    (await site.handle(request)) ?? new Response(null, { status: 404 })
  const session = async () => await site.sessionFromCookie((await cookies()).get(SESSION_COOKIE)?.value)
  return {
    handlers: { GET: handle, POST: handle },
    async proxy(request) {
      const arrival = await site.arrive(request)
      if (arrival.kind === 'redirect') return redirect(arrival.location, arrival.cookies)
      // The page has to see the new cookie in this very request: so the request is changed, and handed on.
      if (arrival.session === null) request.cookies.delete(SESSION_COOKIE)
      else if (arrival.session !== undefined) request.cookies.set(SESSION_COOKIE, arrival.session)
      const response = NextResponse.next({ request: { headers: request.headers } })
      for (const cookie of arrival.cookies) response.headers.append('set-cookie', cookie)
      // Static pages say `s-maxage`: with our cookie on them a shared cache could keep a session.
      response.headers.set('cache-control', 'private, no-store')
      return response
    },
    session,
    async requireSession({ returnTo, maxAge }) {
      const found = await session()
      if (found && wasSignedInWithin(found, maxAge, options.now?.())) return found
      return goTo(loginAddress({ returnTo, ...(maxAge !== undefined && { maxAgeSeconds: maxAge }) }))
    },
    apiSession: (request, need) => site.api(request, need),
    cors<Handlers extends RouteHandlers>(handlers: Handlers) {
      const shared = Object.entries(handlers).map(([method, handler]): [string, RouteHandler] => [
        method,
        async (request, context) => {
          const answer = await handler(request, context)
          const response = new Response(answer.body, answer)
          for (const [name, value] of Object.entries(site.corsHeaders(request)))
            response.headers.append(name, value)
          return response
        },
      ])
      const preflight: Preflight = async (request) => empty(204, site.corsHeaders(request))
      return { ...(Object.fromEntries(shared) as Handlers), OPTIONS: preflight } // the same methods, called as before
    },
    start: () => site.start(),
  }
}
