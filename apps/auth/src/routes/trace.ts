import type { Tracer } from '@grove/traces'
import type { MiddlewareHandler } from 'hono'
import type { Auth } from '../auth.ts'
import { clientIdOfBasic } from '../protocol/client-auth.ts'
import { queryOf } from './requests.ts'
import type { Route } from './route.ts'

/**
 * Puts each request into a trace: that of the caller, where it names one of the company's own sites, else one of its own with a link.
 * What operators ask for all day is left out, and so is what is the same for everybody, unless it is asked for in a trace.
 */
export function traceRequests(
  { clients }: Auth,
  tracer: Tracer,
  routes: readonly Route[],
): MiddlewareHandler {
  const firstOf = (path: string) => path.split('/', 2)[1]
  const firstsFor = (whom: Route['for']) =>
    routes.filter((route) => route.for === whom).map(({ path }) => firstOf(path))
  const never = new Set(firstsFor('operators'))
  const onlyInTrace = new Set([...firstsFor('everyone'), 'assets'])

  return async (c, next) => {
    const { path, method } = c.req
    const first = firstOf(path)
    if (never.has(first)) return await next()
    const query = new URLSearchParams(queryOf(c))
    const given = query.get('traceparent') ?? c.req.header('traceparent')
    if (given === undefined && onlyInTrace.has(first)) return await next()
    const client = clients.find(
      query.get('client_id') ?? clientIdOfBasic(c.req.header('authorization')) ?? '',
    )
    const start = { name: method, kind: 'server', attributes: { 'http.request.method': method } } as const
    await tracer.trace({ ...start, ...placeOf(given, client?.needsConsent === false) }, () => next())
  }
}

/**
 * W3C Trace Context restarts a trace where trust ends ("Restart trace"). Nobody proves here who he is, and nothing depends on it: ids that somebody made
 * up are a trace of his own, and whether it is recorded is decided here. That others are linked keeps their traces theirs.
 */
function placeOf(
  given: string | undefined,
  isFirstParty: boolean,
): { parent: string | null; links?: string[] } {
  if (given === undefined) return { parent: null }
  return isFirstParty ? { parent: given } : { parent: null, links: [given] }
}
