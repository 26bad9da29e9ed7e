import { page } from './answers.ts'
import { authorizeApi } from './api.ts'
import { type Arrival, arrive } from './arrive.ts'
import { backchannelLogout } from './backchannel.ts'
import { type Authorized, authorizeBearer, type Need } from './bearer.ts'
import { callback } from './callback.ts'
import { readCookie, SESSION_COOKIE } from './cookies.ts'
import { corsHeaders } from './cors.ts'
import { events } from './events.ts'
import { createKit, type Kit } from './kit.ts'
import { login } from './login.ts'
import { loggedOut, logout } from './logout.ts'
import type { SiteOptions } from './options.ts'
import { type Bearer, liveSession, type Session } from './session.ts'
import { watchStatus } from './status.ts'
import { startTraces } from './traces.start.ts'
import { traceEndpoint } from './traces.ts'
import { traceOfLogin } from './transaction.ts'
import { openTyped, sealTyped, type Typed } from './typed.ts'
import type { Profile } from './user.ts'

export interface Site<T = Profile> {
  /** Answers the `/sso/*` routes; `undefined` for every other path. */
  handle(request: Request): Promise<Response | undefined>
  /** The session of a `Cookie` header, `null` without one. Never throws; a few microseconds for a cookie seen before. */
  session(cookieHeader: string | null): Promise<Session<T> | null>
  /** The same for the value of the session cookie alone. */
  sessionFromCookie(value: string | undefined): Promise<Session<T> | null>
  /** What was typed, sealed for the cookie `__Host-typed`, for the account of this session cookie; `undefined` if it cannot be kept. */
  sealTyped(
    sessionCookie: string | undefined,
    form: { at: string; typed: Typed },
  ): Promise<string | undefined>
  /** What this account typed into the form at this path before its fresh login; `null` if nothing, or another's. */
  openTyped(typedCookie: string | undefined, form: { accountId: string; at: string }): Promise<Typed | null>
  /** Before a page renders: early refresh and silent sign-in. */
  arrive(request: Request): Promise<Arrival>
  /** Checks `Authorization: Bearer` or `DPoP`, and nothing else. */
  bearer(request: Request, need?: Need): Promise<Authorized<Bearer<T>>>
  /** Checks the bearer token if there is one, else the session cookie. */
  api(request: Request, need?: Need): Promise<Authorized<Bearer<T>>>
  /** What an answer of an API says so that pages of `allowedOrigins` may read it, and what the answer to their preflight says. */
  corsHeaders(request: Request): Record<string, string>
  /** Begins to keep keys and status list at hand, so that the first request has not to wait for them; and to record traces, if they are wanted. */
  start(): Promise<void>
}

type Endpoint = (kit: Kit, request: Request) => Promise<Response>

/** Every address that the kit answers. */
const routes: Record<
  string,
  {
    method: 'GET' | 'POST'
    endpoint: Endpoint
    /** Where it finds the trace that it is part of; elsewhere one begins. */
    continues?: (kit: Kit, request: Request) => Promise<string | undefined>
  }
> = {
  '/sso/login': { method: 'GET', endpoint: login },
  '/sso/callback': { method: 'GET', endpoint: callback, continues: traceOfLogin },
  '/sso/logout': { method: 'POST', endpoint: logout },
  '/sso/logged-out': { method: 'GET', endpoint: loggedOut },
  '/sso/backchannel-logout': { method: 'POST', endpoint: backchannelLogout, continues: traceOfCaller },
  '/sso/events': { method: 'GET', endpoint: events },
}

/** The provider alone calls there, and says who it is in the token that it brings. */
async function traceOfCaller(_: Kit, { headers }: Request): Promise<string | undefined> {
  return headers.get('traceparent') ?? undefined
}

/**
 * A site of the provider.
 * @throws SettingsError if an option cannot be right
 */
export function createSite<T = Profile>(options: SiteOptions<T>): Site<T> {
  const kit = createKit(options)
  // as, here and below: what is in a cookie passed the schema of T when it was opened; without a schema T is `Profile`.
  const sessionFromCookie = async (value: string | undefined) =>
    ((await liveSession(kit, value))?.session ?? null) as Session<T> | null
  return {
    async handle(request) {
      const { pathname } = new URL(request.url)
      const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined
      if (!route) return undefined
      if (request.method !== route.method)
        return new Response(null, { status: 405, headers: { allow: route.method } })
      try {
        const continues = async () => route.continues?.(kit, request)
        return await traceEndpoint(request, continues, () => route.endpoint(kit, request))
      } catch (cause) {
        return page(kit, 'internal_error', { status: 500, cause })
      }
    },
    session: (cookieHeader) => sessionFromCookie(readCookie(cookieHeader, SESSION_COOKIE)),
    sessionFromCookie,
    sealTyped: (sessionCookie, form) => sealTyped(kit, sessionCookie, form),
    openTyped: (typedCookie, form) => openTyped(kit, typedCookie, form),
    arrive: (request) => arrive(kit, request),
    bearer: (request, need) => authorizeBearer(kit, request, need) as Promise<Authorized<Bearer<T>>>,
    api: (request, need) => authorizeApi(kit, request, need) as Promise<Authorized<Bearer<T>>>,
    corsHeaders: (request) => corsHeaders(kit, request),
    async start() {
      watchStatus(kit)
      void kit.provider.isThere()
      if (kit.options.hasTraces) await startTraces(kit.options.clientId)
    },
  }
}
