import { IdToken } from '@grove/jwt'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  answerIn,
  Browser,
  codeIn,
  openProvider,
  type Provider,
  redeem,
  type Tokens,
  tokensIn,
} from '../testing/index.ts'

const provider: Provider = await openProvider()
let browser: Browser
beforeEach(() => {
  browser = new Browser(provider)
})
afterAll(() => provider.close())

const isLoginPage = async (response: Response) =>
  response.status === 200 && (await response.text()).includes('id="login-form"')
const idToken = async ({ id_token }: Tokens) => (await provider.read(IdToken, id_token, 'alder')).claims

describe('which session is good enough', () => {
  test('AZ-14 OP-18 prompt=none without a session: login_required, and no page', async () => {
    const response = await browser.authorize('alder', { prompt: 'none' })
    expect(response.status).toBe(303)
    expect(answerIn(response).get('error')).toBe('login_required')
    expect(answerIn(response).has('code')).toBe(false)
    expect(browser.cookies.size).toBe(0)
  })

  test('OP-19 prompt=none with a session: a code, the same person, the same auth_time', async () => {
    const first = await idToken(await browser.tokens('alder'))
    provider.pass(60)
    const second = await idToken(await browser.tokens('alder', { prompt: 'none' }))
    expect(second).toMatchObject({ sub: first.sub, sid: first.sid, auth_time: first.auth_time })
  })

  test('one login is enough for the other site', async () => {
    await browser.login('alder')
    expect(answerIn(await browser.authorize('birch', { prompt: 'none' })).get('code')).toBeTruthy()
  })

  test.each([
    ['no cookie', undefined],
    ['a cookie without its secret', (cookie: string) => cookie.split('.')[0]],
    ['another secret', (cookie: string) => `${cookie.split('.')[0]}.${'A'.repeat(43)}`],
    ['more after the secret', (cookie: string) => `${cookie}.x`],
    ['a made-up session', () => `${'A'.repeat(22)}.${'A'.repeat(43)}`],
  ])('7.2.1 %s proves nobody', async (_, change) => {
    await browser.login('alder')
    const changed = change?.(browser.cookies.get('__Host-sso') ?? '')
    browser.cookies.set('__Host-sso', changed ?? '')
    expect(answerIn(await browser.authorize('alder', { prompt: 'none' })).get('error')).toBe('login_required')
  })

  test.each([{ prompt: 'login' }, { prompt: 'select_account' }, { max_age: '0' }])(
    'AZ-15 AZ-16 OP-17 %o asks again, and auth_time is later',
    async (more) => {
      const first = await idToken(await browser.tokens('alder'))
      expect(await isLoginPage(await browser.authorize('alder', more))).toBe(true)
      provider.pass(5)
      const second = await idToken(await browser.tokens('alder', more))
      expect(second.auth_time).toBe((first.auth_time ?? 0) + 5)
    },
  )

  test('AZ-16 max_age=0 is never met silently, even in the second of the login', async () => {
    await browser.login('alder')
    const response = await browser.authorize('alder', { prompt: 'none', max_age: '0' })
    expect(answerIn(response).get('error')).toBe('login_required')
  })

  test('AZ-16 OP-20 OP-21 max_age by the clock', async () => {
    const first = await idToken(await browser.tokens('alder'))
    provider.pass(299)
    const young = await idToken(await browser.tokens('alder', { max_age: '300' }))
    expect(young.auth_time).toBe(first.auth_time)
    provider.pass(2)
    expect(await isLoginPage(await browser.authorize('alder', { max_age: '300' }))).toBe(true)
    const silent = await browser.authorize('alder', { max_age: '300', prompt: 'none' })
    expect(answerIn(silent).get('error')).toBe('login_required')
    const fresh = await idToken(await browser.tokens('alder', { max_age: '300' }))
    expect(fresh.auth_time).toBe((first.auth_time ?? 0) + 301)
  })

  test('7.3.2 a session ends after twelve hours, whatever was done with it', async () => {
    await browser.login('alder')
    provider.pass(12 * 3600 - 1)
    expect(answerIn(await browser.authorize('alder', { prompt: 'none' })).get('code')).toBeTruthy()
    provider.pass(1)
    expect(answerIn(await browser.authorize('alder', { prompt: 'none' })).get('error')).toBe('login_required')
  })
})

describe('id_token_hint', () => {
  const hintOf = async (person: 'alice' | 'bob', clientId = 'alder') =>
    (await new Browser(provider).tokens(clientId, { person })).id_token

  test('prompt=none with the own hint: success, also when it has expired', async () => {
    const { id_token } = await browser.tokens('alder')
    provider.pass(3600)
    const response = await browser.authorize('alder', { prompt: 'none', id_token_hint: id_token })
    expect(answerIn(response).get('code')).toBeTruthy()
  })

  test('AZ-17 a hint of somebody else: login_required, or a login that is no re-authentication', async () => {
    await browser.login('alder')
    const hint = { id_token_hint: await hintOf('bob') }
    const silent = await browser.authorize('alder', { prompt: 'none', ...hint })
    expect(answerIn(silent).get('error')).toBe('login_required')
    expect(await isLoginPage(await browser.authorize('alder', hint))).toBe(true)
  })

  test('AZ-17 whoever then logs in as another than the hint names gets no code', async () => {
    const response = await browser.login('alder', { person: 'alice', id_token_hint: await hintOf('bob') })
    expect(response.status).toBe(303)
    expect(answerIn(response).get('error')).toBe('login_required')
    expect(answerIn(response).has('code')).toBe(false)
  })

  test('AZ-17 the person of the hint logs in instead of the present one', async () => {
    await browser.login('alder')
    const response = await browser.login('alder', { person: 'bob', id_token_hint: await hintOf('bob') })
    const tokens = await tokensIn(await redeem(provider, 'alder', codeIn(response)))
    expect((await idToken(tokens)).sub).toBe('acc_bob')
  })

  test.each([
    ['another client', () => hintOf('alice', 'birch')],
    ['nobody', async () => 'not.a.token'],
    ['another issuer', async () => 'e30.e30.AA'],
    ['an access token', async () => (await new Browser(provider).tokens('alder')).access_token],
  ])('a hint of %s is refused', async (_, hint) => {
    await browser.login('alder')
    const response = await browser.authorize('alder', { prompt: 'none', id_token_hint: await hint() })
    expect(answerIn(response).get('error')).toBe('invalid_request')
  })
})
