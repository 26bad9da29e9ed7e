import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { docsPage } from '../pages/index.ts'
import { page, publicJson } from './answers.ts'
import { describe } from './openapi.ts'
import type { Route } from './route.ts'

/** The route table in the words of OpenAPI 3.1. */
export function getDocument(c: Context, { issuer }: Auth, routes: readonly Route[]): Response {
  return publicJson(c, describe(routes, issuer))
}

/** The same for people. */
export function getDocs(c: Context, { issuer }: Auth, routes: readonly Route[]): Response {
  return page(c, docsPage(describe(routes, issuer)))
}
