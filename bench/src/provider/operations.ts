import { createHash, randomBytes } from 'node:crypto'
import { logIn } from './browser.ts'
import { client, SCOPE } from './registration.ts'
import type { Answer, Wire } from './wire.ts'

/** One operation, by the worker number `lane`: what is its own, such as a refresh token, stays with it. */
export type Operation = (lane: number) => Promise<void>

export const OPERATIONS = ['hop', 'refresh', 'userinfo', 'first userinfo', 'introspection', 'jwks'] as const
export type OperationName = (typeof OPERATIONS)[number]

export interface Visitor {
  /** So many browsers log in, one after the other; those of before are forgotten. */
  logIn(count: number): Promise<void>
  hop: Operation
  /** Ready to be run by this many workers at once, this often altogether. */
  prepare(name: OperationName, lanes: number, count: number): Promise<Operation>
}

interface Tokens {
  access_token: string
  refresh_token: string
}

// Shown again and again. The adapter in memory forgets all but its last thousand entries, so there are few.
const TOKENS = 128
const BASIC = {
  authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`,
}

/** A browser and a site's server in one, at a provider that it knows by its metadata alone. */
export async function createVisitor(wire: Wire): Promise<Visitor> {
  const metadata = JSON.parse(
    expect(await wire.get('/.well-known/openid-configuration'), 200, 'the metadata').body,
  )
  const pathOf = (name: string) => new URL(metadata[name]).pathname
  const authorizePath = pathOf('authorization_endpoint')
  const tokenPath = pathOf('token_endpoint')
  const userinfoPath = pathOf('userinfo_endpoint')
  const introspectPath = pathOf('introspection_endpoint')
  const jwksPath = pathOf('jwks_uri')
  let sessions: string[] = []
  let turn = 0

  /** Authorize with a session, and redeem the code: the tokens. `resource`: whom the access token is for. */
  async function signOn(resource?: string): Promise<Tokens> {
    const cookie = sessions[turn++ % sessions.length]
    const state = randomBytes(16).toString('base64url')
    const verifier = randomBytes(32).toString('base64url')
    const query = new URLSearchParams({
      client_id: client.id,
      redirect_uri: client.redirectUri,
      response_type: 'code',
      scope: SCOPE,
      ...(resource && { resource }),
      prompt: 'none',
      state,
      nonce: state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const answer = expect(await wire.get(`${authorizePath}?${query}`, { cookie }), 303, 'the silent sign-on')
    const back = new URL(answer.headers.location ?? '')
    const code = back.searchParams.get('code')
    if (!code || back.searchParams.get('state') !== state) throw new Error(`the sign-on ended at ${back}`)
    return await tokensFor({
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUri,
      code_verifier: verifier,
    })
  }

  async function tokensFor(form: Record<string, string>): Promise<Tokens> {
    const { body } = expect(await wire.post(tokenPath, form, BASIC), 200, form.grant_type ?? '')
    const tokens = JSON.parse(body)
    if (!tokens.id_token || !tokens.access_token || !tokens.refresh_token)
      throw new Error('a token is missing')
    return tokens
  }

  const many = async <Item>(count: number, make: () => Promise<Item>): Promise<Item[]> => {
    const items: Item[] = []
    while (items.length < count)
      items.push(...(await Promise.all(Array.from({ length: Math.min(16, count - items.length) }, make))))
    return items
  }
  // node-oidc-provider takes an access token of its own endpoints only if it is for no other resource.
  const accessTokens = (count: number) =>
    many(count, async () => ({ authorization: `Bearer ${(await signOn()).access_token}` }))

  async function ask(headers: { authorization: string }): Promise<void> {
    const { body } = expect(await wire.get(userinfoPath, headers), 200, 'userinfo')
    if (!JSON.parse(body).email) throw new Error('userinfo says no email')
  }

  const hop = async () => {
    await signOn(client.resource)
  }
  const prepare: Record<OperationName, (lanes: number, count: number) => Promise<Operation>> = {
    hop: async () => hop,

    async refresh(lanes) {
      const present = await many(lanes, () => signOn(client.resource))
      return async (lane) => {
        const { refresh_token } = present[lane] ?? { refresh_token: '' }
        const next = await tokensFor({ grant_type: 'refresh_token', refresh_token })
        if (next.refresh_token === refresh_token) throw new Error('the refresh token was not rotated')
        present[lane] = next
      }
    },

    async userinfo() {
      const known = await accessTokens(TOKENS)
      for (const token of known) await ask(token)
      let next = 0
      return () => ask(known[next++ % TOKENS] ?? { authorization: '' })
    },

    async 'first userinfo'(_, count) {
      const fresh = (await accessTokens(count)).values()
      return () => ask(fresh.next().value ?? { authorization: '' })
    },

    async introspection() {
      const known = await many(TOKENS, async () => ({ token: (await signOn()).access_token }))
      let next = 0
      return async () => {
        const answer = await wire.post(introspectPath, known[next++ % TOKENS] ?? {}, BASIC)
        if (!JSON.parse(expect(answer, 200, 'introspection').body).active)
          throw new Error('the token is not active')
      }
    },

    jwks: async () => async () => {
      if (!expect(await wire.get(jwksPath), 200, 'the JWKS').body.includes('"kty"'))
        throw new Error('there is no key')
    },
  }

  return {
    async logIn(count) {
      sessions = []
      while (sessions.length < count) sessions.push(await logIn(wire, authorizePath))
    },
    hop,
    prepare: (name, lanes, count) => prepare[name](lanes, count),
  }
}

function expect(answer: Answer, status: number, what: string): Answer {
  if (answer.status === status) return answer
  throw new Error(`${what} was answered with ${answer.status}: ${answer.body.slice(0, 300)}`)
}
