import type { MiddlewareHandler } from 'hono'
import { empty } from '../answers.ts'
import type { Site } from '../site.ts'

/** Answers a preflight, and adds to every other answer who may read it. */
export function cors(site: Pick<Site, 'corsHeaders'>): MiddlewareHandler {
  return async (c, next) => {
    const headers = site.corsHeaders(c.req.raw)
    if (c.req.method === 'OPTIONS') return empty(204, headers)
    await next()
    for (const [name, value] of Object.entries(headers)) c.header(name, value, { append: name === 'vary' })
  }
}
