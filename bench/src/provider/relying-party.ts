import { createHash, randomBytes } from 'node:crypto'
import { client, SCOPE } from './registration.ts'
import type { Answer, Wire } from './wire.ts'

export interface Tokens {
  id_token: string
  access_token: string
  refresh_token: string
}

/** What the server of a site asks of a provider, which it knows by its metadata alone. Each call throws on any answer but the right one. */
export interface RelyingParty {
  /** Where a browser begins. */
  authorizePath: string
  /** Without a page: authorization with the cookies of a login, and redemption of the code. `resource`: whom the access token is for. */
  signOn(cookie: string, resource?: string): Promise<Tokens>
  /** The refresh token has to be another one afterwards. */
  refresh(tokens: Tokens): Promise<Tokens>
  userinfo(tokens: Tokens): Promise<void>
  introspect(tokens: Tokens): Promise<void>
  /** Gives the refresh token back (RFC 7009). */
  revoke(tokens: Tokens): Promise<void>
  /** Ends the login, for all sites (OpenID Connect RP-Initiated Logout 1.0). */
  signOut(cookie: string, tokens: Tokens): Promise<void>
  jwks(): Promise<void>
}

const BASIC = {
  authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`,
}

export async function createRelyingParty(wire: Wire): Promise<RelyingParty> {
  const metadata = JSON.parse(
    expect(await wire.get('/.well-known/openid-configuration'), [200], 'the metadata').body,
  )
  const pathOf = (name: string) => new URL(metadata[name]).pathname
  const authorizePath = pathOf('authorization_endpoint')
  const tokenPath = pathOf('token_endpoint')
  const userinfoPath = pathOf('userinfo_endpoint')
  const introspectPath = pathOf('introspection_endpoint')
  const revokePath = pathOf('revocation_endpoint')
  const jwksPath = pathOf('jwks_uri')

  async function tokensFor(form: Record<string, string>): Promise<Tokens> {
    const { body } = expect(await wire.post(tokenPath, form, BASIC), [200], form.grant_type ?? '')
    const tokens = JSON.parse(body)
    if (!tokens.id_token || !tokens.access_token || !tokens.refresh_token)
      throw new Error('a token is missing')
    return tokens
  }

  return {
    authorizePath,

    async signOn(cookie, resource) {
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
      const answer = await wire.get(`${authorizePath}?${query}`, { cookie })
      const back = new URL(expect(answer, [302, 303], 'the silent sign-on').headers.location ?? '')
      const code = back.searchParams.get('code')
      if (!code || back.searchParams.get('state') !== state) throw new Error(`the sign-on ended at ${back}`)
      const tokens = await tokensFor({
        grant_type: 'authorization_code',
        code,
        redirect_uri: client.redirectUri,
        code_verifier: verifier,
      })
      if (resource && !isJwt(tokens)) throw new Error('the access token for the resource is no JWT')
      return tokens
    },

    async refresh(tokens) {
      const { refresh_token } = tokens
      const next = await tokensFor({ grant_type: 'refresh_token', refresh_token })
      if (next.refresh_token === refresh_token) throw new Error('the refresh token was not rotated')
      if (isJwt(next) !== isJwt(tokens)) throw new Error('the access token is of another kind now')
      return next
    },

    async userinfo({ access_token }) {
      const headers = { authorization: `Bearer ${access_token}` }
      const { body } = expect(await wire.get(userinfoPath, headers), [200], 'userinfo')
      if (!JSON.parse(body).email) throw new Error('userinfo says no email')
    },

    async introspect({ access_token }) {
      const answer = await wire.post(introspectPath, { token: access_token }, BASIC)
      if (!JSON.parse(expect(answer, [200], 'introspection').body).active)
        throw new Error('the token is not active')
    },

    async revoke({ refresh_token }) {
      expect(await wire.post(revokePath, { token: refresh_token }, BASIC), [200], 'revocation')
    },

    async signOut(cookie, { id_token }) {
      const path = pathOf('end_session_endpoint')
      const answer = await wire.get(`${path}?${new URLSearchParams({ id_token_hint: id_token })}`, { cookie })
      expect(answer, [200, 302, 303], 'the logout')
    },

    async jwks() {
      if (!expect(await wire.get(jwksPath), [200], 'the JWKS').body.includes('"kty"'))
        throw new Error('there is no key')
    },
  }
}

function isJwt({ access_token }: Tokens): boolean {
  return access_token.split('.').length === 3
}

function expect(answer: Answer, statuses: readonly number[], what: string): Answer {
  if (statuses.includes(answer.status)) return answer
  throw new Error(`${what} was answered with ${answer.status}: ${answer.body.slice(0, 300)}`)
}
