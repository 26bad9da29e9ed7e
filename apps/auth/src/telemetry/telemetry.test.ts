import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  askAs,
  Browser,
  credentials,
  ISSUER,
  openProvider,
  type Provider,
  redeem,
  refresh,
  secretOf,
  userinfo,
  VERIFIER,
} from '../testing/index.ts'

let provider: Provider
beforeAll(async () => {
  provider = await openProvider({ hasRateLimits: true })
})
afterAll(() => provider.close())

interface Line {
  level: number
  time: string
  msg: string
  [member: string]: unknown
}
const lines = (): Line[] => provider.log.map((line) => JSON.parse(line))
const last = () => lines().at(-1)

describe('one line for each request', () => {
  test('says which route, how it ended, how long it took, whose it was, and the names of parameters', async () => {
    await askAs(provider, 'alder', '/token', { grant_type: 'refresh_token', refresh_token: 'a secret' })
    expect(last()).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      requestId: expect.stringMatching(/^[\w-]{22}$/),
      method: 'POST',
      route: '/token',
      status: 400,
      ms: expect.any(Number),
      clientId: 'alder',
      parameters: ['grant_type', 'refresh_token'],
      msg: 'request',
    })
    const count = provider.log.length
    await new Browser(provider).authorize('cedar')
    expect(provider.log).toHaveLength(count + 1)
    expect(last()).toMatchObject({ route: '/authorize', status: 200, clientId: 'cedar' })
    expect(last()?.parameters).toContain('code_challenge')
  })

  test('a client is named only if there is one, a route only if it is ours, a parameter only if it means something', async () => {
    await provider.fetch(`${ISSUER}/authorize?client_id=made-up&eyJhbGciOiJub25lIn0=1&toString=1`)
    expect(last()).toMatchObject({ route: '/authorize', parameters: ['client_id'] })
    expect(last()).not.toHaveProperty('clientId')
    await provider.fetch(`${ISSUER}/a-secret-path`)
    expect(last()).toMatchObject({ route: 'none', status: 404 })
    await provider.fetch(`${ISSUER}/status/5`)
    expect(last()).toMatchObject({ route: '/status/:list', status: 200 })
  })

  test('what balancers ask for all day is no news while all is well', async () => {
    const count = provider.log.length
    for (const path of ['/healthz', '/readyz']) await provider.fetch(ISSUER + path)
    expect(provider.log).toHaveLength(count)
    await provider.fetch(`${ISSUER}/healthz`, { method: 'POST' })
    expect(last()).toMatchObject({ route: '/healthz', status: 405 })
  })

  test('F-89 CR LF in whatever a request brings does not split a line', async () => {
    const before = provider.log.length
    const evil = encodeURIComponent('x\r\n{"level":60,"msg":"forged"}')
    for (const address of [`/${evil}`, `/authorize?client_id=${evil}&${evil}=1`, `/status/${evil}`])
      await provider.fetch(ISSUER + address)
    await askAs(provider, 'cedar', '/token', { grant_type: 'x\r\nforged', code: '\u2028forged' })
    for (const line of provider.log.slice(before)) {
      expect(line).toMatch(/^[^\r\n]+\n$/)
      expect(line).not.toContain('forged')
      expect(JSON.parse(line).msg).toBe('request')
    }
    expect(provider.log).toHaveLength(before + 4)
  })
})

test('F-89 a whole life of a login leaves no secret in the log: no password, cookie, code, token, email or verifier', async () => {
  const alice = new Browser(provider)
  const secrets = new Set<string>()
  const page = await (await alice.authorize('alder', { login_hint: 'a-hint@example.com' })).text()
  secrets.add(/name="form_token" value="([^"]*)"/.exec(page)?.[1] ?? '')
  await alice.submit(page, { ...credentials('alice'), password: 'a wrong password' })
  const answer = await alice.submit(page, credentials('alice'))
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const first = await (await redeem(provider, 'alder', code)).json()
  const second = await (await refresh(provider, 'alder', first.refresh_token)).json()
  await userinfo(provider, second.access_token)
  await provider.fetch(`${ISSUER}/userinfo?access_token=${second.access_token}`)
  await askAs(provider, 'alder', '/introspect', { token: second.access_token })
  await redeem(provider, 'alder', code) // used again
  await askAs(provider, 'alder', '/token', { grant_type: 'authorization_code', client_secret: 'twice' })
  await provider.fetch(`${ISSUER}/logout?id_token_hint=${first.id_token}&client_id=alder`)
  await provider.fetch(`${ISSUER}/logout?id_token_hint=${second.id_token}&client_id=birch`)
  await alice.open(`/logout?id_token_hint=${second.id_token}`)

  for (const tokens of [first, second])
    for (const name of ['access_token', 'refresh_token', 'id_token']) secrets.add(tokens[name])
  for (const value of alice.cookies.values())
    for (const part of [value, ...value.split('.')]) secrets.add(part)
  secrets.add(answer.headers.getSetCookie()[0]?.split(/[.;]/)[1] ?? '')
  for (const { logoutToken } of provider.posts) secrets.add(logoutToken)
  const { email, password } = credentials('alice')
  for (const secret of [code, email, password, 'a wrong password', 'a-hint@example.com', VERIFIER])
    secrets.add(secret)
  for (const secret of [secretOf('alder'), btoa(`alder:${secretOf('alder')}`), 'Alice Liddell'])
    secrets.add(secret)
  const halves = [...secrets].flatMap((secret) =>
    secret.split('.').length > 2 ? secret.split('.').slice(1) : [],
  )

  const log = provider.log.join('')
  expect(provider.posts.length).toBeGreaterThan(0)
  for (const secret of [...secrets, ...halves].filter((text) => text.length > 4))
    expect(log).not.toContain(secret)
  const types = lines().map(({ type }) => type)
  for (const type of ['login.failed', 'login.succeeded', 'code.reused', 'session.ended', 'logout.delivered'])
    expect(types).toContain(type)
  expect(lines().find(({ type }) => type === 'code.reused')?.level).toBe(40)
})

test('F-89 an unexpected error is a line of level 50, with its cause and the id of its request', async () => {
  const other = await openProvider()
  const { find } = other.auth.store.sessions
  other.auth.store.sessions.find = () => Promise.reject(new Error('the reason'))
  const stranger = new Browser(other)
  stranger.cookies.set('__Host-sso', 'id.secret')
  await stranger.open('/')
  const [error, request] = other.log.slice(-2).map((line) => JSON.parse(line))
  expect(error).toMatchObject({ level: 50, msg: 'failed', err: { message: 'the reason' } })
  expect(error.what).toBe(`request ${request.requestId}`)
  other.auth.store.sessions.find = find
  await other.close()
})

test('what goes well is on standard output, what went wrong on standard error, from the level on that was asked for', () => {
  const said = (level: string) => {
    const source = `
      import { createTelemetry } from './index.ts'
      const telemetry = createTelemetry({ level: '${level}' })
      telemetry.answered({ requestId: 'x', method: 'GET', route: '/', status: 200, ms: 1, parameters: [] })
      telemetry.limited('registration')
      telemetry.failed('a job', new Error('the reason'))`
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', source],
      {
        cwd: fileURLToPath(new URL('.', import.meta.url)),
        encoding: 'utf8',
      },
    )
    const messages = (text: string) =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).msg)
    return [messages(stdout), messages(stderr)]
  }
  expect(said('info')).toEqual([['request', 'limited'], ['failed']])
  expect(said('warn')).toEqual([['limited'], ['failed']])
  expect(said('silent')).toEqual([[], []])
}, 30_000)
