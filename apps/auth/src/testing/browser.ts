import { createHash } from 'node:crypto'
import { secretOf } from './clients.ts'
import { ISSUER, PASSWORDS, type Person, type Provider } from './provider.ts'

type Fields = Record<string, string | undefined>

// One for all tests: what matters is that it fits.
export const VERIFIER = 'a-code-verifier-of-more-than-forty-three-characters'
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

/** A person's browser: it keeps cookies, follows no redirect, and fills in our forms. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #provider: Provider

  constructor(provider: Provider) {
    this.#provider = provider
  }

  async open(path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ')
    const url = new URL(path, ISSUER)
    const response = await this.#provider.fetch(url, {
      ...init,
      headers: { ...(cookie && { cookie }), ...Object.fromEntries(new Headers(headers)) },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }

  /** Arrives at /authorize from a client. `more` replaces parameters; `undefined` takes one away. */
  authorize(clientId: string, more: Fields = {}): Promise<Response> {
    return this.open(`/authorize?${authorizationRequest(this.#provider, clientId, more)}`)
  }

  /** Fills in the one form of this page and sends it, as its own page would. */
  async submit(html: string, fields: Fields, headers: HeadersInit = {}): Promise<Response> {
    const action = attribute(html, /<form [^>]*action="([^"]*)"/)
    const hidden = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
    const body = form({
      ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, plain(value)])),
      ...fields,
    })
    return this.open(action, { method: 'POST', body, headers: { origin: ISSUER, ...headers } })
  }

  /** Arrives from a client and logs in; answers what the login form answered. */
  async login(
    clientId: string,
    { person = 'alice', ...more }: Fields & { person?: Person } = {},
  ): Promise<Response> {
    const page = await this.authorize(clientId, more)
    return await this.submit(await page.text(), credentials(person))
  }

  /** Tokens for a client, with a login where one is needed. */
  async tokens(clientId: string, more: Fields & { person?: Person } = {}): Promise<Tokens> {
    const { person, ...request } = more
    const silent = await this.authorize(clientId, request)
    const response = silent.status === 303 ? silent : await this.login(clientId, more)
    return await tokensIn(await redeem(this.#provider, clientId, codeIn(response)))
  }
}

export interface Tokens {
  access_token: string
  id_token: string
  refresh_token: string
  scope: string
  expires_in: number
}

export const credentials = (person: Person, intent = 'sign-in') => ({
  email: `${person}@example.com`,
  password: PASSWORDS[person],
  intent,
})

export function authorizationRequest(provider: Provider, clientId: string, more: Fields = {}) {
  const client = provider.auth.clients.find(clientId)
  return form({
    client_id: clientId,
    redirect_uri: client?.redirectUris[0],
    response_type: 'code',
    scope: client?.scopes.join(' '),
    state: 'a state',
    nonce: 'a nonce',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...more,
  })
}

/** Asks as this client, in the way it is registered. `more` replaces fields of the form. */
export function askAs(
  provider: Provider,
  clientId: string,
  path: string,
  fields: Fields,
  headers: Record<string, string> = {},
): Promise<Response> {
  const method = provider.auth.clients.find(clientId)?.authMethod
  const basic = [clientId, secretOf(clientId)].map(encodeURIComponent).join(':')
  return provider.fetch(new URL(path, ISSUER), {
    method: 'POST',
    headers: {
      ...headers,
      ...(method === 'client_secret_basic' && { authorization: `Basic ${btoa(basic)}` }),
    },
    body: form({
      ...(method !== 'client_secret_basic' && { client_id: clientId }),
      ...(method === 'client_secret_post' && { client_secret: secretOf(clientId) }),
      ...fields,
    }),
  })
}

export function redeem(provider: Provider, clientId: string, code: string, more: Fields = {}) {
  return askAs(provider, clientId, '/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: provider.auth.clients.find(clientId)?.redirectUris[0],
    code_verifier: VERIFIER,
    ...more,
  })
}

export function refresh(provider: Provider, clientId: string, refreshToken: string, more: Fields = {}) {
  const fields = { grant_type: 'refresh_token', refresh_token: refreshToken, ...more }
  return askAs(provider, clientId, '/token', fields)
}

export function userinfo(provider: Provider, accessToken: string): Promise<Response> {
  return provider.fetch(`${ISSUER}/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } })
}

/** Where a redirect leads; its parameters. */
export function answerIn(response: Response): URLSearchParams {
  return new URL(response.headers.get('location') ?? 'about:blank').searchParams
}

export function codeIn(response: Response): string {
  return answerIn(response).get('code') ?? 'no code'
}

export async function tokensIn(response: Response): Promise<Tokens> {
  return (await response.json()) as Tokens // a test that gets none fails by what it looks at
}

/** The error of a JSON answer, with its status. */
export async function errorOf(response: Response): Promise<string> {
  return `${response.status} ${(await response.json()).error}`
}

/** The error of a page that is shown, with its status. */
export async function pageError(response: Response): Promise<string> {
  const location = response.headers.get('location')
  if (location !== null) return `sent on to ${location}`
  return `${response.status} ${errorOnPage(await response.text())}`
}

/** The code that an error page shows. */
export function errorOnPage(html: string): string {
  return attribute(html, /id="error-code">([^<]*)</)
}

function attribute(html: string, pattern: RegExp): string {
  return plain(pattern.exec(html)?.[1] ?? '')
}

function plain(text: string): string {
  const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => characters[name] ?? '')
}

function form(fields: Fields): URLSearchParams {
  return new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
