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
  errorOnPage,
  ISSUER,
  openProvider,
  redeem,
} from '../testing/index.ts'
import { KeyedClient } from '../testing/keyed-client.ts'

const provider = await openProvider()
const juniper = await KeyedClient.of(provider)
const alice = new Browser(provider)
await alice.login('alder')
afterAll(() => provider.close())

const noProof = { key: null }
const addressOf = (client_id: string, request_uri: string) =>
  `/authorize?${new URLSearchParams({ client_id, request_uri })}`

/** Pushes as a client with a secret, which is not obliged to. */
async function pushAs(clientId: string, more = {}): Promise<string> {
  const fields = Object.fromEntries(authorizationRequest(provider, clientId, more))
  return (await (await askAs(provider, clientId, '/par', fields)).json()).request_uri
}

async function pageError(response: Response): Promise<string> {
  expect(response.headers.get('location')).toBeNull()
  return `${response.status} ${errorOnPage(await response.text())}`
}

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
    ['FA-18 no redirect_uri', { redirect_uri: undefined }, 'invalid_request'],
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
      const response = await alice.open(addressOf(clientId, await pushAs(clientId)))
      expect((await redeem(provider, clientId, codeIn(response))).status).toBe(200)
    }
  })

  test('the secret of a client is not carried through the browser, not even sealed', async () => {
    const { pushedRequests, now } = provider.auth
    const pushed = await pushedRequests.open(await pushAs('cedar'), now())
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

  test('PR-4 FA-1 FA-19 who is obliged to push is refused without: a page, and nothing is sent to the client', async () => {
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

describe('FA-43 at the authorization endpoint client_id and request_uri suffice', () => {
  test('FA-2 FA-4 FA-5 a code for who is logged in, with state and iss as pushed', async () => {
    const answer = answerIn(await alice.open(await juniper.address({ state: 'byte &=+%20' })))
    expect([answer.get('state'), answer.get('iss')]).toEqual(['byte &=+%20', ISSUER])
    expect((await juniper.redeem(answer.get('code') ?? '')).status).toBe(200)
    const bare = answerIn(await alice.open(await juniper.address({ state: undefined, nonce: undefined })))
    expect([...bare.keys()]).toEqual(['code', 'iss'])
  })

  test('FA-7 a nonce and a state of 384 characters come back whole', async () => {
    const [state, nonce] = ['s'.repeat(384), 'n'.repeat(384)]
    const answer = answerIn(await alice.open(await juniper.address({ state, nonce })))
    expect(answer.get('state')).toBe(state)
    const tokens = await (await juniper.redeem(answer.get('code') ?? '')).json()
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString())
    expect(claims.nonce).toBe(nonce)
  })

  test('PR-3 nothing that the browser adds counts', async () => {
    const address = await juniper.address({ state: 'pushed', scope: 'openid' })
    const more = new URLSearchParams({
      redirect_uri: 'https://evil.example/',
      state: 'browser',
      scope: 'openid email',
      nonce: 'browser',
      response_type: 'token',
      response_mode: 'form_post',
      code_challenge: 'x'.repeat(43),
      prompt: 'login',
      dpop_jkt: 'x'.repeat(43),
      claims: '{"userinfo":{"email":null}}',
    })
    const response = await alice.open(`${address}&${more}`)
    expect(response.headers.get('location')).toMatch(/^https:\/\/juniper\.example\/sso\/callback\?code=/)
    expect(answerIn(response).get('state')).toBe('pushed')
    const tokens = await (await juniper.redeem(codeIn(response))).json()
    expect(tokens.scope).toBe('openid')
    expect(Object.keys(await (await juniper.userinfo(tokens.access_token)).json())).toEqual(['sub'])
  })

  test('AZ-9 OP-31 it may be posted', async () => {
    const [path = '', query = ''] = (await juniper.address()).split('?')
    const posted = await alice.open(path, { method: 'POST', body: new URLSearchParams(query) })
    expect(answerIn(await alice.open(posted.headers.get('location') ?? '')).get('code')).toBeTruthy()
  })

  test('FA-3 who goes back: access_denied with state and iss', async () => {
    const browser = new Browser(provider)
    const page = await (await browser.open(await juniper.address())).text()
    const answer = answerIn(await browser.submit(page, credentials('alice', 'cancel')))
    expect([answer.get('error'), answer.get('state'), answer.get('iss')]).toEqual([
      'access_denied',
      'a state',
      ISSUER,
    ])
  })
})

describe('PR-2 an address', () => {
  test.each<[string, (address: string) => string | Promise<string>]>([
    ['FA-38 of another client', (uri) => addressOf('alder', uri)],
    [
      'FA-38 of another client that pushed too',
      async (uri) => (await pushAs('elm')) && addressOf('elm', uri),
    ],
    ['without client_id', (uri) => `/authorize?${new URLSearchParams({ request_uri: uri })}`],
    [
      'that was changed',
      (uri) => addressOf('juniper', `${uri.slice(0, -1)}${uri.endsWith('A') ? 'B' : 'A'}`),
    ],
    ['that is made up', () => addressOf('juniper', 'urn:ietf:params:oauth:request_uri:x')],
    [
      'that is a code of ours',
      async () =>
        addressOf('juniper', `urn:ietf:params:oauth:request_uri:${codeIn(await alice.authorize('alder'))}`),
    ],
  ])('%s: a page, and nothing is sent to the client', async (_, make) => {
    const { request_uri } = await (await juniper.push()).json()
    for (const browser of [alice, new Browser(provider)])
      expect(await pageError(await browser.open(await make(request_uri)))).toBe('400 invalid_request_uri')
    expect((await alice.open(addressOf('juniper', request_uri))).status).toBe(303) // it is good still
  })

  test('OP-33 AZ-18 request_uri of elsewhere is not supported, and never fetched', async () => {
    const before = juniper.fetches
    const elsewhere = { request_uri: 'https://juniper.example/request' }
    expect(answerIn(await alice.authorize('alder', elsewhere)).get('error')).toBe('request_uri_not_supported')
    expect(juniper.fetches).toBe(before)
  })

  test('FA-37 after its minute: a page', async () => {
    const [first, second] = [await juniper.address(), await juniper.address()]
    provider.pass(59)
    expect((await alice.open(first)).status).toBe(303)
    provider.pass(1)
    expect(await pageError(await alice.open(second))).toBe('400 invalid_request_uri')
  })

  test('FA-36 works once, of fifty browsers too', async () => {
    const address = await juniper.address()
    const answers = await Promise.all(Array.from({ length: 50 }, () => alice.open(address)))
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 303))
      expect(await pageError(answer)).toBe('400 invalid_request_uri')
  })

  test('PR-2 an error that is sent to the client does not use it up, a code does', async () => {
    const address = await juniper.address({ prompt: 'none' })
    expect(answerIn(await new Browser(provider).open(address)).get('error')).toBe('login_required')
    expect(answerIn(await alice.open(address)).get('code')).toBeTruthy()
    expect(await pageError(await alice.open(address))).toBe('400 invalid_request_uri')
  })

  test('works with every process of the server', async () => {
    const another = await provider.another()
    const address = await juniper.address()
    const elsewhere = new Browser(another)
    elsewhere.cookies.set('__Host-sso', alice.cookies.get('__Host-sso') ?? '')
    expect((await elsewhere.open(address)).status).toBe(303)
    expect(await pageError(await alice.open(address))).toBe('400 invalid_request_uri')
  })
})

describe('a person at the login page', () => {
  const arrive = async (browser: Browser, address: string) => (await browser.open(address)).text()

  test('FA-35 may load it again, in another tab too, and logs in at any of them, once', async () => {
    const browser = new Browser(provider)
    const address = await juniper.address()
    const pages = [
      await arrive(browser, address),
      await arrive(browser, address),
      await arrive(browser, address),
    ]
    const response = await browser.submit(pages[1] ?? '', credentials('alice'))
    expect((await juniper.redeem(codeIn(response))).status).toBe(200)
    const late = await browser.submit(pages[0] ?? '', credentials('alice'))
    expect(await pageError(late)).toBe('400 invalid_request_uri')
    expect(await pageError(await browser.open(address))).toBe('400 invalid_request_uri')
  })

  test('has twenty minutes, and mistakes on the way do not matter', async () => {
    const browser = new Browser(provider)
    let page = await arrive(browser, await juniper.address())
    provider.pass(600)
    page = await (await browser.submit(page, { ...credentials('alice'), password: 'wrong' })).text()
    provider.pass(600)
    const response = await browser.submit(page, credentials('alice'))
    expect((await juniper.redeem(codeIn(response))).status).toBe(200)
  })

  test('has half an hour in all, however often the form is sent: then what was used stays used', async () => {
    const browser = new Browser(provider)
    let page = await arrive(browser, await juniper.address())
    for (let minutes = 0; minutes < 29; minutes += 14.5) {
      provider.pass(14.5 * 60)
      const response = await browser.submit(page, { ...credentials('alice'), password: 'wrong' })
      expect(response.status).toBe(422)
      page = await response.text()
    }
    provider.pass(61)
    expect(await pageError(await browser.submit(page, credentials('alice')))).toBe('400 invalid_request_uri')
  })

  test('may open the address of the form by itself', async () => {
    const browser = new Browser(provider)
    const page = await arrive(browser, await juniper.address())
    provider.pass(120)
    const action = /action="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const location = (await browser.open(action)).headers.get('location') ?? ''
    const again = await (await browser.open(location)).text()
    expect(codeIn(await browser.submit(again, credentials('alice')))).not.toBe('no code')
  })

  test('finds nothing of the request in the page but its address', async () => {
    const page = await arrive(
      new Browser(provider),
      await juniper.address({ state: 'unheard-of', nonce: 'unheard-of' }),
    )
    expect(page).not.toContain('unheard-of')
    expect(page).toContain('request_uri=urn')
  })
})

describe('FA-16 PO-6 the key of a proof at PAR', () => {
  test('FA-13 dpop_jkt of another key: invalid_dpop_proof; of the same key: taken', async () => {
    const other = await createDpopKey()
    expect(await errorOf(await juniper.push({ dpop_jkt: other.jkt }))).toBe('400 invalid_dpop_proof')
    expect((await juniper.push({ dpop_jkt: juniper.key.jkt })).status).toBe(201)
  })

  test.each<[string, (jkt: string) => Record<string, string>, object]>([
    ['FA-14 a proof', () => ({}), {}],
    ['FA-15 dpop_jkt alone', (dpop_jkt) => ({ dpop_jkt }), noProof],
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

  test('PO-6 dpop_jkt in a plain request binds the code too', async () => {
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

  test.each([-10, 10])('FA-12 a clock %i s apart is tolerated', async (seconds) => {
    const iat = Math.floor(provider.auth.now().getTime() / 1000) + seconds
    expect((await juniper.push({}, { proof: { claims: { iat } } })).status).toBe(201)
  })
})
