import { account, client, SCOPE } from './registration.ts'
import type { Answer, Wire } from './wire.ts'

const MOST_STEPS = 10

/** Logs in as a browser does: follows redirects, keeps cookies, fills the login form in if there is one. Returns its cookies. */
export async function logIn(wire: Wire, authorizePath: string): Promise<string> {
  const cookies = new Map<string, string>()
  let answer = await wire.get(`${authorizePath}?${new URLSearchParams(firstRequest())}`)
  for (let step = 0; step < MOST_STEPS; step++) {
    keep(cookies, answer)
    const header = { cookie: headerOf(cookies) }
    const { location } = answer.headers
    if (location?.startsWith(client.redirectUri)) {
      if (!location.includes('code=')) throw new Error(`the login ended at ${location}`)
      return headerOf(cookies)
    }
    if (location) answer = await wire.get(pathOf(wire, location), header)
    else {
      const { action, fields } = formIn(answer)
      const filled = { ...fields, email: account.claims.email, password: account.password }
      answer = await wire.post(pathOf(wire, action), filled, header)
    }
  }
  throw new Error('the login does not come to an end')
}

function firstRequest(): Record<string, string> {
  return {
    client_id: client.id,
    redirect_uri: client.redirectUri,
    response_type: 'code',
    scope: SCOPE,
    resource: client.resource,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', // the example of RFC 7636, appendix B
    code_challenge_method: 'S256',
  }
}

function keep(cookies: Map<string, string>, { headers }: Answer): void {
  for (const line of headers['set-cookie'] ?? []) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (!name) continue
    if (value) cookies.set(name, value)
    else cookies.delete(name)
  }
}

function headerOf(cookies: Map<string, string>): string {
  return [...cookies].map((pair) => pair.join('=')).join('; ')
}

function pathOf({ issuer }: Wire, address: string): string {
  const { pathname, search } = new URL(address, issuer)
  return pathname + search
}

function formIn({ status, body }: Answer): { action: string; fields: Record<string, string> } {
  const [, action] = /<form[^>]*\baction="([^"]*)"/.exec(body) ?? []
  if (!action) throw new Error(`the login met ${status} without a form: ${body.slice(0, 200)}`)
  const hidden = [...body.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
    /\bname="([^"]*)"/.exec(input)?.[1] ?? '',
    plain(/\bvalue="([^"]*)"/.exec(input)?.[1] ?? ''),
  ])
  return { action: plain(action), fields: Object.fromEntries(hidden) }
}

const plain = (html: string) => html.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
