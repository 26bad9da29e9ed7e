import { createDpopKey } from '@grove/jwt/testing'
import { Hono } from 'hono'
import { describe, expect, test, vi } from 'vitest'
import { createHonoApi, createHonoSite } from './hono/index.ts'
import { createNextSite } from './next/index.ts'
import { createSite } from './site.ts'
import { createWorld, ISSUER, SITE_URL, type World } from './testing/fixtures.ts'

vi.mock('next/headers', () => ({ cookies: async () => ({ get: () => undefined }) }))

const PAGE = 'http://spa.localhost:4003'
const OTHERS = [
  'http://evil.localhost',
  'http://spa.localhost',
  'http://spa.localhost:40030',
  'https://spa.localhost:4003',
  'http://x.spa.localhost:4003',
  'null',
  '*',
  SITE_URL,
]

type Api = (request: Request) => Promise<Response>

/** An API of each adapter: it takes a token, and where the adapter lets it, a cookie. */
const apis: Record<string, (world: World) => Api> = {
  'Next, cookie or token': ({ options }) => {
    const sso = createNextSite(options)
    const routes = sso.cors({
      async GET(request: Request) {
        const caller = await sso.apiSession(request, { scope: 'notes' })
        return 'response' in caller ? caller.response : Response.json(caller.session.user)
      },
    })
    return (request) => (request.method === 'OPTIONS' ? routes.OPTIONS(request) : routes.GET(request))
  },
  'Hono, token': ({ options }) => {
    const sso = createHonoSite(options)
    return apiOf(sso)
  },
  'Hono, an API without login': ({
    options: { siteUrl, issuer, allowedOrigins = [], fetch = globalThis.fetch, now },
  }) => apiOf(createHonoApi({ siteUrl, issuer, allowedOrigins, fetch, ...(now && { now }) })),
}

function apiOf(sso: Pick<ReturnType<typeof createHonoSite>, 'cors' | 'requireBearer'>): Api {
  const app = new Hono()
    .use('/api/*', sso.cors)
    .get('/api/notes', sso.requireBearer({ scope: 'notes' }), (c) => c.json(c.get('bearer').user))
    .get('/api/broken', () => {
      throw new Error('broken')
    })
    .onError((_, c) => c.text('broken', 500))
  return async (request) => await app.request(request)
}

const listed = () => createWorld({ allowedOrigins: ['https://app.example', PAGE] })
const call = (headers: Record<string, string>, method = 'GET', path = '/api/notes') =>
  new Request(`http://localhost:3000${path}`, { method, headers })
const preflight = (origin: string) =>
  call(
    {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization,dpop',
    },
    'OPTIONS',
  )
const about = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))

const FOR_ANSWER = {
  'access-control-allow-origin': PAGE,
  'access-control-expose-headers': 'dpop-nonce, www-authenticate, retry-after',
}

describe.each(Object.entries(apis))('%s', (_, open) => {
  test('a preflight of a listed origin is answered: Authorization and DPoP are allowed, no cookie is', async () => {
    const response = await open(await listed())(preflight(PAGE))
    expect(response.status).toBe(204)
    expect(about(response)).toEqual({
      'access-control-allow-origin': PAGE,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'authorization, dpop, content-type',
      'access-control-max-age': '600',
    })
    expect(response.headers.get('vary')).toBe('origin')
  })

  test('PO-10 an answer can be read there, and so can the challenge of a refusal', async () => {
    const world = await listed()
    const api = open(world)
    const authorization = `Bearer ${await world.issuer.accessToken(world.options, { sub: 'ann', scope: 'notes' })}`
    const good = await api(call({ origin: PAGE, authorization }))
    expect([good.status, await good.json()]).toEqual([200, { id: 'ann' }])
    const poor = `Bearer ${await world.issuer.accessToken(world.options, { scope: 'openid' })}`
    const answers = [
      good,
      await api(call({ origin: PAGE })),
      await api(call({ origin: PAGE, authorization: poor })),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 403])
    for (const answer of answers) {
      expect(about(answer)).toEqual(FOR_ANSWER)
      expect(answer.headers.get('vary')).toMatch(/\borigin$/)
    }
    expect(answers[1]?.headers.get('vary')).toBe('cookie, authorization, origin')
  })

  test('PO-2 a bound token is taken with its proof, and the refusal of one without is DPoP and readable', async () => {
    const world = await listed()
    const api = open(world)
    const key = await createDpopKey()
    const accessToken = await world.issuer.accessToken(world.options, { cnf: { jkt: key.jkt } })
    const proved = { method: 'GET', url: `${SITE_URL}/api/notes`, accessToken, now: world.clock.now }
    const authorization = `DPoP ${accessToken}`
    const good = await api(call({ origin: PAGE, authorization, dpop: await key.prove(proved) }))
    expect([good.status, about(good)]).toEqual([200, FOR_ANSWER])
    const bad = await api(call({ origin: PAGE, authorization }))
    expect([bad.status, about(bad)]).toEqual([401, FOR_ANSWER])
    expect(bad.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_dpop_proof".*algs=/)
  })

  test('any other origin gets nothing, from a site with a list or without one', async () => {
    const answers: Response[] = []
    for (const world of [await listed(), await createWorld()]) {
      const api = open(world)
      const authorization = `Bearer ${await world.issuer.accessToken(world.options)}`
      for (const origin of OTHERS)
        answers.push(await api(preflight(origin)), await api(call({ origin, authorization })))
      answers.push(await api(call({ authorization })))
    }
    for (const answer of answers) {
      expect(about(answer)).toEqual({})
      expect(answer.headers.get('vary')).toMatch(/\borigin$/)
    }
  })

  test('BF-5 a cookie opens nothing for a page of another origin', async () => {
    const world = await listed()
    const browser = world.browser()
    await browser.signIn(world)
    const api = open(world)
    const foreign = await api(call({ origin: PAGE, cookie: browser.cookieHeader }))
    expect([foreign.status, about(foreign)]).toEqual([401, FOR_ANSWER])
  })
})

test('the cookie that opens nothing from there opens the same API for pages of the site', async () => {
  const world = await listed()
  const browser = world.browser()
  await browser.signIn(world)
  const api = apis['Next, cookie or token']?.(world) ?? expect.unreachable()
  expect((await api(call({ cookie: browser.cookieHeader }))).status).toBe(200)
  expect((await api(call({ cookie: browser.cookieHeader, origin: SITE_URL }))).status).toBe(200)
})

test('a fault of an API can be read there too', async () => {
  const api = apis['Hono, token']?.(await listed()) ?? expect.unreachable()
  const response = await api(call({ origin: PAGE }, 'GET', '/api/broken'))
  expect([response.status, about(response)]).toEqual([500, FOR_ANSWER])
})

test('Next: every handler is shared, called with its context, and an answer that cannot be changed is copied', async () => {
  const world = await listed()
  const sso = createNextSite(world.options)
  const { POST, DELETE } = sso.cors({
    async POST(_: Request) {
      return Response.redirect(`${SITE_URL}/elsewhere`, 303) // its headers are immutable
    },
    async DELETE(_: Request, { params }: { params: Promise<{ id: string }> }) {
      return new Response(null, { status: 204, headers: { 'x-id': (await params).id } })
    },
  })
  const posted = await POST(call({ origin: PAGE }, 'POST'))
  expect([posted.status, posted.headers.get('location')]).toEqual([303, `${SITE_URL}/elsewhere`])
  expect(about(posted)).toEqual(FOR_ANSWER)
  const removed = await DELETE(call({ origin: PAGE }, 'DELETE'), { params: Promise.resolve({ id: '7' }) })
  expect([removed.status, removed.headers.get('x-id'), about(removed)]).toEqual([204, '7', FOR_ANSWER])
})

test('the routes that sign in and out are shared with nobody', async () => {
  const world = await listed()
  for (const path of ['/sso/login', '/sso/events', '/sso/logged-out']) {
    const response = await createSite(world.options).handle(call({ origin: PAGE }, 'GET', path))
    expect(about(response ?? expect.unreachable())).toEqual({})
  }
})

test('an API without login needs no client, and refuses a token that is meant for another', async () => {
  const { issuer, options } = await createWorld()
  const siteUrl = 'http://api.localhost:4004'
  const api = apiOf(createHonoApi({ siteUrl, issuer: ISSUER, fetch: issuer.fetch }))
  const ask = async (aud: string[]) =>
    await api(call({ authorization: `Bearer ${await issuer.accessToken(options, { aud })}` }))
  expect((await ask([siteUrl])).status).toBe(200)
  expect((await ask([SITE_URL])).status).toBe(401)
})
