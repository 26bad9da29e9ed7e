import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import type { Operation } from './operations.ts'

/** One row of the route table in `app.ts`: one thing that this server answers. */
export interface Route extends Operation {
  method: 'GET' | 'POST'
  /** With parameters in Hono's words, such as `/status/:list`. */
  path: string
  answer: (c: Context, auth: Auth) => Response | Promise<Response>
  /** What it is for. */
  is: string
}

/** Rows of one method, written shortly. What they take and answer stands in `operations.ts`. */
const rowsOf =
  (method: Route['method']) =>
  (path: string, answer: Route['answer'], is: string, operation: Operation): Route => ({
    method,
    path,
    answer,
    is,
    ...operation,
  })
export const get = rowsOf('GET')
export const post = rowsOf('POST')

/** The methods that a path answers, as `Allow` lists them. */
export function methodsOf(routes: readonly Route[], path: string): string[] {
  const methods = routes.filter((route) => route.path === path).map(({ method }) => method)
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
}
