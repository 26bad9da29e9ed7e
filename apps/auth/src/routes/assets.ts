import type { Context } from 'hono'
import { asset } from '../pages/index.ts'
import { notFound } from './failures.ts'

/** A style sheet, a font or the icon of our pages: each address has its version, so it may be kept for good. */
export function getAsset(c: Context): Response {
  const found = asset(c.req.path)
  if (!found) return notFound(c)
  return c.body(found.body, 200, {
    'content-type': found.type,
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
}
