import { cookies } from 'next/headers'
import { redirect as goTo } from 'next/navigation'
import { type NextRequest, NextResponse } from 'next/server'
import { empty, redirect } from '../answers.ts'
import type { Authorized, Need } from '../bearer.ts'
import { SESSION_COOKIE, TYPED_COOKIE } from '../cookies.ts'
import { loginAddress } from '../login.ts'
import type { SiteOptions } from '../options.ts'
import { type Bearer, type Session, wasSignedInWithin } from '../session.ts'
import { createSite } from '../site.ts'
import { mayStepUp, wantedLoginAge } from '../step-up.ts'
import { TYPED_SECONDS, type Typed } from '../typed.ts'
import type { Profile } from '../user.ts'

export interface NextSite<T = Profile> {
  /** For `app/sso/[...path]/route.ts`. */
  handlers: Record<'GET' | 'POST', (request: Request) => Promise<Response>>
  /** For `proxy.ts`: early refresh and silent sign-in. Without it everything works, with a redirect more. */
  proxy(request: NextRequest): Promise<Response>
  /** In pages, server actions and route handlers. */
  session(): Promise<Session<T> | null>
  /**
   * Ends the page with a redirect to the login unless somebody is signed in, at most `maxAge` seconds ago if that is given.
   * `typed`, in a server action: what its form holds. It waits in a sealed cookie, for the page at `returnTo` to show it again.
   */
  requireSession(need: { returnTo: string; maxAge?: number; typed?: Typed }): Promise<Session<T>>
  /** On the page of a form: what this person typed there before he had to log in again, to be shown and sent once more. */
  typedAt(path: string): Promise<Typed | null>
  /** When another site's API asks for a fresher login (RFC 9470): a redirect to it and back to `returnTo`. Nothing, where none would help. */
  stepUp(refused: Response, back: { returnTo: string }): Promise<void>
  /** In route handlers: the caller's bearer token if there is one, else the session; JSON errors, never a redirect. */
  apiSession(request: Request, need?: Need): Promise<Authorized<Bearer<T>>>
  /** Route handlers that pages of `allowedOrigins` may call, and the answer to their preflight: `export const { GET, OPTIONS } = …`. */
  cors<Handlers extends RouteHandlers>(handlers: Handlers): Handlers & { OPTIONS: Preflight }
  /** For `instrumentation.ts`. */
  start(): Promise<void>
}

/** Whatever the second argument of a route is. */
type RouteHandler = (request: Request, context: never) => Promise<Response>
type RouteHandlers = Record<string, RouteHandler>
type Preflight = (request: Request) => Promise<Response>

/**
 * @throws SettingsError if an option cannot be right
 */
export function createNextSite<T = Profile>(options: SiteOptions<T>): NextSite<T> {
  const site = createSite(options)
  const handle = async (request: Request) =>
    (await site.handle(request)) ?? new Response(null, { status: 404 })
  const cookieNamed = async (name: string) => (await cookies()).get(name)?.value
  const session = async () => await site.sessionFromCookie(await cookieNamed(SESSION_COOKIE))

  /** Nothing to keep: what was kept has done its work. `delete()` would leave out `Secure`, and then browsers keep a `__Host-` cookie. */
  async function keepTyped(form: { at: string; typed: Typed } | undefined): Promise<void> {
    const sealed = form && (await site.sealTyped(await cookieNamed(SESSION_COOKIE), form))
    if (!sealed && !(await cookieNamed(TYPED_COOKIE))) return
    const shut = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const
    ;(await cookies()).set(TYPED_COOKIE, sealed ?? '', { ...shut, maxAge: sealed ? TYPED_SECONDS : 0 })
  }

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
    async requireSession({ returnTo, maxAge, typed }) {
      const found = await session()
      const isEnough = found !== null && wasSignedInWithin(found, maxAge, options.now?.())
      if (typed) await keepTyped(isEnough ? undefined : { at: returnTo, typed })
      if (isEnough) return found
      return goTo(loginAddress({ returnTo, ...(maxAge !== undefined && { maxAgeSeconds: maxAge }) }))
    },
    async typedAt(path) {
      const found = await session()
      const kept = await cookieNamed(TYPED_COOKIE)
      return found && (await site.openTyped(kept, { accountId: found.user.id, at: path }))
    },
    async stepUp(refused, { returnTo }) {
      const found = await session()
      const maxAgeSeconds = wantedLoginAge(refused)
      if (!found || maxAgeSeconds === undefined || !mayStepUp(found, options.now?.() ?? new Date())) return
      goTo(loginAddress({ returnTo, maxAgeSeconds }))
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
