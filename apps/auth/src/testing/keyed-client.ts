import { randomUUID } from 'node:crypto'
import { createDpopKey, type DpopKey, forge, type TestKey, testKey } from '@grove/jwt/testing'
import {
  askAs,
  authorizationRequest,
  Browser,
  codeIn,
  credentials,
  type Tokens,
  tokensIn,
  VERIFIER,
} from './browser.ts'
import { ISSUER, openProvider, type Provider } from './provider.ts'

type Fields = Record<string, string | undefined>
type Change = Parameters<DpopKey['prove']>[1]

export interface AskOptions {
  method?: string
  /** The key of the DPoP proof, if it is not the client's usual one; `null` sends no proof. */
  key?: DpopKey | null
  /** What is to be another in the proof, or missing. */
  proof?: Change
  accessToken?: string
  authorization?: string
}

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A client's server with keys of its own: it signs assertions and DPoP proofs, and repeats the server's nonce. */
export class KeyedClient {
  readonly id: string
  readonly provider: Provider
  /** Signs its assertions; the public half is what its `jwks_uri` answers. */
  signer: TestKey
  readonly key: DpopKey
  /** How often its key set was fetched. */
  fetches = 0
  #nonce: string | undefined

  constructor(provider: Provider, id: string, keys: { signer: TestKey; key: DpopKey }) {
    this.provider = provider
    this.id = id
    this.signer = keys.signer
    this.key = keys.key
  }

  /** With keys of its own, which it publishes. One that is only constructed publishes nothing. */
  static async of(provider: Provider, id = 'juniper'): Promise<KeyedClient> {
    const client = new KeyedClient(provider, id, { signer: await testKey(), key: await createDpopKey() })
    provider.answerFetch = async () => {
      client.fetches += 1
      return Response.json({ keys: [client.signer.publicJwk] })
    }
    return client
  }

  /** What `change` names is put in its place, or left out when it is `undefined`. */
  async assertion({ header, claims }: NonNullable<Change> = {}): Promise<string> {
    const { alg, kid } = this.signer.signing
    const iat = Math.floor(this.provider.auth.now().getTime() / 1000)
    const said = { iss: this.id, sub: this.id, aud: ISSUER, jti: randomUUID(), iat, exp: iat + 60 }
    return await forge(this.signer.signing, { alg, kid, ...header }, { ...said, ...claims })
  }

  /** Asks with a proof, and once more if the server wants its nonce repeated. */
  async ask(path: string, body: URLSearchParams | undefined, options: AskOptions = {}): Promise<Response> {
    const response = await this.#send(path, body, options)
    const nonce = response.headers.get('dpop-nonce')
    if (!nonce) return response
    this.#nonce = nonce
    return await this.#send(path, body, options)
  }

  async #send(path: string, body: URLSearchParams | undefined, options: AskOptions): Promise<Response> {
    const { method = 'POST', key = this.key, proof, accessToken, authorization } = options
    const request = {
      method,
      url: ISSUER + path,
      now: this.provider.auth.now(),
      accessToken,
      nonce: this.#nonce,
    }
    const dpop = await key?.prove(request, proof)
    // An assertion works once, so a second try needs another.
    const isOwn = body && !body.has('client_assertion')
    const own = isOwn && { client_assertion_type: ASSERTION_TYPE, client_assertion: await this.assertion() }
    const all = body && new URLSearchParams([...body, ...Object.entries(own ?? {})])
    const headers = { ...(dpop && { dpop }), ...(authorization && { authorization }) }
    return await this.provider.fetch(ISSUER + path, { method, headers, ...(all && { body: all }) })
  }

  /** Fields of a form; `client_assertion` replaces its own, also by nothing. */
  post(path: string, fields: Fields, options: AskOptions = {}): Promise<Response> {
    return this.ask(path, formOf(fields), options)
  }

  /** Pushes an authorization request. `more` replaces parameters; `undefined` takes one away. */
  push(more: Fields = {}, options: AskOptions = {}): Promise<Response> {
    const request = authorizationRequest(this.provider, this.id, { client_id: undefined, ...more })
    return this.ask('/par', request, options)
  }

  /** Pushes a request, and gives the address where the browser goes with it. */
  async address(more: Fields = {}, options: AskOptions = {}): Promise<string> {
    const { request_uri } = await (await this.push(more, options)).json()
    return pushedAddress(this.id, request_uri)
  }

  /** A code for who is logged in in this browser, with a login where one is needed. */
  async code(browser: Browser, more: Fields = {}, options: AskOptions = {}): Promise<string> {
    const page = await browser.open(await this.address(more, options))
    if (page.status === 303) return codeIn(page)
    return codeIn(await browser.submit(await page.text(), credentials('alice')))
  }

  redeem(code: string, more: Fields = {}, options: AskOptions = {}): Promise<Response> {
    const redirect_uri = this.provider.auth.clients.find(this.id)?.redirectUris[0]
    const fields = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: VERIFIER, ...more }
    return this.post('/token', fields, options)
  }

  async tokens(browser: Browser, more: Fields = {}): Promise<Tokens> {
    return await tokensIn(await this.redeem(await this.code(browser, more)))
  }

  refresh(refreshToken: string, more: Fields = {}, options: AskOptions = {}): Promise<Response> {
    return this.post('/token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...more }, options)
  }

  userinfo(accessToken: string, options: AskOptions & { scheme?: string } = {}): Promise<Response> {
    const authorization = `${options.scheme ?? 'DPoP'} ${accessToken}`
    return this.ask('/userinfo', undefined, { method: 'GET', accessToken, authorization, ...options })
  }
}

/** A provider, Juniper with its keys, and a browser in which Alice has logged in elsewhere. */
export async function openWithKeys(): Promise<{ provider: Provider; juniper: KeyedClient; alice: Browser }> {
  const provider = await openProvider()
  const juniper = await KeyedClient.of(provider)
  const alice = new Browser(provider)
  await alice.login('alder')
  return { provider, juniper, alice }
}

/** Where a browser goes with a pushed request. */
export const pushedAddress = (clientId: string, requestUri: string): string =>
  `/authorize?${new URLSearchParams({ client_id: clientId, request_uri: requestUri })}`

/** Pushes as a client without keys, which is not obliged to push; gives the `request_uri`. */
export async function pushAs(provider: Provider, clientId: string): Promise<string> {
  const fields = Object.fromEntries(authorizationRequest(provider, clientId))
  return (await (await askAs(provider, clientId, '/par', fields)).json()).request_uri
}

function formOf(fields: Fields): URLSearchParams {
  const given = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return new URLSearchParams(given)
}
