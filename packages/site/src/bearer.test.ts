import { AccessToken, generateKey, importPrivateKey, issue } from '@grove/jwt'
import corpus from '@grove/jwt/corpus' with { type: 'json' }
import { describe, expect, test } from 'vitest'
import { createSite } from './site.ts'
import { createWorld, ISSUER, SITE_URL, type World } from './testing/fixtures.ts'
import { forgetSites } from './testing/index.ts'

const api = (headers: Record<string, string> = {}, path = '/api/me') =>
  new Request(`http://localhost:3000${path}`, { headers })
const withToken = (token: string) => api({ authorization: `Bearer ${token}` })

async function refusal(world: World, request: Request, need = {}): Promise<Response> {
  const authorized = await world.site.bearer(request, need)
  if (!('response' in authorized)) throw new Error('expected a refusal')
  expect(authorized.response.headers.get('cache-control')).toBe('no-store')
  expect(authorized.response.headers.get('vary')).toBe('cookie, authorization')
  return authorized.response
}

describe('Authorization: Bearer', () => {
  test('a token of another client that is meant for this site opens it', async () => {
    const world = await createWorld()
    const aud = [SITE_URL, 'http://site-b.localhost:4002']
    const token = await world.issuer.accessToken(world.options, {
      client_id: 'third',
      aud,
      sub: 'bob',
      scope: 'openid notes',
    })
    const authorized = await world.site.bearer(withToken(token), { scope: 'notes' })
    expect(authorized).toMatchObject({
      session: { user: { id: 'bob' }, clientId: 'third', scope: ['openid', 'notes'] },
    })
    if ('session' in authorized) expect(authorized.session.accessToken()).toBe(token)
  })

  test.each(['bearer', 'BEARER', 'Bearer '])('AT-9: the scheme %j in any case, one token', async (scheme) => {
    const world = await createWorld()
    const token = await world.issuer.accessToken(world.options)
    expect(await world.site.bearer(api({ authorization: `${scheme} ${token}` }))).toHaveProperty('session')
  })

  test.each([
    ['no header', {}],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['a scheme that only begins alike', { authorization: 'Bearers abc' }],
  ])('AT-7: %s: 401 without an error code', async (_, headers) => {
    const world = await createWorld()
    const response = await refusal(world, api(headers))
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(`Bearer realm="${SITE_URL}"`)
    expect(await response.json()).toEqual({
      error: 'unauthorized',
      error_description: 'sign in, or send an access token',
    })
  })

  test.each([
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a, Bearer b',
    'Bearer a,b',
    'Bearer "a"',
    'Bearer ä',
  ])('AT-9: %j: 400 invalid_request', async (authorization) => {
    const world = await createWorld()
    const response = await refusal(world, api({ authorization }))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: 'invalid_request' })
  })

  test('AT-9: two headers are 400', async () => {
    const world = await createWorld()
    const token = await world.issuer.accessToken(world.options)
    const headers = new Headers([
      ['authorization', `Bearer ${token}`],
      ['authorization', `Bearer ${token}`],
    ])
    expect((await refusal(world, new Request('http://localhost:3000/api/me', { headers }))).status).toBe(400)
  })

  test.each(corpus.headers.map((one) => [one.name, one] as const))('JA-21: %s', async (_, one) => {
    const { authorization, status } = one
    // This guard knows the scheme: a token without a key is refused for what it is (RFC 9449 §7.2).
    const error = one.name === 'DPoP' ? 'invalid_token' : one.error
    const world = await createWorld()
    const token = await world.issuer.accessToken(world.options)
    const values = authorization.map((value) => value.replaceAll('<token>', token))
    const headers = new Headers(values.map((value) => ['authorization', value]))
    const request = new Request('http://localhost:3000/api/me', { headers })
    if (status === undefined) {
      const authorized = await world.site.bearer(request)
      expect('session' in authorized && authorized.session.accessToken()).toBe(token)
      return
    }
    const response = await refusal(world, request)
    expect(response.status).toBe(status)
    const answer = await response.text()
    expect(JSON.parse(answer).error).toBe(error ?? 'unauthorized')
    const challenge = response.headers.get('www-authenticate') ?? ''
    expect(challenge).toMatch(error ? `error="${error}"` : /^Bearer realm="[^"]+"$/)
    expect(answer + challenge).not.toContain(token)
  })

  test.each([true, false])(
    'AT-8: a token in the address is refused (with a header: %s)',
    async (hasHeader) => {
      const world = await createWorld()
      const token = await world.issuer.accessToken(world.options)
      const headers: Record<string, string> = hasHeader ? { authorization: `Bearer ${token}` } : {}
      const response = await refusal(world, api(headers, `/api/me?access_token=${token}`))
      expect(response.status).toBe(400)
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_request"')
      expect(await response.text()).not.toContain(token)
    },
  )

  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  test.each<[string, RegExp, (world: World) => Promise<string>]>([
    [
      'changed',
      /signature/,
      async (world) => {
        const [header, claims = '', signature] = (await world.issuer.accessToken(world.options)).split('.')
        return `${header}.${part({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), sub: 'root' })}.${signature}`
      },
    ],
    [
      'expired',
      /ended at/,
      async (world) => {
        const token = await world.issuer.accessToken(world.options)
        world.clock.forward(400)
        return token
      },
    ],
    [
      'for another site (AT-13)',
      /not meant for/,
      (world) => world.issuer.accessToken(world.options, { aud: ['http://other.localhost'] }),
    ],
    [
      'of another issuer',
      /another issuer/,
      (world) => world.issuer.accessToken(world.options, { iss: 'http://evil.localhost:4000' }),
    ],
    [
      'alg none',
      /./,
      async (world) => {
        const [, claims] = (await world.issuer.accessToken(world.options)).split('.')
        return `${part({ alg: 'none', typ: 'at+jwt' })}.${claims}.`
      },
    ],
    [
      'ID-9: an ID token',
      /type/,
      (world) => world.issuer.idToken(world.options, { sub: 'alice', ...{ aud: SITE_URL } }),
    ],
    [
      'BC-6: a logout token',
      /type/,
      (world) => world.issuer.logoutToken({ ...world.options, clientId: SITE_URL }, { sid: 's' }),
    ],
    [
      'signed by somebody else',
      /key/,
      async (world) => {
        const { privateJwk } = await generateKey('ES256')
        const claims = { iss: ISSUER, sub: 'alice', aud: SITE_URL, client_id: 'x', jti: 'j' }
        return await issue(AccessToken, claims, {
          key: await importPrivateKey(privateJwk, 'ES256'),
          lifetimeSeconds: 300,
          now: world.clock.now,
        })
      },
    ],
    ['not a token at all', /three parts/, async () => 'abc'],
  ])('AT-4: %s: 401 invalid_token, and a sentence that says why', async (_, why, make) => {
    const world = await createWorld()
    const response = await refusal(world, withToken(await make(world)))
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="[^"]+", error="invalid_token", error_description="[^"]+"$/,
    )
    const body = await response.json()
    expect(body.error).toBe('invalid_token')
    expect(body.error_description).toMatch(why)
  })

  test('AT-7: 403 insufficient_scope names the scope', async () => {
    const world = await createWorld()
    const token = await world.issuer.accessToken(world.options, { scope: 'openid' })
    const response = await refusal(world, withToken(token), { scope: 'notes' })
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*, scope="notes"$/)
  })

  describe('SU-1: a login too long ago is 401 insufficient_user_authentication, and how old it may be', () => {
    const since = (world: World, seconds: number) => Math.floor(world.clock.now.getTime() / 1000) - seconds
    const challenge =
      /^Bearer realm="[^"]+", error="insufficient_user_authentication", error_description="[^"]+", max_age="300"$/

    test.each<[string, (world: World) => object]>([
      ['a second too old', (world) => ({ auth_time: since(world, 301) })],
      ['of hours ago', (world) => ({ auth_time: since(world, 7_200) })],
      ['of a client by itself, which never logged in', () => ({ sub: 'larch', auth_time: undefined })],
    ])('a token %s', async (_, about) => {
      const world = await createWorld()
      const token = await world.issuer.accessToken(world.options, about(world))
      const response = await refusal(world, withToken(token), { maxAge: 300 })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toMatch(challenge)
      expect((await response.json()).error).toBe('insufficient_user_authentication')
      expect('session' in (await world.site.bearer(withToken(token)))).toBe(true) // elsewhere it is good
    })

    test('a token of a login that is young enough opens it', async () => {
      const world = await createWorld()
      const token = await world.issuer.accessToken(world.options, { auth_time: since(world, 299) })
      expect('session' in (await world.site.bearer(withToken(token), { maxAge: 300 }))).toBe(true)
    })

    test('a session knows when its login was, also where the access token does not say', async () => {
      const world = await createWorld()
      const browser = world.browser()
      await browser.signIn(world, { access: { auth_time: undefined } })
      expect('session' in (await world.site.api(browser.request('/api'), { maxAge: 300 }))).toBe(true)
      expect('session' in (await world.site.api(browser.request('/api'), { maxAge: 5 }))).toBe(false)
    })

    test('a cookie is asked the same', async () => {
      const world = await createWorld()
      const browser = world.browser()
      await browser.signIn(world)
      const ask = () => world.site.api(browser.request('/api/me'), { maxAge: 300 })
      expect('session' in (await ask())).toBe(true)
      world.clock.forward(289) // it was twelve seconds old
      const asked = await ask()
      if (!('response' in asked)) throw new Error('expected a refusal')
      expect(asked.response.status).toBe(401)
      expect(asked.response.headers.get('www-authenticate')).toMatch(challenge)
    })
  })

  test('a revoked token is 401, by its bit and by a push', async () => {
    const world = await createWorld()
    const status = { status_list: { idx: 3, uri: `${ISSUER}/status/0` } }
    const revoked = await world.issuer.accessToken(world.options, { status })
    world.issuer.revoke(3)
    expect(await (await refusal(world, withToken(revoked))).json()).toMatchObject({
      error_description: 'the token was revoked',
    })
    const pushed = await world.issuer.accessToken(world.options, { sid: 'gone' })
    const logout_token = await world.issuer.logoutToken(world.options, { sid: 'gone' })
    await world.browser().post('/sso/backchannel-logout', { logout_token })
    expect((await refusal(world, withToken(pushed))).status).toBe(401)
  })

  test('a status list elsewhere is never fetched', async () => {
    const world = await createWorld()
    const status = { status_list: { idx: 3, uri: 'http://127.0.0.1:1/status' } }
    expect(
      (await refusal(world, withToken(await world.issuer.accessToken(world.options, { status })))).status,
    ).toBe(401)
    expect(world.asked('/status')).toBe(0)
  })

  test('F-52: keys cannot be had: 503 with Retry-After, for the token may be good', async () => {
    const world = await createWorld()
    const token = await world.issuer.accessToken(world.options)
    world.setAway(true)
    const response = await refusal(world, withToken(token))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
  })

  test('the status list cannot be had: 503, for a bearer token fails closed', async () => {
    const world = await createWorld()
    world.issuer.answer('/status/0', () => new Response(null, { status: 500 }))
    forgetSites()
    const site = createSite(world.options)
    const authorized = await site.bearer(withToken(await world.issuer.accessToken(world.options)))
    expect('response' in authorized && authorized.response.status).toBe(503)
  })
})

describe('an API that takes a cookie or a token', () => {
  async function signedIn() {
    const world = await createWorld()
    const browser = world.browser()
    await browser.signIn(world)
    const call = async (init: RequestInit = {}, need = {}) =>
      await world.site.api(browser.request('/api/me', init), need)
    return { world, browser, call }
  }
  const status = (authorized: object) =>
    'response' in authorized ? (authorized.response as Response).status : 200

  test('the cookie is enough to read', async () => {
    const { call } = await signedIn()
    expect(await call()).toMatchObject({ session: { user: { name: 'Alice Liddell' } } })
  })

  test('a bad token is not covered up by a good cookie', async () => {
    const { call } = await signedIn()
    expect(status(await call({ headers: { authorization: 'Bearer abc' } }))).toBe(401)
  })

  test.each([
    ['POST', { origin: SITE_URL }, 200],
    ['POST', { 'sec-fetch-site': 'same-origin' }, 200],
    ['POST', {}, 403],
    ['POST', { 'sec-fetch-site': 'cross-site' }, 403],
    ['DELETE', { origin: 'http://evil.localhost' }, 403],
    ['GET', { 'sec-fetch-site': 'cross-site' }, 200],
  ])('BF-5, pain 11: %s with a cookie and %o', async (method, headers, expected) => {
    const { call } = await signedIn()
    expect(status(await call({ method, headers: headers as Record<string, string> }))).toBe(expected)
  })

  test('a header token needs no such defence', async () => {
    const { world, call } = await signedIn()
    const authorization = `Bearer ${await world.issuer.accessToken(world.options)}`
    expect(
      status(await call({ method: 'POST', headers: { authorization, 'sec-fetch-site': 'cross-site' } })),
    ).toBe(200)
  })

  test('nobody: 401 in JSON, never a redirect; without the scope: 403', async () => {
    const { world, call } = await signedIn()
    const nobody = await world.site.api(api())
    expect(status(nobody)).toBe(401)
    expect(status(await call({}, { scope: 'admin' }))).toBe(403)
  })
})
