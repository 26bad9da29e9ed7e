import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  answerIn,
  authorizationRequest,
  Browser,
  codeIn,
  errorOf,
  errorOnPage,
  ISSUER,
  openProvider,
  type Provider,
  redeem,
  userinfo,
} from '../testing/index.ts'

let provider: Provider
let alice: Browser
beforeAll(async () => {
  provider = await openProvider()
  alice = new Browser(provider)
  expect((await alice.login('alder')).status).toBe(303)
})
afterAll(() => provider.close())

describe('AZ-2 AZ-20 what is never redirected', () => {
  test.each([
    ['an unknown client', { client_id: 'nobody' }, 'invalid_client'],
    ['no client', { client_id: undefined }, 'invalid_client'],
    ['a prototype name as client', { client_id: '__proto__' }, 'invalid_client'],
    ['no redirect_uri', { redirect_uri: undefined }, 'invalid_redirect_uri'],
    [
      'a redirect_uri of another client',
      { redirect_uri: 'https://cedar.example/other' },
      'invalid_redirect_uri',
    ],
    [
      'a redirect_uri with a query added',
      { redirect_uri: 'http://site-a.localhost:4001/sso/callback?x' },
      'invalid_redirect_uri',
    ],
    [
      'AZ-1 a redirect_uri in another case',
      { redirect_uri: 'http://SITE-A.localhost:4001/sso/callback' },
      'invalid_redirect_uri',
    ],
    ['F-63 a list of ten thousand scopes', { scope: 'openid '.repeat(10_000) }, 'invalid_request'],
    ['F-63 a state of 100 KB', { state: 'x'.repeat(100_000) }, 'invalid_request'],
  ])('OP-30 %s: a page, for a person who is logged in too', async (_, more, code) => {
    const response = await alice.authorize('alder', more)
    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
    expect(errorOnPage(await response.text())).toBe(code)
  })

  test('AZ-8 X-1 any parameter given twice, here and at the token endpoint, `resource` excepted', async () => {
    const request = authorizationRequest(provider, 'alder')
    for (const name of [...request.keys(), 'prompt', 'anything']) {
      const twice = await alice.open(`/authorize?${request}&${name}=1&${name}=2`)
      expect([name, twice.status, twice.headers.get('location')]).toEqual([name, 400, null])
      const body = new URLSearchParams(`${request}&${name}=1&${name}=2`)
      const posted = await alice.open('/authorize', { method: 'POST', body })
      expect([name, posted.status, posted.headers.get('location')]).toEqual([name, 400, null])
    }
    const fields = { client_id: 'elm', grant_type: 'refresh_token', refresh_token: 'x', anything: '1' }
    for (const name of Object.keys(fields)) {
      const body = new URLSearchParams([...Object.entries(fields), [name, '1']])
      const twice = await provider.fetch(`${ISSUER}/token`, { method: 'POST', body })
      expect([name, await errorOf(twice)]).toEqual([name, '400 invalid_request'])
    }
    const resources = 'resource=http://site-a.localhost:4001&resource=http://site-b.localhost:4002'
    expect((await alice.open(`/authorize?${request}&${resources}`)).status).toBe(303)
  })

  test('F-63 ten thousand parameters are refused', async () => {
    const bomb = Array.from({ length: 10_000 }, (_, n) => `p${n}=1`).join('&')
    const response = await alice.open(`/authorize?${authorizationRequest(provider, 'alder')}&${bomb}`)
    expect(response.status).toBe(400)
  })
})

describe('AZ-6 AZ-7 what is refused at the client, with iss, and state as it came', () => {
  const S256 = { code_challenge_method: 'S256' }
  test.each([
    ['OP-2 no response_type', { response_type: undefined }, 'invalid_request'],
    ['AZ-4 response_type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['AZ-4 response_type id_token', { response_type: 'id_token' }, 'unsupported_response_type'],
    ...['code token', 'id_token token', 'code id_token token', 'none', 'CODE'].map(
      (response_type): [string, Record<string, string>, string] => [
        `AZ-4 response_type ${response_type}`,
        { response_type },
        'unsupported_response_type',
      ],
    ),
    ['AZ-4 response_type code id_token', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['response_mode fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['AZ-5 no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['AZ-5 no method, which means plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['AZ-5 method plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['AZ-5 a challenge that is too short', { ...S256, code_challenge: 'x'.repeat(42) }, 'invalid_request'],
    ['AZ-5 a challenge of other characters', { ...S256, code_challenge: '+'.repeat(43) }, 'invalid_request'],
    ['AZ-18 OP-34 a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['AZ-18 OP-33 a request_uri', { request_uri: 'https://evil.example/r' }, 'request_uri_not_supported'],
    ['AZ-15 X-4 prompt none and login', { prompt: 'none login' }, 'invalid_request'],
    ['an unknown prompt', { prompt: 'create' }, 'invalid_request'],
    ['a max_age that is no number', { max_age: '-1' }, 'invalid_request'],
    ['a nonce that would not come back whole', { nonce: 'n'.repeat(1025) }, 'invalid_request'],
    ['a nonce of control characters', { nonce: '\n' }, 'invalid_request'],
    ['AZ-26 a scope of which nothing is registered', { scope: 'admin' }, 'invalid_scope'],
    ['AZ-26 no scope', { scope: undefined }, 'invalid_scope'],
    ['TK-11 a made-up resource', { resource: 'https://evil.example' }, 'invalid_target'],
  ])('%s', async (_, more, code) => {
    for (const browser of [alice, new Browser(provider)]) {
      const response = await browser.authorize('alder', { state: 'byte for byte &=+%20', ...more })
      expect(response.status).toBe(303)
      const answer = answerIn(response)
      expect(answer.get('error')).toBe(code)
      expect(answer.get('error_description')).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/) // OP-0i
      expect(answer.get('state')).toBe('byte for byte &=+%20') // AZ-7
      expect(answer.get('iss')).toBe(ISSUER) // AZ-6
      expect(answer.has('code')).toBe(false) // OP-0c
    }
  })

  test('PKCE may be left out by a client that is registered so, but not half of it', async () => {
    const without = { code_challenge: undefined, code_challenge_method: undefined }
    expect(answerIn(await alice.authorize('hazel', without)).get('code')).toBeTruthy()
    const half = await alice.authorize('hazel', { code_challenge_method: undefined })
    expect(answerIn(half).get('error')).toBe('invalid_request')
  })
})

describe('a good request', () => {
  test('OP-0b AZ-1 the answer is the registered address, byte for byte, and parameters after it', async () => {
    const location = (await alice.authorize('cedar')).headers.get('location') ?? ''
    const registered = 'https://cedar.example/callback?via=the%20grove&flag'
    expect(location.startsWith(`${registered}&code=`)).toBe(true)
    const added = new URLSearchParams(location.slice(registered.length + 1))
    expect([...added.keys()]).toEqual(['code', 'state', 'iss'])
  })

  test('OP-0c AZ-6 AZ-7 state comes back unchanged, absent when there was none, iss is the issuer, and an error has no code', async () => {
    const state = 'p=1&q="ü" <script>\r\nx: y'
    expect(Object.fromEntries(answerIn(await alice.authorize('alder', { state })))).toMatchObject({
      state,
      iss: ISSUER,
    })
    const failed = answerIn(await alice.authorize('alder', { state, response_type: 'token' }))
    expect([failed.get('state'), failed.get('iss'), failed.has('code')]).toEqual([state, ISSUER, false])
    for (const more of [{}, { response_type: 'token' }])
      expect(answerIn(await alice.authorize('alder', { state: undefined, ...more })).has('state')).toBe(false)
  })

  test('AZ-7 a state is neither logged nor looked into', async () => {
    const before = provider.log.length
    const state = '{{7*7}} <%= 7*7 %> a state that is nobody’s business'
    for (const more of [{}, { scope: 'admin' }, { prompt: 'none', max_age: '0' }, { redirect_uri: 'x' }])
      await alice.authorize('alder', { state, ...more })
    expect(answerIn(await alice.authorize('alder', { state })).get('state')).toBe(state)
    expect(provider.log.length).toBe(before + 5)
    expect(provider.log.slice(before).join('')).not.toMatch(/7\*7|%7B|nobody|business/)
  })

  test.each([
    ['an empty parameter counts as absent', { prompt: '', max_age: '', request: '' }],
    ['a nonce of 384 characters', { nonce: 'n'.repeat(384) }],
  ])('%s', async (_, more) => {
    expect(answerIn(await alice.authorize('alder', more)).get('code')).toBeTruthy()
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'X-2 the name %s is nothing: as a client unknown; as parameter, scope or claim passed over',
    async (name) => {
      expect((await alice.authorize('alder', { client_id: name })).status).toBe(400)
      const body = new URLSearchParams({ client_id: name, grant_type: name })
      const token = await provider.fetch(`${ISSUER}/token`, { method: 'POST', body })
      expect(await errorOf(token)).toBe('401 invalid_client')
      const claims = `{"userinfo":{"${name}":null},"id_token":{"${name}":null},"${name}":{"userinfo":{"name":null}}}`
      const request = authorizationRequest(provider, 'cedar', { scope: `openid ${name}`, claims })
      const response = await alice.open(`/authorize?${request}&${name}=x&${name}[client]=y`)
      const tokens = await (await redeem(provider, 'cedar', codeIn(response))).json()
      expect(tokens.scope).toBe('openid')
      expect(await (await userinfo(provider, tokens.access_token)).text()).toBe('{"sub":"acc_alice"}')
    },
  )

  test('AZ-9 OP-31 POST works as GET does, and there are no CORS headers', async () => {
    const body = authorizationRequest(provider, 'alder')
    const posted = await alice.open('/authorize', { method: 'POST', body })
    expect(posted.status).toBe(303)
    expect(posted.headers.get('location')).toBe(`/authorize?${body}`)
    const response = await alice.open(posted.headers.get('location') ?? '', {
      headers: { origin: 'https://evil.example' },
    })
    expect(answerIn(response).get('code')).toBeTruthy()
    for (const { headers } of [posted, response]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  test('AZ-23 no session or person can be read from the address, and every code is another', async () => {
    const [sessionId = ''] = (alice.cookies.get('__Host-sso') ?? '').split('.')
    const locations = await Promise.all(
      [1, 2].map(async () => (await alice.authorize('alder')).headers.get('location') ?? ''),
    )
    expect(locations[0]).not.toBe(locations[1])
    expect(sessionId).not.toBe('')
    for (const secret of [sessionId, 'acc_alice', 'alice@']) expect(locations.join()).not.toContain(secret)
  })

  test('AZ-12 the redirect is not stored and tells nobody where it came from', async () => {
    const { headers } = await alice.authorize('alder')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })
})
