import { localKeys, memoryReplayStore } from '@grove/jwt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClientRegistry } from '../domain/clients.ts'
import { NO_RATE_LIMITS } from '../domain/rate-limits.ts'
import { hashSecret } from '../domain/secrets.ts'
import {
  askAs,
  Browser,
  CLIENTS,
  codeIn,
  errorOf,
  ISSUER,
  openProvider,
  type Provider,
  secretOf,
} from '../testing/index.ts'
import { ASSERTION_TYPE } from '../testing/keyed-client.ts'
import { authenticateClient } from './client-auth.ts'
import { readParams } from './params.ts'

const basic = (id: string, secret: string) => `Basic ${btoa([id, secret].map(encodeURIComponent).join(':'))}`

describe('authenticateClient', () => {
  const [alder] = CLIENTS
  const odd = { ...alder, id: 'odd', secretHash: hashSecret('100% :+&=ü and more') } as (typeof CLIENTS)[0] // Alder is there
  const context = {
    issuer: ISSUER,
    clients: createClientRegistry([...CLIENTS, odd]),
    clientKeys: () => localKeys({ keys: [] }),
    store: { usedTokens: memoryReplayStore() },
    limits: NO_RATE_LIMITS,
    now: () => new Date(),
  }
  const authenticate = (body: string, authorization?: string) =>
    authenticateClient(context, { params: readParams(body), authorization, address: '' })

  test('CA-4 both halves of Basic are form-decoded, and the scheme is taken in any case', async () => {
    const encoded = new URLSearchParams({ '100% :+&=ü and more': '' }).toString().slice(0, -1)
    expect((await authenticate('', `Basic ${btoa(`odd:${encoded}`)}`)).id).toBe('odd')
    expect((await authenticate('', basic('odd', '100% :+&=ü and more').replace('Basic', 'bAsIc'))).id).toBe(
      'odd',
    )
  })

  test.each([
    ['a wrong secret', '', basic('alder', 'wrong')],
    ['an unknown client', '', basic('nobody', 'secret')],
    ['a prototype name', '', basic('__proto__', 'secret')],
    ['no secret', '', basic('alder', '')],
    ['another scheme', '', 'Bearer abc'],
    ['no colon', '', `Basic ${btoa('alder')}`],
    ['broken escapes', '', `Basic ${btoa('alder:%zz')}`],
    ['two credentials in one header', '', `${basic('alder', secretOf('alder'))}, Basic abc`],
    [
      'CA-2 post where basic is registered',
      `client_id=alder&client_secret=${encodeURIComponent(secretOf('alder'))}`,
      undefined,
    ],
    ['CA-2 basic where post is registered', '', basic('cedar', secretOf('cedar'))],
    ['CA-2 CA-1 no secret where one is registered', 'client_id=alder', undefined],
    ['CA-2 a secret where none is registered', 'client_id=elm&client_secret=x', undefined],
    ['a public client by Basic', '', basic('elm', 'x')],
    ['nothing at all', '', undefined],
    [
      'CA-2 an assertion where none is registered',
      `client_id=elm&client_assertion_type=${encodeURIComponent(ASSERTION_TYPE)}&client_assertion=e30.${btoa('{"sub":"elm"}')}.AA`,
      undefined,
    ],
  ])('%s: invalid_client', async (_, body, authorization) => {
    await expect(authenticate(body, authorization)).rejects.toThrow(
      expect.objectContaining({ code: 'invalid_client', status: 401 }),
    )
  })

  test.each([
    ['CA-2 two methods at once', 'client_id=alder&client_secret=x', basic('alder', secretOf('alder'))],
    ['the id of another client beside the header', 'client_id=birch', basic('alder', secretOf('alder'))],
  ])('%s: invalid_request', async (_, body, authorization) => {
    await expect(authenticate(body, authorization)).rejects.toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    )
  })

  test('its own id beside the header is no second method', async () => {
    expect((await authenticate('client_id=alder', basic('alder', secretOf('alder')))).id).toBe('alder')
  })
})

describe('the token endpoint', () => {
  let provider: Provider
  beforeAll(async () => {
    provider = await openProvider()
  })
  afterAll(() => provider.close())

  const post = (body: BodyInit, headers: Record<string, string> = {}, path = '/token') =>
    provider.fetch(ISSUER + path, { method: 'POST', body, headers })
  const asAlder = { authorization: basic('alder', secretOf('alder')) }

  test('TK-8 invalid_client is 401 JSON, with WWW-Authenticate if the header was used', async () => {
    const header = await post(new URLSearchParams({ grant_type: 'refresh_token' }), {
      authorization: 'Basic eDp5',
    })
    expect(header.headers.get('www-authenticate')).toMatch(/^Basic /)
    expect(header.headers.get('content-type')).toBe('application/json')
    expect(header.headers.get('cache-control')).toBe('no-store')
    expect(await errorOf(header)).toBe('401 invalid_client')
    const inBody = await post(new URLSearchParams({ client_id: 'alder', client_secret: 'x' }))
    expect(inBody.headers.get('www-authenticate')).toBeNull()
    expect(await errorOf(inBody)).toBe('401 invalid_client')
  })

  test('X-7 two methods at once: invalid_request; another than the registered one: 401, with a challenge to whoever used the header', async () => {
    const refused = async (form: Record<string, string>, headers = {}) => {
      const response = await post(new URLSearchParams({ grant_type: 'refresh_token', ...form }), headers)
      return [await errorOf(response), response.headers.get('www-authenticate')]
    }
    const inForm = (id: string) => ({ client_id: id, client_secret: secretOf(id) })
    const assertion = { client_assertion_type: ASSERTION_TYPE, client_assertion: 'e30.e30.AA' }
    const twice = ['400 invalid_request', null]
    expect(await refused(inForm('alder'), asAlder)).toEqual(twice)
    expect(await refused(assertion, asAlder)).toEqual(twice)
    expect(await refused({ ...inForm('cedar'), ...assertion })).toEqual(twice)
    const asCedar = { authorization: basic('cedar', secretOf('cedar')) }
    expect(await refused({}, asCedar)).toEqual(['401 invalid_client', 'Basic realm="grove"'])
    expect(await refused(inForm('alder'))).toEqual(['401 invalid_client', null])
    expect(await refused({}, asAlder)).toEqual(twice) // the client is right, and there is no refresh_token
  })

  test('TK-8 every answer, good or bad, is JSON that nobody stores; what is wrong with the request is 400', async () => {
    const { refresh_token } = await new Browser(provider).tokens('alder')
    const form = (fields: Record<string, string>) => new URLSearchParams(fields)
    const refreshing = { grant_type: 'refresh_token', refresh_token }
    const answers: [Promise<Response>, string][] = [
      [post(form(refreshing), asAlder), '200 undefined'],
      [post(form({ ...refreshing, refresh_token: 'x' }), asAlder), '400 invalid_grant'],
      [post(form({ ...refreshing, scope: 'admin' }), asAlder), '400 invalid_scope'],
      [post(form({ ...refreshing, resource: 'https://evil.example' }), asAlder), '400 invalid_target'],
      [post(form({ grant_type: 'refresh_token' }), asAlder), '400 invalid_request'],
      [post(form({ grant_type: 'password' }), asAlder), '400 unsupported_grant_type'],
      [post(form({ grant_type: 'client_credentials' }), asAlder), '400 unauthorized_client'],
      [post('{}', { ...asAlder, 'content-type': 'application/json' }), '400 invalid_request'],
      [post(form({ grant_type: 'refresh_token' })), '401 invalid_client'],
      [provider.fetch(`${ISSUER}/token`), '405 invalid_request'],
      [post(`a=${'x'.repeat(20_000)}`, { 'content-length': '20002' }), '413 invalid_request'],
    ]
    for (const [asked, expected] of answers) {
      const { headers, ...answer } = await asked.then(async (response) => ({
        headers: response.headers,
        error: await errorOf(response),
      }))
      expect([answer.error, headers.get('content-type'), headers.get('cache-control')]).toEqual([
        expected,
        'application/json',
        'no-store',
      ])
      expect(headers.get('www-authenticate')).toBeNull()
    }
  })

  test('TK-14 what was wrong is not told apart: the client or its secret, a token that is not there or is another’s', async () => {
    const said = async (asked: Promise<Response>) => {
      const response = await asked
      return [response.status, await response.text(), response.headers.get('www-authenticate')]
    }
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' })
    const as = (authorization: string) => said(post(body, { authorization }))
    const wrong = await as(basic('alder', 'wrong'))
    expect(wrong[0]).toBe(401)
    expect(await as(basic('nobody', 'wrong'))).toEqual(wrong)
    expect(await as(basic('juniper', 'wrong'))).toEqual(wrong) // registered otherwise

    const browser = new Browser(provider)
    const { refresh_token } = await browser.tokens('birch')
    const code = codeIn(await browser.authorize('birch'))
    for (const [grant_type, name, theirs] of [
      ['refresh_token', 'refresh_token', refresh_token],
      ['authorization_code', 'code', code],
    ] as const) {
      const unknown = await said(askAs(provider, 'alder', '/token', { grant_type, [name]: 'x' }))
      expect(unknown[0]).toBe(400)
      expect(await said(askAs(provider, 'alder', '/token', { grant_type, [name]: theirs }))).toEqual(unknown)
    }
  })

  test('AZ-27 CA-1 a header that says what a proxy has checked proves no client', async () => {
    const forged = {
      'x-forwarded-client-cert': 'By=spiffe://grove;Subject="CN=alder"',
      'x-ssl-client-verify': 'SUCCESS',
      'x-ssl-client-s-dn': 'CN=alder',
      'ssl-client-cert': 'alder',
      'x-client-id': 'alder',
      'x-forwarded-user': 'alder',
    }
    const body = new URLSearchParams({ client_id: 'alder', grant_type: 'refresh_token', refresh_token: 'x' })
    expect(await errorOf(await post(body, forged))).toBe('401 invalid_client')
  })

  test.each([
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded2',
  ])('TK-7 X-3 %s is never read', async (type) => {
    const form = 'grant_type=refresh_token&refresh_token=x'
    const body = type === 'application/json' ? '{"grant_type":"refresh_token"}' : form
    expect(await errorOf(await post(body, { ...asAlder, 'content-type': type }))).toBe('400 invalid_request')
  })

  test('TK-7 only POST, and parameters of the query do not count', async () => {
    const query = '/token?grant_type=refresh_token&refresh_token=x'
    expect((await provider.fetch(ISSUER + query, { headers: asAlder })).status).toBe(405)
    expect(await errorOf(await post(new URLSearchParams(), asAlder, query))).toBe('400 invalid_request')
  })

  test('TK-7 a repeated parameter: invalid_request', async () => {
    const body = 'grant_type=refresh_token&refresh_token=a&refresh_token=b'
    const type = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
    expect(await errorOf(await post(body, { ...asAlder, ...type }))).toBe('400 invalid_request')
  })

  test.each(['password', 'implicit', '__proto__', 'constructor'])(
    'TK-9 the grant %s: unsupported_grant_type',
    async (grant_type) => {
      expect(await errorOf(await askAs(provider, 'alder', '/token', { grant_type }))).toBe(
        '400 unsupported_grant_type',
      )
    },
  )

  test('no grant_type: invalid_request', async () => {
    expect(await errorOf(await askAs(provider, 'alder', '/token', {}))).toBe('400 invalid_request')
  })
})
