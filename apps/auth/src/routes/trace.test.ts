import { type CollectedTraces, collectTraces, type SentSpan } from '@grove/traces/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  askAs,
  Browser,
  codeIn,
  credentials,
  ISSUER,
  openProvider,
  type Provider,
  redeem,
  refresh,
  secretOf,
  VERIFIER,
} from '../testing/index.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`

let traces: CollectedTraces
let provider: Provider
beforeEach(async () => {
  traces = collectTraces()
  provider = await openProvider({ tracer: traces.tracer })
})
afterEach(() => provider.close())

const requests = (sent: SentSpan[]) => sent.filter(({ kind }) => kind === 'server')

/** Each span of this trace has its parent in it, or is a child of the span that the caller named. */
function isWhole(sent: SentSpan[]): boolean {
  const ids = new Set(['00f067aa0ba902b7', ...sent.map(({ spanId }) => spanId)])
  return sent.every(({ parentId }) => parentId !== undefined && ids.has(parentId))
}

describe('the trace that a site of the company has begun', () => {
  test('goes on through login page, login form, code and database', async () => {
    const alice = new Browser(provider)
    const page = await alice.authorize('alder', { traceparent: PARENT })
    const answer = await alice.submit(await page.text(), credentials('alice'))
    const { access_token } = await (
      await askAs(
        provider,
        'alder',
        '/token',
        {
          grant_type: 'authorization_code',
          code: codeIn(answer),
          code_verifier: VERIFIER,
          redirect_uri: 'http://site-a.localhost:4001/sso/callback',
        },
        { traceparent: PARENT },
      )
    ).json()
    expect(access_token).toBeTypeOf('string')
    const sent = await traces.end()
    expect(requests(sent).map(({ name }) => name)).toEqual(['GET /authorize', 'POST /login', 'POST /token'])
    expect(new Set(sent.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
    expect(isWhole(sent)).toBe(true)

    const [, login, token] = requests(sent)
    const of = (span: SentSpan | undefined) => sent.filter(({ parentId }) => parentId === span?.spanId)
    expect(of(login).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['SELECT Account', 'BEGIN', 'INSERT Session', 'COMMIT']),
    )
    expect(of(token).find(({ name }) => name === 'INSERT Grant')?.attributes).toEqual({
      'db.system.name': 'sqlite',
      'db.operation.name': 'INSERT',
      'db.collection.name': 'Grant',
      'db.operation.batch.size': 1,
    })
    expect(token?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/token',
      'http.response.status_code': 200,
      'oauth.client_id': 'alder',
      'oauth.grant_type': 'authorization_code',
    })
  })

  test('stays with the request while the person corrects the password, and through the sign-out', async () => {
    const alice = new Browser(provider)
    let page = await (await alice.authorize('alder', { traceparent: PARENT })).text()
    page = await (await alice.submit(page, { ...credentials('alice'), password: 'wrong' })).text()
    await alice.submit(page, credentials('alice'))
    await alice.open(`/logout?client_id=alder&traceparent=${PARENT}`)
    const sent = requests(await traces.end())
    expect(sent.map(({ traceId }) => traceId)).toEqual(Array(4).fill(TRACE))
    expect(sent[1]?.attributes['http.response.status_code']).toBe(422)
  })
})

describe('the trace of anybody else', () => {
  test.each([
    ['another company’s client', '/authorize?client_id=maple&traceparent=', {}],
    ['a client that does not exist', '/authorize?client_id=made-up&traceparent=', {}],
    ['nobody in particular', '/jwks?traceparent=', {}],
    ['a browser that brings a header', '/authorize', { traceparent: PARENT }],
  ])('%s: a new one begins, with a link', async (_, path, headers) => {
    await new Browser(provider).open(path + (path.endsWith('=') ? PARENT : ''), { headers })
    const [span] = requests(await traces.end())
    expect(span?.traceId).not.toBe(TRACE)
    expect(span).toMatchObject({ parentId: undefined, links: [PARENT] })
  })

  test('what is no traceparent is passed over', async () => {
    for (const wrong of ['x', `${PARENT}1`, PARENT.toUpperCase(), ''])
      expect((await new Browser(provider).authorize('alder', { traceparent: wrong })).status).toBe(200)
    for (const { parentId, links } of requests(await traces.end()))
      expect([parentId, links]).toEqual([undefined, []])
  })
})

test('what operators and sites ask for all day, and the files of pages, are in no trace of their own', async () => {
  for (const path of ['/healthz', '/readyz', '/metrics', '/assets/card.css', '/jwks', '/status/0'])
    await provider.fetch(ISSUER + path)
  expect(await traces.end()).toEqual([])
})

test('an address that is not ours, and an error inside, are told without their words', async () => {
  await provider.fetch(`${ISSUER}/a-secret-path?x=1`)
  provider.auth.store.sessions.find = () => Promise.reject(new Error('the reason'))
  const stranger = new Browser(provider)
  stranger.cookies.set('__Host-sso', 'id.secret')
  await stranger.open('/')
  const sent = requests(await traces.end())
  expect(sent.map(({ name, hasFailed }) => [name, hasFailed])).toEqual([
    ['GET', false],
    ['GET /', true],
  ])
  expect(JSON.stringify(sent)).not.toMatch(/secret|reason/)
})

test('each line of the log names the trace of its request, and none where there is no trace', async () => {
  await askAs(
    provider,
    'alder',
    '/token',
    { grant_type: 'refresh_token', refresh_token: 'x' },
    { traceparent: PARENT },
  )
  await provider.fetch(`${ISSUER}/jwks`)
  const [token, keys] = provider.log.slice(-2).map((line) => JSON.parse(line))
  expect(token).toMatchObject({ route: '/token', trace_id: TRACE })
  expect(keys).toMatchObject({ route: '/jwks' })
  expect(keys).not.toHaveProperty('trace_id')
  await traces.end()
})

test('F-89 a whole life of a login leaves nothing secret in its spans', async () => {
  const alice = new Browser(provider)
  const page = await (await alice.authorize('alder', { login_hint: 'a-hint@example.com' })).text()
  const answer = await alice.submit(page, credentials('alice'))
  const code = codeIn(answer)
  const first = await (await redeem(provider, 'alder', code)).json()
  const second = await (await refresh(provider, 'alder', first.refresh_token)).json()
  await refresh(provider, 'alder', `${second.refresh_token}x`)
  await redeem(provider, 'alder', code)
  await alice.open(`/logout?id_token_hint=${second.id_token}&client_id=alder`)
  const { email, password } = credentials('alice')
  const secrets = [code, email, password, 'a-hint@example.com', VERIFIER, secretOf('alder')]
  for (const { access_token, refresh_token, id_token } of [first, second])
    for (const token of [access_token, refresh_token, id_token]) secrets.push(...token.split('.'))
  for (const cookie of alice.cookies.values()) secrets.push(...cookie.split('.'))
  const sent = await traces.end()
  expect(sent.find(({ attributes }) => attributes['grove.outcome'] === 'rotated')?.name).toBe('POST /token')
  const text = JSON.stringify(sent)
  for (const secret of secrets.filter((part) => part.length > 4)) expect(text).not.toContain(secret)
})
