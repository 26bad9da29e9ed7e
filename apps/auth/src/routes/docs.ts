import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { docsPage } from '../pages/index.ts'
import { json, page } from './answers.ts'
import { describe } from './openapi.ts'
import type { Route } from './route.ts'

const MAY_BE_CACHED = { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' }

/** The route table in the words of OpenAPI 3.1. */
export function getDocument(c: Context, { issuer }: Auth, routes: readonly Route[]): Response {
  return json(c, describe(routes, issuer), { headers: MAY_BE_CACHED })
}

/** The same for people. */
export function getDocs(c: Context, { issuer }: Auth, routes: readonly Route[]): Response {
  return page(c, docsPage(describe(routes, issuer)))
}
