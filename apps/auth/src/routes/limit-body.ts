import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { tooLarge } from './failures.ts'

/** Answers 413 to a larger body, announced or not, without reading it to its end. */
export function limitBody(mostBytes: number): MiddlewareHandler {
  const counted = bodyLimit({ maxSize: mostBytes, onError: tooLarge })
  return (c, next) => (isKnownToFit(c, mostBytes) ? next() : counted(c, next))
}

// Node's parser holds a body to the length that it announced. Counting has to touch the body, which makes a whole Request of what was
// only a few headers: an eighth of a sign-on.
function isKnownToFit({ req }: Context, mostBytes: number): boolean {
  if (req.header('transfer-encoding') !== undefined) return false
  const length = req.header('content-length')
  return length === undefined ? req.method === 'GET' || req.method === 'HEAD' : Number(length) <= mostBytes
}
