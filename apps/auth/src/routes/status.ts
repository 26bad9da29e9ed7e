import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { STATUS_LIST_TTL_SECONDS } from '../domain/status-list.ts'
import { notFound } from './failures.ts'

/** A status list (Token Status List, draft-21 §8.1): public, and unchanged until somebody's grant is revoked. */
export async function getStatusList(c: Context, { statusLists, now }: Auth): Promise<Response> {
  const list = c.req.param('list') ?? ''
  if (!/^\d{1,6}$/.test(list)) return notFound(c)
  const { token, etag } = await statusLists.publish(Number(list), now())
  const headers = {
    etag,
    'cache-control': `public, max-age=${STATUS_LIST_TTL_SECONDS}`,
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
  }
  if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
  return c.body(token, 200, { ...headers, 'content-type': 'application/statuslist+jwt' })
}
