import type { Attributes, Span, Tracer } from '@grove/traces'

// On `globalThis`, as all that a process has once (see state.ts): Next loads this module four times.
const HOME = Symbol.for('@grove/site.tracer@1')
const home = globalThis as { [HOME]?: Tracer | undefined } // a symbol of ours on an object of everybody's

/** From now on all sites in this process record what they do; `undefined`: no more. */
export function traceWith(tracer: Tracer | undefined): void {
  home[HOME] = tracer
}

/** `undefined` unless traces are wanted, and then all of this costs one look. */
export const presentTracer = (): Tracer | undefined => home[HOME]

/** The span that this is called in, if there is one. */
export const presentSpan = (): Span | undefined => home[HOME]?.present()

/** Runs `work` as part of nothing: for what is begun in a request and outlives it. */
export function apart<T>(work: () => T): T {
  return home[HOME]?.apart(work) ?? work()
}

/**
 * An endpoint, as a span by its route. `continues` finds the `traceparent` that it goes on with; without one a trace begins: a browser's
 * header does not count.
 */
export async function traceEndpoint(
  request: Request,
  continues: () => Promise<string | undefined>,
  work: () => Promise<Response>,
): Promise<Response> {
  const tracer = presentTracer()
  if (!tracer) return await work()
  const { method, url } = request
  const route = new URL(url).pathname
  const attributes = { 'http.request.method': method, 'http.route': route } satisfies Attributes
  const parent = (await continues()) ?? null
  return await tracer.trace(
    { name: `${method} ${route}`, kind: 'server', parent, attributes },
    async (span) => {
      const response = await work()
      span.set({ 'http.response.status_code': response.status })
      return response
    },
  )
}

/**
 * `fetch` to another server, as part of the present trace: that server is told its ids, in the header that is made for it. `pathOf`: what
 * of the address may be told, where it has no more than a few values.
 */
export function tracedFetch(get: typeof fetch, pathOf: (url: URL) => string = () => ''): typeof fetch {
  return async (input, init) => {
    const tracer = presentTracer()
    if (!tracer?.present()) return await get(input, init)
    const url = new URL(input instanceof Request ? input.url : input)
    const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
    const attributes = { 'http.request.method': method, 'server.address': url.hostname } satisfies Attributes
    return await tracer.trace(
      { name: `${method} ${pathOf(url)}`.trim(), kind: 'client', attributes },
      async (span) => {
        const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
        headers.set('traceparent', span.traceparent)
        const response = await get(input, { ...init, headers })
        span.set({ 'http.response.status_code': response.status })
        return response
      },
    )
  }
}
