import { createDpopKey, testKey } from '@grove/jwt/testing'
import { afterAll, expect, test } from 'vitest'
import type { Client } from '../domain/clients.ts'
import { SIGNING_ALGORITHMS } from '../domain/keyring.ts'
import { clientSchema } from '../seed/clients.ts'
import {
  answerIn,
  askAs,
  authorizationRequest,
  Browser,
  CLIENTS,
  codeIn,
  errorOf,
  ISSUER,
  openProvider,
  redeem,
  refresh,
  type Tokens,
  userinfo,
  VERIFIER,
} from '../testing/index.ts'
import { KeyedClient } from '../testing/keyed-client.ts'

// Nothing is announced that does not work: each member of the metadata is tried here, and a member without a check is a failure.

const like = (id: string, over: Partial<Client>): Client => ({
  ...(CLIENTS.find((client) => client.id === id) as Client), // one of the usual clients
  ...over,
})
const signedWith = SIGNING_ALGORITHMS.map((alg) =>
  like('cedar', { id: `cedar-${alg}`, authMethod: 'none', secretHash: undefined, idTokenAlgorithm: alg }),
)
const provider = await openProvider({ clients: [...CLIENTS, ...signedWith] })
const juniper = await KeyedClient.of(provider)
const iris = new Browser(provider)
await iris.login('alder', { person: 'iris' })
afterAll(() => provider.close())

const metadata: Record<string, unknown> = await (
  await provider.fetch(`${ISSUER}/.well-known/openid-configuration`)
).json()
const values = (name: string) => metadata[name] as string[] // its type is proved beside this file
const tokensOf = async (response: Response) => (await response.json()) as Tokens // the tests look at what they use
const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
const payloadOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

/** Whether a client of this authentication method is known at an endpoint, and somebody unproved is not. */
async function methodWorks(endpoint: string, method: string): Promise<void> {
  const path = new URL(String(metadata[endpoint])).pathname
  const fields = { token: 'x', grant_type: 'refresh_token', refresh_token: 'x' }
  const ids: Record<string, string> = {
    none: 'elm',
    client_secret_basic: 'hazel',
    client_secret_post: 'cedar',
  }
  const response =
    method === 'private_key_jwt'
      ? await juniper.post(path, fields)
      : await askAs(provider, ids[method] ?? method, path, fields)
  const answer = response.status === 200 ? '200' : await errorOf(response)
  expect([method, answer]).toEqual([method, path === '/token' ? '400 invalid_grant' : '200'])
}

async function assertionWorks(endpoint: string, alg: string): Promise<void> {
  const path = new URL(String(metadata[endpoint])).pathname
  const before = juniper.signer
  provider.pass(31) // once in half a minute an unknown key is asked for
  juniper.signer = await testKey(alg as 'ES256') // or any other that is announced
  const response = await juniper.post(path, { token: 'x', grant_type: 'refresh_token', refresh_token: 'x' })
  expect([alg, response.status]).toEqual([alg, path === '/token' ? 400 : 200])
  if (path === '/token') expect((await response.json()).error).toBe('invalid_grant')
  provider.pass(31)
  juniper.signer = before
}

const methodsWork = (endpoint: string) => async () => {
  for (const method of values(`${endpoint}_auth_methods_supported`)) await methodWorks(endpoint, method)
}
const assertionsWork = (endpoint: string) => async () => {
  for (const alg of values(`${endpoint}_auth_signing_alg_values_supported`))
    await assertionWorks(endpoint, alg)
}
const at = (name: string, path: string) => () => expect(metadata[name]).toBe(ISSUER + path)
const refuses = (name: string) => async () => {
  expect(metadata[`${name}_parameter_supported`]).toBe(false)
  const answer = answerIn(await iris.authorize('alder', { [name]: 'https://alder.example/r' }))
  expect(answer.get('error')).toBe(`${name}_not_supported`)
}

/** What is done with each member to see that it is true. Addresses are where everything else here is asked. */
const CHECKS: Record<string, () => unknown> = {
  issuer: async () => {
    const { access_token, id_token } = await iris.tokens('alder')
    expect([payloadOf(access_token).iss, payloadOf(id_token).iss]).toEqual([metadata.issuer, metadata.issuer])
  },
  authorization_endpoint: at('authorization_endpoint', '/authorize'),
  token_endpoint: at('token_endpoint', '/token'),
  userinfo_endpoint: at('userinfo_endpoint', '/userinfo'),
  jwks_uri: async () => {
    const { keys } = await (await provider.fetch(String(metadata.jwks_uri))).json()
    const { access_token, id_token } = await iris.tokens('alder')
    for (const token of [access_token, id_token])
      expect(keys.map(({ kid }: { kid: string }) => kid)).toContain(headerOf(token).kid)
  },
  end_session_endpoint: async () => {
    const person = new Browser(provider)
    const { id_token } = await person.tokens('alder')
    await person.open(`${metadata.end_session_endpoint}?id_token_hint=${id_token}`)
    expect(answerIn(await person.authorize('alder', { prompt: 'none' })).get('error')).toBe('login_required')
  },
  revocation_endpoint: async () => {
    const { access_token } = await iris.tokens('cedar')
    const { pathname } = new URL(String(metadata.revocation_endpoint))
    expect((await askAs(provider, 'cedar', pathname, { token: access_token })).status).toBe(200)
    expect((await userinfo(provider, access_token)).status).toBe(401)
  },
  introspection_endpoint: async () => {
    const { access_token: token } = await iris.tokens('cedar')
    const { pathname } = new URL(String(metadata.introspection_endpoint))
    expect(await (await askAs(provider, 'cedar', pathname, { token })).json()).toMatchObject({ active: true })
  },
  pushed_authorization_request_endpoint: async () => {
    expect(metadata.pushed_authorization_request_endpoint).toBe(`${ISSUER}/par`)
    expect((await iris.open(await juniper.address())).status).toBe(303)
  },
  scopes_supported: async () => {
    for (const scope of values('scopes_supported')) {
      const { id, grantTypes } = CLIENTS.find(({ scopes }) => scopes.includes(scope)) as Client // from there they come
      const tokens = grantTypes.includes('authorization_code')
        ? await iris.tokens(id, { scope })
        : await tokensOf(await askAs(provider, id, '/token', { grant_type: 'client_credentials', scope }))
      expect([scope, tokens.scope]).toEqual([scope, scope])
    }
  },
  response_types_supported: async () => {
    for (const response_type of values('response_types_supported'))
      expect(answerIn(await iris.authorize('alder', { response_type })).has(response_type)).toBe(true)
  },
  response_modes_supported: async () => {
    const carried: Record<string, (response: Response) => Promise<unknown>> = {
      query: async (response) => answerIn(response).get('code'),
      form_post: async (response) => /name="code" value="([^"]+)"/.exec(await response.text())?.[1],
    }
    for (const response_mode of values('response_modes_supported'))
      expect(await carried[response_mode]?.(await iris.authorize('alder', { response_mode }))).toBeTruthy()
  },
  grant_types_supported: async () => {
    const { refresh_token } = await iris.tokens('alder')
    const answers: Record<string, () => Promise<Response>> = {
      authorization_code: async () => redeem(provider, 'alder', codeIn(await iris.authorize('alder'))),
      refresh_token: () => refresh(provider, 'alder', refresh_token),
      client_credentials: () => askAs(provider, 'larch', '/token', { grant_type: 'client_credentials' }),
    }
    for (const name of values('grant_types_supported'))
      expect([name, (await answers[name]?.())?.status]).toEqual([name, 200])
  },
  subject_types_supported: async () => {
    expect(metadata.subject_types_supported).toEqual(['public']) // the same sub for every client
    const subs = ['alder', 'cedar'].map(async (id) => payloadOf((await iris.tokens(id)).id_token).sub)
    expect(new Set(await Promise.all(subs)).size).toBe(1)
  },
  id_token_signing_alg_values_supported: async () => {
    for (const alg of values('id_token_signing_alg_values_supported')) {
      const { id_token } = await iris.tokens(`cedar-${alg}`)
      expect(headerOf(id_token).alg).toBe(alg)
    }
  },
  token_endpoint_auth_methods_supported: methodsWork('token_endpoint'),
  token_endpoint_auth_signing_alg_values_supported: assertionsWork('token_endpoint'),
  revocation_endpoint_auth_methods_supported: methodsWork('revocation_endpoint'),
  revocation_endpoint_auth_signing_alg_values_supported: assertionsWork('revocation_endpoint'),
  introspection_endpoint_auth_methods_supported: methodsWork('introspection_endpoint'),
  introspection_endpoint_auth_signing_alg_values_supported: assertionsWork('introspection_endpoint'),
  dpop_signing_alg_values_supported: async () => {
    for (const alg of values('dpop_signing_alg_values_supported')) {
      const key = await createDpopKey(alg as 'ES256') // or any other that is announced
      const client = new KeyedClient(provider, 'juniper', { signer: juniper.signer, key })
      const { access_token } = await client.tokens(iris)
      expect((await client.userinfo(access_token)).status).toBe(200)
    }
  },
  code_challenge_methods_supported: async () => {
    for (const code_challenge_method of values('code_challenge_methods_supported')) {
      const code = codeIn(await iris.authorize('alder', { code_challenge_method }))
      expect((await redeem(provider, 'alder', code, { code_verifier: VERIFIER })).status).toBe(200)
    }
  },
  prompt_values_supported: async () => {
    const shown: Record<string, string> = {
      login: 'id="login-form"',
      select_account: 'id="login-form"',
      consent: 'id="consent-form"',
    }
    for (const prompt of values('prompt_values_supported')) {
      const response = await iris.authorize(prompt === 'consent' ? 'maple' : 'alder', { prompt })
      if (prompt === 'none') expect(answerIn(response).get('code')).toBeTruthy()
      else expect(await response.text()).toContain(shown[prompt])
    }
  },
  acr_values_supported: async () => {
    for (const acr_values of values('acr_values_supported')) {
      const { id_token } = await iris.tokens('alder', { acr_values })
      expect(payloadOf(id_token).acr).toBe(acr_values)
    }
  },
  claims_supported: async () => {
    const { access_token } = await iris.tokens('cedar')
    const claims = Object.keys(await (await userinfo(provider, access_token)).json())
    expect(claims.toSorted()).toEqual(values('claims_supported').toSorted())
  },
  ui_locales_supported: async () => {
    for (const ui_locales of values('ui_locales_supported')) {
      const page = await new Browser(provider).authorize('alder', { ui_locales })
      expect(await page.text()).toContain(`<html lang="${ui_locales}"`)
    }
  },
  claims_parameter_supported: async () => {
    expect(metadata.claims_parameter_supported).toBe(true)
    const claims = '{"userinfo":{"nickname":null}}'
    const { access_token } = await iris.tokens('cedar', { scope: 'openid', claims })
    expect((await (await userinfo(provider, access_token)).json()).nickname).toBe('Ris')
  },
  request_parameter_supported: refuses('request'),
  request_uri_parameter_supported: refuses('request_uri'),
  require_pushed_authorization_requests: async () => {
    expect(metadata.require_pushed_authorization_requests).toBe(false)
    const request = authorizationRequest(provider, 'alder')
    expect(answerIn(await iris.open(`/authorize?${request}`)).has('code')).toBe(true)
  },
  authorization_response_iss_parameter_supported: async () => {
    expect(metadata.authorization_response_iss_parameter_supported).toBe(true)
    for (const more of [{}, { response_type: 'token' }])
      expect(answerIn(await iris.authorize('alder', more)).get('iss')).toBe(metadata.issuer)
  },
  backchannel_logout_supported: () => logoutIsTold('backchannel_logout_supported'),
  backchannel_logout_session_supported: () => logoutIsTold('backchannel_logout_session_supported'),
}

async function logoutIsTold(name: string): Promise<void> {
  expect(metadata[name]).toBe(true)
  const person = new Browser(provider)
  const { id_token } = await person.tokens('alder')
  provider.posts.length = 0
  await person.open(`/logout?id_token_hint=${id_token}`)
  const [post] = provider.posts
  expect(payloadOf(post?.logoutToken ?? '').sid).toBe(payloadOf(id_token).sid)
}

test('every member of the metadata is tried', () => {
  expect(Object.keys(CHECKS).toSorted()).toEqual(Object.keys(metadata).toSorted())
})

test.each(Object.keys(CHECKS))('%s: it is true', async (name) => {
  await CHECKS[name]?.()
})

test('K-6 the algorithm of ID tokens is chosen by client, RS256 among them', async () => {
  expect(SIGNING_ALGORITHMS).toContain('RS256')
  for (const alg of SIGNING_ALGORITHMS) {
    expect(values('id_token_signing_alg_values_supported')).toContain(alg)
    expect(headerOf((await iris.tokens(`cedar-${alg}`)).id_token).alg).toBe(alg)
  }
})

test('OP-4 an ID token without a signature is not announced, and no client can be registered for it', () => {
  expect(values('id_token_signing_alg_values_supported')).not.toContain('none')
  const client = { client_id: 'new', client_name: 'New', token_endpoint_auth_method: 'none' }
  const registered = (id_token_signed_response_alg: string) =>
    clientSchema.safeParse({ ...client, id_token_signed_response_alg }).success
  expect([registered('RS256'), registered('none')]).toEqual([true, false])
})
