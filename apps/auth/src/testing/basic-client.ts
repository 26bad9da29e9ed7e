import { strict as assert } from 'node:assert'
import { createPublicKey, verify } from 'node:crypto'
import type { Client } from '../domain/clients.ts'
import { hashSecret } from '../domain/secrets.ts'
import { type Browser, codeIn, redeem, type Tokens, userinfo } from './browser.ts'
import { CLIENTS, secretOf } from './clients.ts'
import { ISSUER, type Provider } from './provider.ts'

type Fields = Record<string, string | undefined>

export const NO_PKCE = { code_challenge: undefined, code_challenge_method: undefined }

const [hazel] = CLIENTS.filter(({ id }) => id === 'hazel') as [Client] // one of the usual clients

/** As the conformance suite registers a client for its basic plan: a secret in the header, RS256, no PKCE. */
export const OAK: Client = {
  ...hazel,
  id: 'oak',
  name: 'Oak',
  secretHash: hashSecret(secretOf('oak')),
  idTokenAlgorithm: 'RS256',
  redirectUris: ['https://oak.example/callback', 'https://oak.example/callback?dummy1=lorem&dummy2=ipsum'],
}

/** That client. What it verifies it verifies by what the server publishes, not by what the server is made of. */
export class BasicClient {
  readonly provider: Provider

  constructor(provider: Provider) {
    this.provider = provider
  }

  async published(path: string) {
    return await (await this.provider.fetch(ISSUER + path)).json()
  }

  authorize(browser: Browser, more: Fields = {}): Promise<Response> {
    return browser.authorize('oak', { ...NO_PKCE, ...more })
  }

  /** Redeems the code of this answer. */
  redeem(answer: Response, more: Fields = {}): Promise<Response> {
    return redeem(this.provider, 'oak', codeIn(answer), { code_verifier: undefined, ...more })
  }

  /** From the request to the tokens, for who is logged in. */
  async tokens(browser: Browser, more: Fields = {}): Promise<Tokens> {
    return (await (await this.redeem(await this.authorize(browser, more))).json()) as Tokens // what a test redeems is right
  }

  /** What an ID token says, whose signature fits the one published key of its `kid`. */
  async verified(idToken: string) {
    const [header = '', payload = '', signature = ''] = idToken.split('.')
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
    const { alg, kid } = read(header)
    const { keys } = await this.published('/jwks')
    const [jwk, ...others] = keys.filter((key: { kid: string }) => key.kid === kid)
    assert.deepEqual([alg, jwk?.alg, others], ['RS256', 'RS256', []])
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const bytes = Buffer.from(signature, 'base64url')
    assert(
      verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, bytes),
      'the signature does not fit',
    )
    return read(payload)
  }

  async userinfo({ access_token }: Tokens) {
    const response = await userinfo(this.provider, access_token)
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/json'])
    return await response.json()
  }
}
