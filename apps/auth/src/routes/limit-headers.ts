import type { Context, MiddlewareHandler } from 'hono'
import { cookiesPage } from '../pages/index.ts'
import { page, redirect } from './answers.ts'
import { headersTooLarge } from './failures.ts'
import { requireSameOrigin } from './requests.ts'
import type { Route } from './route.ts'

const MOST_HEADER_BYTES = 16_384
// What that answer is made of, and where its button leads, come with the same cookies.
const ALWAYS = /^\/(assets\/.*|cookies)$/

/** Answers 431 where headers are too large; to a person whose cookies are what is too large, with a way out. */
export const limitHeaders: MiddlewareHandler = async (c, next) => {
  if (headerBytes(c) <= MOST_HEADER_BYTES || ALWAYS.test(c.req.path)) return await next()
  const isFullJar = (c.req.header('cookie')?.length ?? 0) > MOST_HEADER_BYTES / 2
  return isFullJar && !c.get('speaksJson') ? page(c, cookiesPage(), { status: 431 }) : headersTooLarge(c)
}

/**
 * POST /cookies: takes away every cookie of this server (Clear Site Data §3.1). Only by the button, never by itself: who can make a
 * browser send a long address could sign anybody out.
 */
export const postCookies: Route['answer'] = (c, { issuer }) => {
  requireSameOrigin(c, issuer)
  const answer = redirect(c, '/')
  answer.headers.set('clear-site-data', '"cookies"')
  return answer
}

function headerBytes(c: Context): number {
  // The server's adapter puts it there; without a socket, as in tests, there is none.
  const lines: unknown = c.env?.incoming?.rawHeaders
  const texts = Array.isArray(lines) ? lines.map(String) : [...c.req.raw.headers].flat()
  return texts.reduce((sum, text) => sum + text.length + 2, 0)
}
