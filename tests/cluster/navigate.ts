import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** One request as it stands: `fetch` would put `sec-fetch-*` headers of its own in the place of a browser's. */
export async function navigate(address: string, init: RequestInit = {}): Promise<Response> {
  const form = init.body instanceof URLSearchParams ? init.body.toString() : undefined
  const headers = {
    ...Object.fromEntries(new Headers(init.headers)),
    ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
  }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(address, { method: init.method ?? 'GET', headers, agent: false }, resolve)
    asked.once('error', reject).end(form)
  })
  const status = answer.statusCode ?? 0
  const pairs = answer.rawHeaders.flatMap((name, n, all) => (n % 2 ? [] : [[name, all[n + 1] ?? '']]))
  const said = await text(answer)
  return new Response(said || null, { status, headers: pairs as [string, string][] }) // as: each has two, see above
}
