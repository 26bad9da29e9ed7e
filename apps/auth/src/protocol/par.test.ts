import { createDpopKey } from '@grove/jwt/testing'
import { afterAll, describe, expect, test } from 'vitest'
import {
  answerIn,
  askAs,
  authorizationRequest,
  Browser,
  codeIn,
  credentials,
  errorOf,
  ISSUER,
  pageError,
  redeem,
} from '../testing/index.ts'
import { openWithKeys, pushAs, pushedAddress } from '../testing/keyed-client.ts'

const { provider, juniper, alice } = await openWithKeys()
afterAll(() => provider.close())

const noProof = { key: null }

describe('PR-1 the endpoint', () => {
  test('answers 201 with an address that is ours alone to read, good for a minute, and never stored', async () => {
    const response = await juniper.push()
    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { request_uri, expires_in, ...rest } = await response.json()
    expect([expires_in, rest]).toEqual([60, {}])
    expect(request_uri).toMatch(/^urn:ietf:params:oauth:request_uri:[\w.-]{100,}$/)
    const another = await (await juniper.push()).json()
    expect(another.request_uri).not.toBe(request_uri)
  })

  test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('FA-40 %s: 405', async (method) => {
    const response = await provider.fetch(`${ISSUER}/par`, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    expect(response.headers.get('content-type')).toBe('application/json')
  })

  test.each<[string, Record<string, string | undefined>, string]>([
    ['FA-17 an unregistered redirect_uri', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['FA-20 response_type code id_token', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['FA-20 response_type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['FA-41 no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['FA-41 PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a dpop_jkt that is no thumbprint', { dpop_jkt: 'x' }, 'invalid_request'],
    ['an unknown scope', { scope: 'admin' }, 'invalid_scope'],
    ['a resource that is not its own', { resource: 'https://evil.example' }, 'invalid_target'],
    ['a nonce of 1,025 characters', { nonce: 'n'.repeat(1025) }, 'invalid_request'],
    ['claims that are no JSON', { claims: '{' }, 'invalid_request'],
    ['prompt none login', { prompt: 'none login' }, 'invalid_request'],
    ['OP-34 a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['FA-39 a request_uri of elsewhere', { request_uri: 'https://evil.example/r' }, 'invalid_request'],
    [
      'FA-39 a request_uri of ours',
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      'invalid_request',
    ],
  ])('PR-3 %s: refused here already, with nothing left behind', async (_, more, code) => {
    const response = await juniper.push(more)
    expect(response.headers.get('location')).toBeNull()
    const body = await response.json()
    expect([response.status, body.error]).toEqual([400, code])
    expect(Object.keys(body)).toEqual(['error', 'error_description'])
  })

  test('FA-18 no redirect_uri is guessed, of one or of several', async () => {
    for (const clientId of ['juniper', 'cedar']) {
      const fields = Object.fromEntries(authorizationRequest(provider, clientId, { redirect_uri: undefined }))
      const own = { ...fields, client_id: undefined }
      const response =
        clientId === 'juniper'
          ? await juniper.post('/par', own)
          : await askAs(provider, clientId, '/par', fields)
      expect([clientId, await errorOf(response)]).toEqual([clientId, '400 invalid_request'])
    }
    expect(provider.auth.clients.find('cedar')?.redirectUris).toHaveLength(2)
  })

  test('FA-39 a request_uri that was just pushed is not pushed again', async () => {
    const { request_uri } = await (await juniper.push()).json()
    expect(await errorOf(await juniper.push({ request_uri }))).toBe('400 invalid_request')
  })

  test('CA-1 a client that does not prove itself: invalid_client', async () => {
    const fields = Object.fromEntries(authorizationRequest(provider, 'alder'))
    const unproved = await provider.fetch(`${ISSUER}/par`, {
      method: 'POST',
      body: new URLSearchParams(fields),
    })
    expect(await errorOf(unproved)).toBe('401 invalid_client')
    expect(await errorOf(await juniper.push({ client_assertion: 'x' }))).toBe('400 invalid_request')
    expect(await errorOf(await juniper.push({ client_id: 'alder' }))).toBe('401 invalid_client')
  })

  test('is for every client, also for a public one and for one that is not obliged to', async () => {
    for (const clientId of ['alder', 'cedar', 'elm', 'hazel']) {
      const response = await alice.open(pushedAddress(clientId, await pushAs(provider, clientId)))
      expect((await redeem(provider, clientId, codeIn(response))).status).toBe(200)
    }
  })

  test('the secret of a client is not carried through the browser, not even sealed', async () => {
    const { pushedRequests, now } = provider.auth
    const pushed = await pushedRequests.open(await pushAs(provider, 'cedar'), now())
    expect(new URLSearchParams(pushed?.query).get('nonce')).toBe('a nonce')
    const { request_uri } = await (await juniper.push()).json()
    for (const request of [pushed, await pushedRequests.open(request_uri, now())])
      expect(JSON.stringify(request)).not.toMatch(/client_secret|client_assertion/)
  })

  test('the longest request that is taken passes through the browser; a longer one: 413', async () => {
    const queryOf = (state: string) => authorizationRequest(provider, 'juniper', { state }).toString().length
    const state = 'x'.repeat(2_600 - queryOf(''))
    const browser = new Browser(provider)
    const page = await (await browser.open(await juniper.address({ state }))).text()
    expect(answerIn(await browser.submit(page, credentials('alice'))).get('state')).toBe(state)
    expect(await errorOf(await juniper.push({ state: `${state}x` }))).toBe('413 invalid_request')
    expect(await errorOf(await juniper.push({ state: 'x'.repeat(4_000), claims: '{}' }))).toBe(
      '413 invalid_request',
    )
  })

  test('PR-4 FA-19 who is obliged to push is refused without: a page, and nothing is sent to the client', async () => {
    expect(await pageError(await alice.authorize('juniper'))).toBe('400 invalid_request')
    const elsewhere = { request_uri: 'https://juniper.example/request' }
    expect(await pageError(await alice.authorize('juniper', elsewhere))).toBe('400 invalid_request')
    const response = await provider.fetch(`${ISSUER}/.well-known/openid-configuration`)
    expect(await response.json()).toMatchObject({
      pushed_authorization_request_endpoint: `${ISSUER}/par`,
      require_pushed_authorization_requests: false, // of all clients; each may be registered so
    })
  })
})

describe('PO-6 the key of a proof at PAR', () => {
  test('FA-13 dpop_jkt of another key: invalid_dpop_proof; of the same key: taken', async () => {
    const other = await createDpopKey()
    expect(await errorOf(await juniper.push({ dpop_jkt: other.jkt }))).toBe('400 invalid_dpop_proof')
    expect((await juniper.push({ dpop_jkt: juniper.key.jkt })).status).toBe(201)
  })

  test.each<[string, (jkt: string) => Record<string, string>, object]>([
    ['FA-14 FA-16 a proof', () => ({}), {}],
    ['FA-15 FA-16 dpop_jkt alone', (dpop_jkt) => ({ dpop_jkt }), noProof],
    ['both', (dpop_jkt) => ({ dpop_jkt }), {}],
  ])('%s binds the code to that key', async (_, more, options) => {
    const key = await createDpopKey()
    const [good, bad] = [
      await juniper.code(alice, more(juniper.key.jkt), options),
      await juniper.code(alice, more(juniper.key.jkt), options),
    ]
    expect(await errorOf(await juniper.redeem(bad, {}, { key }))).toBe('400 invalid_grant')
    expect((await juniper.redeem(bad)).status).toBe(200) // it was not spent by that
    expect((await juniper.redeem(good)).status).toBe(200)
  })

  test('without either any key of the client will do', async () => {
    const code = await juniper.code(alice, {}, noProof)
    expect((await juniper.redeem(code, {}, { key: await createDpopKey() })).status).toBe(200)
  })

  test('PO-6 AZ-19 dpop_jkt in a plain request binds the code too', async () => {
    const code = codeIn(await alice.authorize('elm', { dpop_jkt: juniper.key.jkt }))
    expect(await errorOf(await redeem(provider, 'elm', code))).toBe('400 invalid_grant')
  })

  test.each([
    ['for another endpoint', { claims: { htu: `${ISSUER}/token` } }],
    ['of an hour ago', { claims: { iat: 1_700_000_000 } }],
    ['that is none', { header: { typ: 'JWT' } }],
  ])('PO-1 a proof %s: invalid_dpop_proof, and nothing is pushed', async (_, proof) => {
    expect(await errorOf(await juniper.push({}, { proof }))).toBe('400 invalid_dpop_proof')
  })

  test.each([-10, 10])('a clock %i s apart is tolerated', async (seconds) => {
    const iat = Math.floor(provider.auth.now().getTime() / 1000) + seconds
    expect((await juniper.push({}, { proof: { claims: { iat } } })).status).toBe(201)
  })
})
