import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import type { ClientRequest } from '../protocol/client-request.ts'
import { type Params, readParams } from '../protocol/params.ts'
import { userinfo } from '../protocol/userinfo.ts'
import { json } from './answers.ts'
import { addressOf, formOf } from './requests.ts'
import type { Route } from './route.ts'

/** A client's endpoint: the form it sent goes in, JSON comes out. */
export function endpoint(
  work: (auth: Auth, request: ClientRequest) => Promise<Record<string, unknown>>,
  status = 200,
): Route['answer'] {
  return async (c, auth) => json(c, await work(auth, clientRequest(c, auth, await formOf(c))), { status })
}

export async function getUserinfo(c: Context, auth: Auth): Promise<Response> {
  return json(c, await userinfo(auth, clientRequest(c, auth)))
}

/** The token may be in the header, and then there need be no form. */
export async function postUserinfo(c: Context, auth: Auth): Promise<Response> {
  const form = c.req.header('content-type') ? await formOf(c) : undefined
  return json(c, await userinfo(auth, clientRequest(c, auth, form)))
}

function clientRequest(c: Context, auth: Auth, params: Params = readParams('')): ClientRequest {
  return {
    path: c.req.path,
    method: c.req.method === 'GET' ? 'GET' : 'POST',
    params,
    authorization: c.req.header('authorization'),
    dpop: c.req.header('dpop'),
    address: addressOf(c, auth),
    identified: (clientId) => c.set('clientId', clientId),
  }
}
