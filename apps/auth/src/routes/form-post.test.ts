import { afterAll, expect, test } from 'vitest'
import { Browser, credentials, ISSUER, openProvider, redeem } from '../testing/index.ts'
import { KeyedClient } from '../testing/keyed-client.ts'

const provider = await openProvider()
const alice = new Browser(provider)
await alice.login('alder')
afterAll(() => provider.close())

const FORM_POST = { response_mode: 'form_post' }
const HOSTILE = `"><script>alert('1')</script><input name="code" value="x">&amp;é%20+`
const arrive = (more = {}, browser = alice) => browser.authorize('cedar', { ...FORM_POST, ...more })

/** Where the one form of the page goes, and with what; read as a browser reads it. */
function formIn(html: string) {
  const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  const plain = (text = '') =>
    text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => characters[name] ?? '')
  const forms = [...html.matchAll(/<form [^>]*?method="post"[^>]*? action="([^"]*)"/g)]
  const inputs = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
  expect([forms.length, html.match(/<input/g)?.length]).toEqual([1, inputs.length])
  return {
    action: plain(forms[0]?.[1]),
    fields: Object.fromEntries(inputs.map(([, name = '', value]) => [plain(name), plain(value)])),
  }
}

test('the answer is a form for the registered address, which is good for a code', async () => {
  const response = await arrive()
  expect([response.status, response.headers.get('location')]).toEqual([200, null])
  const { action, fields } = formIn(await response.text())
  expect(action).toBe('https://cedar.example/callback?via=the%20grove&flag') // byte for byte (OP-0b)
  expect(fields).toEqual({ code: expect.any(String), state: 'a state', iss: ISSUER })
  expect((await redeem(provider, 'cedar', fields.code ?? '')).status).toBe(200)
})

test('AZ-11 AZ-12 AZ-13 it is not framed and not stored, and may run our script and post to the client alone', async () => {
  const { headers } = await arrive()
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect([headers.get('cache-control'), headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer'])
  const policy = Object.fromEntries(
    (headers.get('content-security-policy') ?? '').split('; ').map((rule) => [rule.split(' ', 1)[0], rule]),
  )
  expect(policy).toMatchObject({
    'default-src': "default-src 'none'",
    'script-src': "script-src 'self'",
    'form-action': "form-action 'self' https://cedar.example",
    'frame-ancestors': "frame-ancestors 'none'",
    'base-uri': "base-uri 'none'",
  })
})

test('a script of ours sends it by itself, and without script a button does (D-1, F-98)', async () => {
  const html = await (await arrive()).text()
  const scripts = [...html.matchAll(/<script([^>]*)>([^<]*)/g)]
  expect(scripts.map(([, , inline]) => inline)).toEqual([''])
  const [, src = ''] = /src="([^"]*)"/.exec(scripts[0]?.[1] ?? '') ?? []
  expect(html.indexOf('<script')).toBeGreaterThan(html.indexOf('</form>'))
  const script = await provider.fetch(new URL(src, ISSUER))
  expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
  let sent = ''
  const page = { getElementById: (id: string) => ({ submit: () => (sent = id) }) }
  new Function('document', await script.text())(page)
  expect(html).toMatch(new RegExp(`<form [^>]*id="${sent}"`))
  expect(html).toMatch(/<button [^>]*id="continue"[^>]*type="submit"[^>]*>[^<]*\w/)
  expect(html).not.toMatch(/<button[^>]* (hidden|name=)/) // a field called submit would stand in the script's way
})

test('F-83 a hostile state is text, and comes back as it is (OP-0c)', async () => {
  const html = await (await arrive({ state: HOSTILE })).text()
  expect(html).not.toContain('<script>alert')
  expect(formIn(html).fields.state).toBe(HOSTILE)
})

test.each([
  ['AZ-14 nobody is logged in', { prompt: 'none' }, 'login_required'],
  ['AZ-4 another response_type', { response_type: 'token' }, 'unsupported_response_type'],
  ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
])('an error goes the same way: %s', async (_, more, error) => {
  const { action, fields } = formIn(await (await arrive(more, new Browser(provider))).text())
  expect(action).toMatch(/^https:\/\/cedar\.example\//)
  expect(fields).toEqual({ error, error_description: expect.any(String), state: 'a state', iss: ISSUER })
})

test.each(['sign-in', 'cancel'])('after the login page too: %s', async (intent) => {
  const browser = new Browser(provider)
  const page = await (await arrive({}, browser)).text()
  const response = await browser.submit(page, credentials('alice', intent))
  expect(response.status).toBe(200)
  const { fields } = formIn(await response.text())
  expect(Object.keys(fields).toSorted()).toEqual(
    intent === 'cancel' ? ['error', 'error_description', 'iss', 'state'] : ['code', 'iss', 'state'],
  )
})

test('AZ-2 an address that is not registered gets no form', async () => {
  const response = await arrive({ redirect_uri: 'https://evil.example/' })
  expect(response.status).toBe(400)
  expect(await response.text()).not.toContain('evil.example')
})

test('of a pushed request it is what was pushed that counts', async () => {
  const juniper = await KeyedClient.of(provider)
  const response = await alice.open(`${await juniper.address(FORM_POST)}&response_mode=query`)
  expect(formIn(await response.text()).action).toBe('https://juniper.example/sso/callback')
})

test('no response_mode, or query: a redirect; it is announced what there is', async () => {
  for (const response_mode of [undefined, 'query'])
    expect((await alice.authorize('cedar', { response_mode })).status).toBe(303)
  const metadata = await (await provider.fetch(`${ISSUER}/.well-known/openid-configuration`)).json()
  expect(metadata.response_modes_supported).toEqual(['query', 'form_post'])
})
