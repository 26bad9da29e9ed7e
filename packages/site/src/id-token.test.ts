import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { ALICE, type Browser, createWorld, errorCode, ISSUER, named, type World } from './testing/fixtures.ts'

vi.spyOn(console, 'error').mockImplementation(() => {})

type Claims = Record<string, unknown>
type Forge = (world: World, claims: Claims, accessToken: string) => string

/** A login at a provider that makes the ID token in its own way. */
async function signIn(forge: Forge, world?: World): Promise<{ response: Response; browser: Browser }> {
  const at = world ?? (await createWorld())
  const browser = at.browser()
  const response = await browser.signIn(at, {
    forgeId: (claims, accessToken) => forge(at, claims, accessToken),
  })
  return { response, browser }
}

const saying =
  (changes: Claims): Forge =>
  (world, claims) =>
    world.issuer.forge({}, { ...claims, ...changes })
const headed =
  (header: Claims): Forge =>
  (world, claims) =>
    world.issuer.forge(header, claims)
const aged =
  (iatSeconds: number, expSeconds: number): Forge =>
  (world, claims) => {
    const now = Number(claims.iat)
    return world.issuer.forge({}, { ...claims, iat: now + iatSeconds, exp: now + expSeconds })
  }
const clientOf = (claims: Claims) => String(claims.aud)
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const halfHash = (text: string) =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')

describe('an ID token that is as it should be signs in, which shows that the faults below are what is refused', () => {
  test.each<[string, Forge]>([
    ['as it is', saying({})],
    ['without a typ', headed({ typ: undefined })],
    [
      'for us and another, asked for by us',
      (world, claims) =>
        world.issuer.forge({}, { ...claims, aud: [claims.aud, 'another'], azp: clientOf(claims) }),
    ],
    [
      'ID-6: with the hash of this access token',
      (world, claims, accessToken) => world.issuer.forge({}, { ...claims, at_hash: halfHash(accessToken) }),
    ],
    ['nine seconds ahead', aged(9, 309)],
    ['RP-6, K-5: without a kid, with one key in the set', headed({ kid: undefined })],
  ])('%s', async (_, forge) => {
    const { response, browser } = await signIn(forge)
    expect(response.status).toBe(303)
    expect(browser.cookies.has('__Host-session')).toBe(true)
  })
})

describe('an ID token with a fault is refused with a page, and nobody is signed in', () => {
  test.each<[string, string, Forge]>([
    ['RP-2, ID-1: of another issuer', 'login_issuer', saying({ iss: 'http://evil.localhost:4000' })],
    ['RP-4, ID-1: for another client', 'login_invalid', saying({ aud: 'another' })],
    [
      'ID-1: for us and another, without azp',
      'login_invalid',
      (world, claims) => world.issuer.forge({}, { ...claims, aud: [claims.aud, 'another'] }),
    ],
    [
      'ID-1: for us and another, asked for by the other',
      'login_invalid',
      (world, claims) => world.issuer.forge({}, { ...claims, aud: [claims.aud, 'another'], azp: 'another' }),
    ],
    ['ID-1: for us, asked for by another', 'login_invalid', saying({ azp: 'another' })],
    ['RP-3, ID-3: without sub', 'login_invalid', saying({ sub: undefined })],
    ['ID-3: whose sub is longer than 255 characters', 'login_invalid', saying({ sub: 'x'.repeat(256) })],
    ['RP-5, ID-3: without iat', 'login_invalid', saying({ iat: undefined })],
    ['ID-3: that was made eleven minutes ago', 'login_clock', aged(-660, 300)],
    ['ID-3: of tomorrow', 'login_clock', aged(86_400, 86_700)],
    ['ID-3: that has ended', 'login_clock', aged(-400, -60)],
    ['ID-3: without exp', 'login_invalid', saying({ exp: undefined })],
    ['RP-12, ID-4: with another nonce', 'login_invalid', saying({ nonce: 'another' })],
    ['RP-12, ID-4: without a nonce', 'login_invalid', saying({ nonce: undefined })],
    ['RP-9, ID-2: that is not signed', 'login_invalid', headed({ alg: 'none', kid: undefined })],
    ['ID-2: that says another algorithm than it has', 'login_invalid', headed({ alg: 'RS256' })],
    [
      'ID-6: with the hash of another access token',
      'login_invalid',
      saying({ at_hash: halfHash('another') }),
    ],
    ['K-4, ID-9: that is an access token by its typ', 'login_invalid', headed({ typ: 'at+jwt' })],
    ['K-4: that is a logout token by its typ', 'login_invalid', headed({ typ: 'logout+jwt' })],
    ['K-4: that is a proof by its typ', 'login_invalid', headed({ typ: 'dpop+jwt' })],
    ['ID-9: that is the access token itself', 'login_invalid', (_world, _claims, accessToken) => accessToken],
  ])('%s', async (_, code, forge) => {
    const { response, browser } = await signIn(forge)
    expect([response.status, await errorCode(response)]).toEqual([400, code])
    expect(browser.cookies.has('__Host-session')).toBe(false)
  })

  test.each<[string, (text: string) => string]>([
    [
      'with a changed signature',
      (text) => text.slice(0, -10) + (text.at(-10) === 'A' ? 'B' : 'A') + text.slice(-9),
    ],
    ['whose claims were changed', (text) => text.replace(/\.[^.]+\./, (claims) => changed(claims))],
    ['without its signature', (text) => text.replace(/[^.]*$/, '')],
  ])('RP-10, ID-2: %s', async (_, spoil) => {
    const { response, browser } = await signIn((world, claims) => spoil(world.issuer.forge({}, claims)))
    expect([response.status, await errorCode(response)]).toEqual([400, 'login_invalid'])
    expect(browser.cookies.has('__Host-session')).toBe(false)
  })

  test('RP-10, ID-2: signed by a key of somebody else, under the name of a key of the provider', async () => {
    const other = await createWorld()
    const { response } = await signIn((world, claims) => {
      const [header = ''] = world.issuer.forge({}, {}).split('.')
      return other.issuer.forge(JSON.parse(Buffer.from(header, 'base64url').toString()), claims)
    })
    expect(await errorCode(response)).toBe('login_invalid')
  })

  test('ID-2: signed with our own secret, even if the provider announces that', async () => {
    const world = await createWorld()
    await announce(world, ['ES256', 'HS256'])
    const { response } = await signIn((_, claims) => {
      const input = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
      return `${input}.${createHmac('sha256', world.options.clientSecret).update(input).digest('base64url')}`
    }, world)
    expect(await errorCode(response)).toBe('login_invalid')
  })
})

function changed(claims: string): string {
  const said = JSON.parse(Buffer.from(claims.slice(1, -1), 'base64url').toString())
  return `.${part({ ...said, name: 'Mallory' })}.`
}

async function announce(world: World, algorithms: string[]): Promise<void> {
  const path = '/.well-known/openid-configuration'
  const usual = await (await world.issuer.fetch(ISSUER + path)).json()
  world.issuer.answer(path, () =>
    Response.json({ ...usual, id_token_signing_alg_values_supported: algorithms }),
  )
}

function rsaKey(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }
  return {
    jwk,
    sign(claims: Claims): string {
      const input = `${part({ alg: 'RS256', kid, typ: 'JWT' })}.${part(claims)}`
      return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
    },
  }
}

test.each([
  ['RP-8: RS256 works at a provider that announces it', ['RS256'], true],
  ['ID-2: RS256 is refused at a provider that signs with ES256', ['ES256'], false],
])('%s', async (_, announced, isSignedIn) => {
  const world = await createWorld()
  const key = rsaKey('rsa')
  world.issuer.otherKeys.push(key.jwk)
  await announce(world, announced)
  const { browser } = await signIn((_world, claims) => key.sign(claims), world)
  expect(browser.cookies.has('__Host-session')).toBe(isSignedIn)
})

test('RP-7, K-5: without a kid, where several keys fit, each is tried', async () => {
  const world = await createWorld()
  const others = await Promise.all([createWorld(), createWorld()])
  for (const other of others) {
    const { keys } = await (await other.issuer.fetch(`${ISSUER}/jwks`)).json()
    world.issuer.otherKeys.push(...keys)
  }
  const { browser } = await signIn(headed({ kid: undefined }), world)
  expect(browser.cookies.has('__Host-session')).toBe(true)
  const stranger = await createWorld()
  const foreign = await signIn((_, claims) => stranger.issuer.forge({ kid: undefined }, claims), world)
  expect(await errorCode(foreign.response)).toBe('login_invalid')
})

test('RP-17, pain 28: the provider signs with a new key a second after its keys were read: they are read once more, and it is taken', async () => {
  const world = await createWorld()
  await signIn(saying({}), world)
  expect(world.asked('/jwks')).toBe(1)
  world.clock.forward(1)
  await world.issuer.rotateKey()
  for (const browser of [world.browser(), world.browser()]) {
    await browser.signIn(world)
    expect(browser.cookies.has('__Host-session')).toBe(true)
  }
  expect(world.asked('/jwks')).toBe(2)
})

describe('RP-18, ID-8: a refresh', () => {
  /** Signs in as usual, and refreshes with another ID token. */
  async function refreshed(forge: Forge | undefined) {
    const world = await createWorld()
    const browser = world.browser()
    let isLater = false
    await browser.signIn(world, {
      forgeId: (claims, accessToken) =>
        isLater && forge ? forge(world, claims, accessToken) : world.issuer.forge({}, claims),
    })
    isLater = true
    world.clock.forward(280)
    browser.cookies.delete('__Host-checked')
    const headers = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
    const { cookies } = await world.site.arrive(browser.request('/', { headers }))
    browser.take(cookies)
    return {
      session: await world.site.session(browser.cookieHeader),
      cookie: named(cookies, '__Host-session'),
    }
  }

  test('brings another token for the same person', async () => {
    const { session, cookie } = await refreshed(undefined)
    expect(cookie).toMatch(/^__Host-session=ey/)
    expect(session?.user.id).toBe(ALICE.sub)
  })

  test.each<[string, Forge]>([
    ['of another issuer', saying({ iss: 'http://evil.localhost:4000' })],
    ['about another account', saying({ sub: 'mallory' })],
    ['for another client', saying({ aud: 'another' })],
    ['with a bad signature', (world, claims) => world.issuer.forge({}, claims).replace(/.{8}$/, 'AAAAAAAA')],
  ])('whose ID token is %s ends the session', async (_, forge) => {
    const { session, cookie } = await refreshed(forge)
    expect(cookie).toMatch('Max-Age=0')
    expect(session).toBeNull()
  })
})

test('the tolerance of clocks that a site was given holds here too, one way and the other', async () => {
  const world = (clockToleranceSeconds: number) => createWorld({ clockToleranceSeconds })
  const ahead =
    (seconds: number): Forge =>
    (at, claims) =>
      at.issuer.forge({}, { ...claims, nbf: Number(claims.iat) + seconds })
  expect((await signIn(ahead(45), await world(60))).response.status).toBe(303)
  const refused = await signIn(ahead(25), await world(10))
  expect(await errorCode(refused.response)).toBe('login_clock')
})
