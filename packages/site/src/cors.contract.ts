import { createDpopKey } from '@grove/jwt/testing'
import { expect, test } from 'vitest'
import { createWorld, SITE_URL, type World } from './testing/fixtures.ts'

export const PAGE = 'http://spa.localhost:4003'
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

export type Api = (request: Request) => Promise<Response>

export const listed = () => createWorld({ allowedOrigins: ['https://app.example', PAGE] })
export const call = (headers: Record<string, string>, method = 'GET', path = '/api/notes') =>
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
export const about = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))

export const FOR_ANSWER = {
  'access-control-allow-origin': PAGE,
  'access-control-expose-headers': 'dpop-nonce, www-authenticate, retry-after',
}

/** What every adapter does for pages of other origins. `open` makes an API of this site at /api/notes, for the scope notes. */
export function corsContract(open: (world: World) => Api): void {
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
}
