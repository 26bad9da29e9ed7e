import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { messages } from '../pages/messages.ts'
import {
  answerIn,
  authorizationRequest,
  Browser,
  codeIn,
  errorOnPage,
  openProvider,
  type Provider,
  redeem,
} from '../testing/index.ts'

const provider: Provider = await openProvider()
let carol: Browser
let number = 0
let email: string
beforeEach(() => {
  carol = new Browser(provider)
  number += 1
  email = `carol-${number}@example.com`
})
afterAll(() => provider.close())

const PASSWORD = 'walrus and carpenter 1871'
const form = async (browser = carol, more = {}) =>
  await (await browser.open(`/register?${authorizationRequest(provider, 'alder', more)}`)).text()
const send = (
  html: string,
  fields: Record<string, string | undefined> = {},
  { browser = carol, headers = {} } = {},
) => browser.submit(html, { email, password: PASSWORD, name: 'Carol', ...fields }, headers)
const problem = (html: string) =>
  /id="form-error"[^>]*>(.*?)<\/p>/s.exec(html)?.[1]?.replace(/<[^>]*>/g, '') ?? 'none'
const accountOf = (address: string) => provider.auth.store.accounts.findByEmail(address)

test('from the login page to a new account, and on to the site that asked', async () => {
  const login = await (await carol.authorize('alder', { prompt: 'login' })).text()
  const link = /id="register" href="([^"]*)"/.exec(login)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const done = await send(await (await carol.open(link)).text())
  const html = await done.text()
  expect(done.status).toBe(200)
  expect(html).toContain(messages().login.isNew)
  expect(html).toContain(`value="${email}"`)

  const response = await carol.submit(html, { email, password: PASSWORD, intent: 'sign-in' })
  expect(answerIn(response).get('state')).toBe('a state')
  expect((await redeem(provider, 'alder', codeIn(response))).status).toBe(200)
  expect((await accountOf(email))?.claims).toMatchObject({ name: 'Carol', email_verified: false })
})

test('6.3.8 an email that has an account gets the same answer, and the account stays as it was', async () => {
  const before = await accountOf('alice@example.com')
  const answers = []
  for (const address of [email, ' Alice@Example.com ']) {
    const browser = new Browser(provider)
    const response = await send(await form(browser), { email: address }, { browser })
    const headers = [...response.headers].filter(([name]) => name !== 'set-cookie')
    const html = (await response.text())
      .replaceAll(address, '')
      .replace(/name="form_token" value="[^"]*"/, '')
    answers.push({ status: response.status, cookies: browser.cookies.size, headers, html })
  }
  expect(answers[0]).toEqual(answers[1])
  expect(await accountOf('alice@example.com')).toEqual(before)
  const told = await provider.auth.store.audit.ofAccount('acc_alice', 20)
  expect(told.map(({ type }) => type)).toContain('registration.repeated')
})

test('6.3.8 F-73 both do the same work: one hash, one transaction, one event', async () => {
  const accounts = provider.auth.store.accounts
  const before = async () => (await provider.auth.store.audit.ofAccount('acc_alice', 100)).length
  const count = await before()
  await send(await form(), { email: 'alice@example.com' })
  expect(await before()).toBe(count + 1)
  await send(await form())
  const account = await accounts.findByEmail(email)
  const events = await provider.auth.store.audit.ofAccount(account?.id ?? '', 100)
  expect(events.map(({ type }) => type)).toEqual(['account.registered'])
})

test('F-39 fifty at once: one account, and the neutral answer for all', { timeout: 60_000 }, async () => {
  const forms = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const browser = new Browser(provider)
      return { browser, html: await form(browser) }
    }),
  )
  const answers = await Promise.all(
    forms.map(async ({ browser, html }, n) => {
      const response = await send(
        html,
        { email: n % 2 ? email.toUpperCase() : email, name: `Carol ${n}` },
        { browser },
      )
      return [response.status, (await response.text()).includes(messages().login.isNew)]
    }),
  )
  expect(answers).toEqual(Array(50).fill([200, true]))
  const account = await accountOf(email)
  const events = await provider.auth.store.audit.ofAccount(account?.id ?? '', 100)
  expect(events.filter(({ type }) => type === 'account.registered')).toHaveLength(1)
  expect(events.filter(({ type }) => type === 'registration.repeated')).toHaveLength(49)
})

test.each([
  ['6.2.1 seven characters', { password: 'k7!qzv2' }, messages().password.errors.too_short],
  ['6.2.4 a common password', { password: 'iloveyou1' }, messages().password.errors.common],
  [
    '6.2.4 the email as password',
    { password: 'carol-9999@example.com', email: 'carol-9999@example.com' },
    messages().password.errors.common,
  ],
  [
    '6.2.4 the name as password',
    { password: 'whittaker1', name: 'Carol Whittaker' },
    messages().password.errors.common,
  ],
  ['no email address', { email: 'carol' }, messages().register.errors.email],
  ['F-84 markup as an email', { email: '"><img src=x>@example.com' }, messages().register.errors.email],
  ['a name with a line break', { name: 'Carol\r\nSet-Cookie: a=b' }, messages().register.errors.name],
  ['a field left out', { password: '' }, messages().register.errors.missing],
])(
  '%s: 422, said beside the field, and what was typed is still there',
  async (_, fields: Record<string, string>, sentence) => {
    const response = await send(await form(), fields)
    const html = await response.text()
    expect([response.status, problem(html)]).toEqual([422, sentence])
    expect(html).not.toContain('<img')
    expect(html).not.toContain('walrus')
    expect(await accountOf(fields.email ?? email)).toBeUndefined()
  },
)

test('6.2.8 Unicode and a trailing space count exactly as typed, and NFD is NFC', async () => {
  const decomposed = 'ma\u0308rzhase und hutmacher '
  await send(await form(), { password: decomposed })
  const login = async (password: string) => {
    const html = await (await carol.authorize('alder')).text()
    return (await carol.submit(html, { email, password, intent: 'sign-in' })).status
  }
  expect(await login(decomposed.trim())).toBe(422)
  expect(await login(decomposed.normalize('NFC'))).toBe(303)
})

describe('who may send the form', () => {
  test.each([
    ['the Origin of another site', { origin: 'https://evil.example' }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
  ])('F-92 %s: 403, and there is no account', async (_, headers) => {
    const response = await send(await form(), {}, { headers })
    expect([response.status, errorOnPage(await response.text())]).toEqual([403, 'invalid_request'])
    expect(await accountOf(email)).toBeUndefined()
  })

  test('X-12 a made-up, another browser’s or a spent token: 403, and there is no account', async () => {
    const html = await form()
    const theirs = /name="form_token" value="([^"]*)"/.exec(await form(new Browser(provider)))?.[1]
    for (const form_token of ['e30.e30.AA', undefined, theirs])
      expect((await send(html, { form_token })).status).toBe(403)
    expect(await accountOf(email)).toBeUndefined()
    await send(html)
    expect((await send(html, { email: `second-${email}` })).status).toBe(403)
    expect(await accountOf(`second-${email}`)).toBeUndefined()
  })

  test('F-83 what the request says is shown as text', async () => {
    const marker = '"><img src=x onerror=alert(1)>'
    expect(await form(carol, { login_hint: marker, state: marker })).not.toContain('<img')
  })

  test('AZ-14 with prompt=none there is no page', async () => {
    const query = authorizationRequest(provider, 'alder', { prompt: 'none' })
    expect(answerIn(await carol.open(`/register?${query}`)).get('error')).toBe('login_required')
  })
})

test('6.3.2 where people may not make accounts there is no page, no form and no link', async () => {
  const closed = await openProvider({ isRegistrationOpen: false })
  const browser = new Browser(closed)
  const query = authorizationRequest(closed, 'alder')
  expect((await browser.open(`/register?${query}`)).status).toBe(404)
  const body = new URLSearchParams({ email, password: PASSWORD })
  expect((await browser.open(`/register?${query}`, { method: 'POST', body })).status).toBe(404)
  expect(await (await browser.authorize('alder')).text()).not.toContain('id="register"')
  await closed.close()
})

test('registrations are counted by address', { timeout: 30_000 }, async () => {
  const limited = await openProvider({ hasRateLimits: true })
  const statuses = []
  for (let n = 0; n < 12; n++) {
    const browser = new Browser(limited)
    const html = await (await browser.open(`/register?${authorizationRequest(limited, 'alder')}`)).text()
    statuses.push((await browser.submit(html, { email: `${n}@example.com`, password: PASSWORD })).status)
  }
  expect(statuses.at(0)).toBe(200)
  expect(statuses.at(-1)).toBe(429)
  await limited.close()
})
