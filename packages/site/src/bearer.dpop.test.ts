import { createDpopKey, type ProvedRequest } from '@grove/jwt/testing'
import { describe, expect, test, vi } from 'vitest'
import { createSite } from './site.ts'
import { stateOf } from './state.ts'
import { createWorld, ISSUER, SITE_URL, type World } from './testing/fixtures.ts'
import { forgetSites } from './testing/index.ts'

const key = await createDpopKey()

interface Call {
  scheme?: string
  path?: string
  method?: string
  /** In place of a good proof; `null` sends none. */
  dpop?: string | null
  accessToken?: string
  proved?: Partial<ProvedRequest>
  change?: Parameters<typeof key.prove>[1]
}

/** A token that is bound to the key, and calls with it. Behind its proxy the site is reached by another address than its own. */
async function bound(claims: Parameters<World['issuer']['accessToken']>[1] = {}) {
  const world = await createWorld()
  const token = await world.issuer.accessToken(world.options, { cnf: { jkt: key.jkt }, ...claims })
  async function request({ scheme = 'DPoP', path = '/api/me', method = 'GET', ...call }: Call = {}) {
    const accessToken = call.accessToken ?? token
    const usual = { method, url: SITE_URL + path, accessToken, now: world.clock.now, ...call.proved }
    const dpop = call.dpop === undefined ? await key.prove(usual, call.change) : call.dpop
    const headers = { authorization: `${scheme} ${accessToken}`, ...(dpop !== null && { dpop }) }
    return new Request(`http://localhost:3000${path}`, { method, headers })
  }
  const call = async (one?: Call, need = {}) => await world.site.bearer(await request(one), need)
  return { world, token, request, call }
}

/** Status, error and challenge of a refusal. */
async function refusal(authorized: object) {
  const response = (authorized as { response?: Response }).response // a session has none, and the tests see it
  expect(response?.headers.get('cache-control')).toBe('no-store')
  const challenge = response?.headers.get('www-authenticate') ?? ''
  return { status: response?.status, error: (await response?.json())?.error, challenge }
}

const CHALLENGE = (error: string) =>
  new RegExp(`^DPoP realm="${SITE_URL}", error="${error}", error_description="[^"]+", algs="ES256 Ed25519"$`)

describe('Authorization: DPoP', () => {
  test.each(['DPoP', 'dpop', 'DPOP'])(
    'FA-10 PO-2 %s: a bound token opens the site with a proof of its key',
    async (scheme) => {
      const { call, token } = await bound({ sub: 'bob' })
      const authorized = await call({ scheme })
      expect(authorized).toMatchObject({ session: { user: { id: 'bob' } } })
      if ('session' in authorized) expect(authorized.session.accessToken()).toBe(token)
    },
  )

  test('for an API that takes a cookie too; the cookie neither helps a bad proof nor is asked for one', async () => {
    const { world, request } = await bound()
    expect(await world.site.api(await request({ method: 'POST' }))).toHaveProperty('session')
    const browser = world.browser()
    await browser.signIn(world)
    expect(await world.site.api(browser.request('/api/me'))).toHaveProperty('session')
    const both = await request({ dpop: null })
    both.headers.set('cookie', browser.cookieHeader)
    expect(await refusal(await world.site.api(both))).toMatchObject({
      status: 401,
      error: 'invalid_dpop_proof',
    })
  })

  test('PO-3 DP-11 a bound token as Bearer, with its proof or without: 401', async () => {
    const { call } = await bound()
    for (const dpop of [undefined, null]) {
      const { status, error, challenge } = await refusal(
        await call({ scheme: 'Bearer', ...(dpop === null && { dpop }) }),
      )
      expect([status, error]).toEqual([401, 'invalid_token'])
      expect(challenge).toMatch(/^Bearer .*error="invalid_token"/)
    }
  })

  test('PO-3 a Bearer token as DPoP: 401', async () => {
    const { world, call } = await bound()
    const accessToken = await world.issuer.accessToken(world.options)
    const { status, challenge } = await refusal(await call({ accessToken }))
    expect(status).toBe(401)
    expect(challenge).toMatch(CHALLENGE('invalid_token'))
  })

  const url = (address: string) => ({ proved: { url: address } })
  test.each<[string, Call]>([
    ['DP-1 no proof', { dpop: null }],
    ['DP-1 an empty one', { dpop: '' }],
    ['DP-1 no JWS', { dpop: 'proof' }],
    ['DP-2 DP-9 no hash of the token', { change: { claims: { ath: undefined } } }],
    ['DP-9 the hash of another token', { proved: { accessToken: 'another' } }],
    ['DP-3 another typ', { change: { header: { typ: 'JWT' } } }],
    ['DP-3 alg none', { change: { header: { alg: 'none' } } }],
    ['DP-5 another method', { proved: { method: 'POST' } }],
    ['DP-5 another path', url(`${SITE_URL}/api/other`)],
    ['DP-5 another site', url('http://site-b.localhost:4002/api/me')],
    ['DP-5 the address behind the proxy', url('http://localhost:3000/api/me')],
    ['DP-7 an hour ago', { change: { claims: { iat: 1 } } }],
  ])('PO-1 %s: 401, and the challenge says which algorithms', async (_, one) => {
    const { call } = await bound()
    const { status, error, challenge } = await refusal(await call(one))
    expect([status, error]).toEqual([401, 'invalid_dpop_proof'])
    expect(challenge).toMatch(CHALLENGE('invalid_dpop_proof'))
  })

  test('DP-1 two proofs, each good: 401', async () => {
    const { world, token, request } = await bound()
    const two = await request()
    two.headers.append(
      'dpop',
      await key.prove({
        method: 'GET',
        url: `${SITE_URL}/api/me`,
        accessToken: token,
        now: world.clock.now,
      }),
    )
    expect(await refusal(await world.site.bearer(two))).toMatchObject({ error: 'invalid_dpop_proof' })
  })

  test('DP-9 a good proof of another key than the token names: 401', async () => {
    const { call } = await bound({ cnf: { jkt: (await createDpopKey()).jkt } })
    expect(await refusal(await call())).toMatchObject({ status: 401, error: 'invalid_dpop_proof' })
  })

  test('DP-6 the query is no part of the address that is proved', async () => {
    const { call } = await bound()
    expect(await call({ path: '/api/me?page=2' })).toHaveProperty('session')
    expect(await call({ path: '/api/me?page=3', ...url(`${SITE_URL}/api/me#part`) })).toHaveProperty(
      'session',
    )
  })

  test.each([-10, 10])(
    'FA-12 a clock %i s apart is tolerated, and one twice as far is not',
    async (seconds) => {
      const { world, call } = await bound()
      const iat = Math.floor(world.clock.now.getTime() / 1000)
      expect(await call({ change: { claims: { iat: iat + seconds } } })).toHaveProperty('session')
      const more = { change: { claims: { iat: iat + seconds * 2 } } }
      expect(await refusal(await call(more))).toMatchObject({ error: 'invalid_dpop_proof' })
    },
  )

  test('PO-4 DP-8 a proof works once in a process, through every copy of the kit', async () => {
    const { world, request } = await bound()
    const first = await request()
    const second = first.clone()
    const third = first.clone()
    expect(await world.site.bearer(first)).toHaveProperty('session')
    expect(await refusal(await world.site.bearer(second))).toMatchObject({ error: 'invalid_dpop_proof' })
    expect(await refusal(await createSite(world.options).bearer(third))).toMatchObject({
      error: 'invalid_dpop_proof',
    })
  })

  test('PO-4 F-66 one caller cannot take the memory for proofs from another, or make his proof work twice', async () => {
    const { world, call, request } = await bound({ sub: 'mallory' })
    const theirs = {
      accessToken: await world.issuer.accessToken(world.options, {
        ...{ sub: 'alice', cnf: { jkt: key.jkt } },
      }),
    }
    const [before, after] = [await request(theirs), await request(theirs)]
    expect(await world.site.bearer(before.clone())).toHaveProperty('session')

    // As many as a hundred thousand calls would leave there.
    const { spentProofs } = stateOf(world.options.clientId, ISSUER, () => expect.unreachable())
    const until = new Date(world.clock.now.getTime() + 30_000)
    for (let n = 0; n < 100_000; n += 1) await spentProofs.shareOf('mallory').spend(`${n}`, until)

    expect(await refusal(await call())).toMatchObject({ status: 401, error: 'invalid_dpop_proof' })
    expect(await world.site.bearer(after)).toHaveProperty('session')
    expect(await refusal(await world.site.bearer(before))).toMatchObject({ error: 'invalid_dpop_proof' })
  })

  test('PO-4 a proof of another key than the token names is not remembered', async () => {
    const { world, call } = await bound({ cnf: { jkt: (await createDpopKey()).jkt } })
    const { spentProofs } = stateOf(world.options.clientId, ISSUER, () => expect.unreachable())
    const shareOf = vi.spyOn(spentProofs, 'shareOf').mockReturnValue({ spend: () => expect.unreachable() })
    expect(await refusal(await call())).toMatchObject({ error: 'invalid_dpop_proof' })
    expect(shareOf).toHaveBeenCalled()
  })

  test('PO-4 a token that is refused costs no proof', async () => {
    const { world, request, call } = await bound()
    const again = await request()
    expect(await refusal(await call({ accessToken: 'abc', dpop: again.headers.get('dpop') }))).toMatchObject({
      error: 'invalid_token',
    })
    expect(await world.site.bearer(again)).toHaveProperty('session')
  })

  test('AT-4 AT-7 what is wrong with the token is said in the words of the scheme', async () => {
    const { world, call } = await bound({ scope: 'openid' })
    const lacking = await refusal(await call({}, { scope: 'notes' }))
    expect(lacking.status).toBe(403)
    expect(lacking.challenge).toMatch(
      /^DPoP .*error="insufficient_scope".*scope="notes", algs="ES256 Ed25519"$/,
    )
    const two = await refusal(await call({ scheme: 'DPoP a,' }))
    expect([two.status, two.error]).toEqual([400, 'invalid_request'])
    expect(two.challenge).toMatch(CHALLENGE('invalid_request'))
    world.clock.forward(400)
    expect((await refusal(await call())).challenge).toMatch(CHALLENGE('invalid_token'))
  })

  test('a revoked token is 401 whatever is proved, and 503 while nobody can tell', async () => {
    const { world, call, request } = await bound({
      status: { status_list: { idx: 3, uri: `${ISSUER}/status/0` } },
    })
    world.issuer.revoke(3)
    expect(await refusal(await call())).toMatchObject({ status: 401, error: 'invalid_token' })
    forgetSites()
    world.setAway(true)
    expect(await refusal(await createSite(world.options).bearer(await request()))).toMatchObject({
      status: 503,
    })
  })
})
