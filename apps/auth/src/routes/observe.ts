import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Auth } from '../auth.ts'
import { randomId } from '../domain/secrets.ts'
import { PARAMETERS } from './parameters.ts'
import { queryOf } from './requests.ts'
import type { Route } from './route.ts'

/** Tells telemetry of each request, once it is answered; and failures, whether whoever asks reads JSON or a page. */
export function observe({ telemetry, clients }: Auth, routes: readonly Route[]): MiddlewareHandler {
  const paths = new Set(routes.map(({ path }) => path))
  // Below an address that clients ask at errors are JSON too. Everywhere else a person looks at them.
  const first = (path: string) => path.split('/', 2)[1]
  const forPrograms = new Set(routes.filter((route) => route.for !== 'people').map(({ path }) => first(path)))

  return async (c, next) => {
    const startedAt = performance.now()
    c.set('speaksJson', forPrograms.has(first(c.req.path)))
    c.set('requestId', randomId())
    await next()
    const matched = routePath(c, -1)
    const query = new URLSearchParams(queryOf(c))
    telemetry.answered({
      requestId: c.get('requestId'),
      method: c.req.method,
      route: paths.has(matched) ? matched : 'none',
      status: c.res.status,
      ms: performance.now() - startedAt,
      clientId: c.get('clientId') ?? clients.find(query.get('client_id') ?? '')?.id,
      parameters: knownNames(c, query),
    })
  }
}

// A name may be a secret as well (`/?<token>`), so only names that mean something here are told.
function knownNames(c: Context, query: URLSearchParams): string[] {
  const names = new Set([...query.keys(), ...(c.get('formNames') ?? [])])
  return [...names].filter((name) => Object.hasOwn(PARAMETERS, name))
}

/** RFC 6797: for a year browsers ask this name and those below it over https alone. */
export const strictTransport: MiddlewareHandler = async (c, next) => {
  await next()
  c.header('strict-transport-security', 'max-age=31536000; includeSubDomains')
}
