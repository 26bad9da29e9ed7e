import type { Context } from 'hono'
import type { ClientRequest } from '../protocol/client-request.ts'
import { type Params, readParams } from '../protocol/params.ts'
import { json } from './answers.ts'
import { formOf } from './requests.ts'

/** Answers a client's server at one of its endpoints: what it sent goes in, JSON comes out. */
export async function answerClient(
  c: Context,
  endpoint: (request: ClientRequest) => Promise<Record<string, unknown>>,
  status = 200,
): Promise<Response> {
  return json(c, await endpoint(clientRequest(c, await formOf(c))), { status })
}

export function clientRequest(c: Context, params: Params = readParams('')): ClientRequest {
  return {
    path: c.req.path,
    method: c.req.method === 'GET' ? 'GET' : 'POST',
    params,
    authorization: c.req.header('authorization'),
    dpop: c.req.header('dpop'),
  }
}
