import { createHmac } from 'node:crypto'
import { cedarSignsAliceIn, type Tokens } from './cedar.ts'
import { expect, test } from './people.ts'
import type { Site } from './places.ts'
import { BIRCH } from './servers.ts'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString())

/** RFC 6750 §3.1: 401, the code in the header, and a sentence for whoever reads the body. */
async function expectRefused(site: Site, token: string, what: string): Promise<void> {
  const answer = await site.me(bearer(token))
  expect(answer.status, `${what} at ${site.name}`).toBe(401)
  expect(answer.headers.get('www-authenticate'), what).toMatch(/^Bearer .*error="invalid_token"/)
  const body = await answer.json()
  expect(body, what).toMatchObject({
    error: 'invalid_token',
    error_description: expect.stringMatching(/\w+ \w+/),
  })
  expect(JSON.stringify(body), 'no stack leaves the server').not.toMatch(/\bat .*:\d+:\d+|node_modules/)
}

test.describe('a token of a third client', () => {
  let tokens: Tokens
  test.beforeEach(async ({ grove }) => {
    tokens = await cedarSignsAliceIn(grove.cedarSecret)
  })

  test('opens the API of both sites', async ({ siteA, siteB }) => {
    expect(tokens).toMatchObject({ token_type: expect.stringMatching(/^bearer$/i), expires_in: 300 })
    for (const site of [siteA, siteB]) {
      const answer = await site.me(bearer(tokens.access_token))
      expect(answer.status, site.name).toBe(200)
      expect(await answer.json()).toMatchObject({ clientId: 'cedar', sub: expect.any(String) })
    }
  })

  test('is for reading: what it says stands in it, and nothing private', async () => {
    const [header, payload] = tokens.access_token
      .split('.')
      .map((part, place) => (place < 2 ? decode(part) : part))
    expect(header).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) })
    expect(payload.exp - payload.iat).toBe(300)
    expect(payload.aud).toHaveLength(2)
    expect(JSON.stringify(payload)).not.toMatch(/liddell|@example|wonderland/i)
  })

  test('is refused when one character of it has changed', async ({ siteA, siteB }) => {
    const [header = '', payload = '', signature = ''] = tokens.access_token.split('.')
    const other = (text: string) => `${text[0] === 'A' ? 'B' : 'A'}${text.slice(1)}`
    const everything = encode({ ...decode(payload), scope: 'openid profile email notes everything' })
    for (const site of [siteA, siteB]) {
      await expectRefused(site, `${header}.${payload}.${other(signature)}`, 'a changed signature')
      await expectRefused(site, `${header}.${everything}.${signature}`, 'a changed payload')
      await expectRefused(site, `${header}.${payload}`, 'a missing part')
    }
  })

  test('is refused when it says that it needs no signature, or one that everybody can make', async ({
    siteA,
    siteB,
  }) => {
    const [header = '', payload = ''] = tokens.access_token.split('.')
    const none = encode({ ...decode(header), alg: 'none' })
    const symmetric = encode({ ...decode(header), alg: 'HS256' })
    const keys = await (await fetch('http://127.0.0.1:4000/jwks')).text()
    const forged = createHmac('sha256', keys).update(`${symmetric}.${payload}`).digest('base64url')
    for (const site of [siteA, siteB]) {
      await expectRefused(site, `${none}.${payload}.`, 'alg none')
      await expectRefused(site, `${symmetric}.${payload}.${forged}`, 'HS256 with the public keys')
    }
  })

  test('is no token of another kind: an ID token opens nothing', async ({ siteA, siteB }) => {
    for (const site of [siteA, siteB]) await expectRefused(site, tokens.id_token, 'an ID token')
  })

  test('counts in the Authorization header only', async ({ siteA, siteB }) => {
    for (const site of [siteA, siteB]) {
      const answer = await fetch(`${site.internalUrl}/api/me?access_token=${tokens.access_token}`)
      expect(answer.status, site.name).toBe(400)
      expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
    }
  })

  test('is refused when it has expired', async ({ grove, siteA }) => {
    const later = grove.alderWith({ name: 'alder-later', port: 4011 })
    await later.starts(300 + 60)
    try {
      const answer = await fetch(`${later.internalUrl}/api/me`, { headers: bearer(tokens.access_token) })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
      expect(await answer.json()).toMatchObject({ error_description: expect.stringMatching(/ended|expired/) })
      expect((await siteA.me(bearer(tokens.access_token))).status, 'now it is good').toBe(200)
    } finally {
      await later.stops()
    }
  })
})

test('a token for Birch alone is nothing at Alder', async ({ grove, siteA, siteB }) => {
  const { access_token } = await cedarSignsAliceIn(grove.cedarSecret, BIRCH)
  expect((await siteB.me(bearer(access_token))).status).toBe(200)
  await expectRefused(siteA, access_token, 'a token for somebody else')
})

test('BF-10 who somebody is, is not stored, differs by cookie, and is for no other origin', async ({
  alice,
  siteA,
  siteB,
}) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  for (const site of [siteA, siteB]) {
    const cookie = await alice.cookiesFor(site)
    for (const [headers, status] of [
      [{ cookie, origin: 'https://evil.example' }, 200],
      [{ origin: 'https://evil.example' }, 401],
    ] as const) {
      const answer = await site.me(headers)
      expect(answer.status, site.name).toBe(status)
      expect(answer.headers.get('cache-control'), site.name).toBe('no-store')
      expect(answer.headers.get('vary')?.toLowerCase(), site.name).toContain('cookie')
      expect(answer.headers.get('access-control-allow-origin'), site.name).toBeNull()
    }
  }
})

test('without a token the API says how to bring one', async ({ siteA, siteB }) => {
  for (const site of [siteA, siteB]) {
    const answer = await site.me({})
    expect(answer.status, site.name).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(answer.headers.get('location'), 'an API never redirects to a login page').toBeNull()
  }
})
