import { IdToken } from '@grove/jwt'
import { afterAll, describe, expect, test } from 'vitest'
import { answerIn, Browser, codeIn, credentials, ISSUER, pageError } from '../testing/index.ts'
import { openWithKeys, pushAs, pushedAddress } from '../testing/keyed-client.ts'

const { provider, juniper, alice } = await openWithKeys()
afterAll(() => provider.close())

describe('at the authorization endpoint', () => {
  test('FA-43 client_id and request_uri suffice: a code for who is logged in, with state and iss as pushed', async () => {
    expect((await juniper.address()).replace(/=[^&]*/g, '')).toBe('/authorize?client_id&request_uri')
    const answer = answerIn(await alice.open(await juniper.address({ state: 'byte &=+%20' })))
    expect([answer.get('state'), answer.get('iss')]).toEqual(['byte &=+%20', ISSUER])
    expect((await juniper.redeem(answer.get('code') ?? '')).status).toBe(200)
  })

  const idTokenOf = async (answer: URLSearchParams) => {
    const { id_token } = await (await juniper.redeem(answer.get('code') ?? '')).json()
    return (await provider.read(IdToken, id_token, 'juniper')).claims
  }

  test('FA-4 FA-5 without state and nonce it works, and none comes back', async () => {
    const answer = answerIn(await alice.open(await juniper.address({ state: undefined, nonce: undefined })))
    expect([...answer.keys()]).toEqual(['code', 'iss'])
    expect(await idTokenOf(answer)).not.toHaveProperty('nonce')
  })

  test.each([
    ['FA-6 64 characters', 64],
    ['FA-7 384 characters', 384],
  ])('%s of nonce and state come back whole', async (_, length) => {
    const [state, nonce] = ['s'.repeat(length), 'n'.repeat(length)]
    const answer = answerIn(await alice.open(await juniper.address({ state, nonce })))
    expect(answer.get('state')).toBe(state)
    expect((await idTokenOf(answer)).nonce).toBe(nonce)
  })

  test('FA-8 the order of scopes means nothing', async () => {
    const [usual, other] = [
      await juniper.tokens(alice, { scope: 'openid profile email' }),
      await juniper.tokens(alice, { scope: 'email profile openid' }),
    ]
    expect(other.scope).toBe(usual.scope)
    const person = await (await juniper.userinfo(other.access_token)).json()
    expect(person).toMatchObject({ name: 'Alice Liddell', email: 'alice@example.com' })
    expect(person).toEqual(await (await juniper.userinfo(usual.access_token)).json())
  })

  test('FA-9 claims that were pushed are obeyed', async () => {
    const claims = '{"userinfo":{"name":{"essential":true}},"id_token":{"email":null}}'
    const tokens = await juniper.tokens(alice, { scope: 'openid', claims })
    const person = { sub: 'acc_alice', name: 'Alice Liddell' }
    expect(await (await juniper.userinfo(tokens.access_token)).json()).toEqual(person)
    const { claims: said } = await provider.read(IdToken, tokens.id_token, 'juniper')
    expect([said.email, said.name]).toEqual(['alice@example.com', undefined])
  })

  test('PR-3 nothing that the browser adds counts', async () => {
    const address = await juniper.address({ state: 'pushed', scope: 'openid' })
    const more = new URLSearchParams({
      redirect_uri: 'https://evil.example/',
      state: 'browser',
      scope: 'openid email',
      nonce: 'browser',
      response_type: 'token',
      response_mode: 'form_post',
      code_challenge: 'x'.repeat(43),
      prompt: 'login',
      dpop_jkt: 'x'.repeat(43),
      claims: '{"userinfo":{"email":null}}',
    })
    const response = await alice.open(`${address}&${more}`)
    expect(response.headers.get('location')).toMatch(/^https:\/\/juniper\.example\/sso\/callback\?code=/)
    expect(answerIn(response).get('state')).toBe('pushed')
    const tokens = await (await juniper.redeem(codeIn(response))).json()
    expect(tokens.scope).toBe('openid')
    expect(Object.keys(await (await juniper.userinfo(tokens.access_token)).json())).toEqual(['sub'])
  })

  test('AZ-9 it may be posted', async () => {
    const [path = '', query = ''] = (await juniper.address()).split('?')
    const posted = await alice.open(path, { method: 'POST', body: new URLSearchParams(query) })
    expect(answerIn(await alice.open(posted.headers.get('location') ?? '')).get('code')).toBeTruthy()
  })

  test('FA-3 who goes back: access_denied with state and iss', async () => {
    const browser = new Browser(provider)
    const page = await (await browser.open(await juniper.address())).text()
    const response = await browser.submit(page, credentials('alice', 'cancel'))
    expect(response.headers.get('location')).toMatch(/^https:\/\/juniper\.example\/sso\/callback\?error=/)
    const answer = answerIn(response)
    expect([answer.get('error'), answer.get('state'), answer.get('iss')]).toEqual([
      'access_denied',
      'a state',
      ISSUER,
    ])
  })
})

describe('PR-2 an address', () => {
  test.each<[string, (address: string) => string | Promise<string>]>([
    ['FA-38 of another client', (uri) => pushedAddress('alder', uri)],
    [
      'FA-38 of another client that pushed too',
      async (uri) => (await pushAs(provider, 'elm')) && pushedAddress('elm', uri),
    ],
    ['without client_id', (uri) => `/authorize?${new URLSearchParams({ request_uri: uri })}`],
    [
      'that was changed',
      (uri) => pushedAddress('juniper', `${uri.slice(0, -1)}${uri.endsWith('A') ? 'B' : 'A'}`),
    ],
    ['that is made up', () => pushedAddress('juniper', 'urn:ietf:params:oauth:request_uri:x')],
    [
      'that is a code of ours',
      async () =>
        pushedAddress(
          'juniper',
          `urn:ietf:params:oauth:request_uri:${codeIn(await alice.authorize('alder'))}`,
        ),
    ],
  ])('%s: a page, and nothing is sent to the client', async (_, make) => {
    const { request_uri } = await (await juniper.push()).json()
    for (const browser of [alice, new Browser(provider)])
      expect(await pageError(await browser.open(await make(request_uri)))).toBe('400 invalid_request_uri')
    expect((await alice.open(pushedAddress('juniper', request_uri))).status).toBe(303) // it is good still
  })

  test('OP-33 AZ-18 request_uri of elsewhere is not supported, and never fetched', async () => {
    const before = juniper.fetches
    const elsewhere = { request_uri: 'https://juniper.example/request' }
    expect(answerIn(await alice.authorize('alder', elsewhere)).get('error')).toBe('request_uri_not_supported')
    expect(juniper.fetches).toBe(before)
  })

  test('FA-37 after its minute: a page', async () => {
    const [first, second] = [await juniper.address(), await juniper.address()]
    provider.pass(59)
    expect((await alice.open(first)).status).toBe(303)
    provider.pass(1)
    expect(await pageError(await alice.open(second))).toBe('400 invalid_request_uri')
  })

  test('FA-36 works once, of fifty browsers too', async () => {
    const address = await juniper.address()
    const answers = await Promise.all(Array.from({ length: 50 }, () => alice.open(address)))
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 303))
      expect(await pageError(answer)).toBe('400 invalid_request_uri')
  })

  test('PR-2 an error that is sent to the client does not use it up, a code does', async () => {
    const address = await juniper.address({ prompt: 'none' })
    expect(answerIn(await new Browser(provider).open(address)).get('error')).toBe('login_required')
    expect(answerIn(await alice.open(address)).get('code')).toBeTruthy()
    expect(await pageError(await alice.open(address))).toBe('400 invalid_request_uri')
  })

  test('works with every process of the server', async () => {
    const another = await provider.another()
    const address = await juniper.address()
    const elsewhere = new Browser(another)
    elsewhere.cookies.set('__Host-sso', alice.cookies.get('__Host-sso') ?? '')
    expect((await elsewhere.open(address)).status).toBe(303)
    expect(await pageError(await alice.open(address))).toBe('400 invalid_request_uri')
  })
})

describe('a person at the login page', () => {
  const arrive = async (browser: Browser, address: string) => (await browser.open(address)).text()

  test('FA-35 may load it again, in another tab too, and logs in at any of them, once', async () => {
    const browser = new Browser(provider)
    const address = await juniper.address()
    const pages = [
      await arrive(browser, address),
      await arrive(browser, address),
      await arrive(browser, address),
    ]
    const response = await browser.submit(pages[1] ?? '', credentials('alice'))
    expect((await juniper.redeem(codeIn(response))).status).toBe(200)
    const late = await browser.submit(pages[0] ?? '', credentials('alice'))
    expect(await pageError(late)).toBe('400 invalid_request_uri')
    expect(await pageError(await browser.open(address))).toBe('400 invalid_request_uri')
  })

  test('has twenty minutes, and mistakes on the way do not matter', async () => {
    const browser = new Browser(provider)
    let page = await arrive(browser, await juniper.address())
    provider.pass(600)
    page = await (await browser.submit(page, { ...credentials('alice'), password: 'wrong' })).text()
    provider.pass(600)
    const response = await browser.submit(page, credentials('alice'))
    expect((await juniper.redeem(codeIn(response))).status).toBe(200)
  })

  test('has half an hour in all, however often the form is sent: then what was used stays used', async () => {
    const browser = new Browser(provider)
    let page = await arrive(browser, await juniper.address())
    for (let minutes = 0; minutes < 29; minutes += 14.5) {
      provider.pass(14.5 * 60)
      const response = await browser.submit(page, { ...credentials('alice'), password: 'wrong' })
      expect(response.status).toBe(422)
      page = await response.text()
    }
    provider.pass(61)
    expect(await pageError(await browser.submit(page, credentials('alice')))).toBe('400 invalid_request_uri')
  })

  test('may open the address of the form by itself', async () => {
    const browser = new Browser(provider)
    const page = await arrive(browser, await juniper.address())
    provider.pass(120)
    const action = /action="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const location = (await browser.open(action)).headers.get('location') ?? ''
    const again = await (await browser.open(location)).text()
    expect(codeIn(await browser.submit(again, credentials('alice')))).not.toBe('no code')
  })

  test('finds nothing of the request in the page but its address', async () => {
    const page = await arrive(
      new Browser(provider),
      await juniper.address({ state: 'unheard-of', nonce: 'unheard-of' }),
    )
    expect(page).not.toContain('unheard-of')
    expect(page).toContain('request_uri=urn')
  })
})
