import { createHash, randomBytes } from 'node:crypto'
import { ISSUER } from './servers.ts'

const AUTH = 'http://127.0.0.1:4000'
const REDIRECT_URI = 'http://127.0.0.1:4009/callback'
const random = () => randomBytes(32).toString('base64url')

export interface Tokens {
  access_token: string
  id_token: string
  refresh_token?: string
  token_type: string
  expires_in: number
}

/**
 * Cedar, a third client: a program that speaks HTTP and knows nothing of our kit. It goes the whole way of the
 * authorization code flow by itself, with Alice's password typed into the form that auth shows.
 *
 * @param resource narrows the token to one site (RFC 8707)
 */
export async function cedarSignsAliceIn(clientSecret: string, resource?: string): Promise<Tokens> {
  const jar = new Jar()
  const verifier = random()
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const state = random()
  const question = new URLSearchParams({
    ...{
      response_type: 'code',
      client_id: 'cedar',
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile notes',
    },
    ...{ state, nonce: random(), code_challenge: challenge, code_challenge_method: 'S256' },
    ...(resource && { resource }),
  })
  const page = await jar.fetch(`${AUTH}/authorize?${question}`)
  const form = readForm(await page.text())
  const answer = await jar.fetch(new URL(form.action, `${AUTH}/authorize`).href.replace(ISSUER, AUTH), {
    method: 'POST',
    headers: { origin: ISSUER, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({
      ...form.hidden,
      ...{ email: 'alice@example.com', password: 'wonderland-1865', intent: 'sign-in' },
    }),
  })
  const back = new URL(answer.headers.get('location') ?? 'about:blank')
  if (back.searchParams.get('state') !== state || back.searchParams.get('iss') !== ISSUER) {
    throw new Error(`auth answered ${answer.status} ${back}: ${(await answer.text()).slice(0, 400)}`)
  }
  const tokens = await fetch(`${AUTH}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`cedar:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', redirect_uri: REDIRECT_URI, code_verifier: verifier },
      code: back.searchParams.get('code') ?? '',
    }),
  })
  if (!tokens.ok) throw new Error(`no token: ${tokens.status} ${await tokens.text()}`)
  return (await tokens.json()) as Tokens // the shape is RFC 6749 §5.1; what matters of it is asserted by the story
}

/** The cookies that one program keeps. */
class Jar {
  private readonly cookies = new Map<string, string>()

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, headers: { ...init.headers, cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const [name = '', ...value] = pair.split('=')
      this.cookies.set(name, value.join('='))
    }
    return response
  }
}

function readForm(html: string): { action: string; hidden: Record<string, string> } {
  const form = html.match(/<form[^>]*id="login-form"[^>]*>[\s\S]*?<\/form>/)?.[0]
  if (!form) throw new Error(`there is no login form in: ${html.slice(0, 400)}`)
  const attribute = (tag: string, name: string) =>
    (tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? '').replaceAll('&amp;', '&')
  const inputs = [...form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]) => tag)
  return {
    action: attribute(form, 'action'),
    hidden: Object.fromEntries(inputs.map((tag) => [attribute(tag, 'name'), attribute(tag, 'value')])),
  }
}
