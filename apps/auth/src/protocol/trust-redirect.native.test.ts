import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  answerIn,
  Browser,
  CLIENTS,
  codeIn,
  ISSUER,
  openProvider,
  type Provider,
  redeem,
} from '../testing/index.ts'

const aspen = CLIENTS.find(({ id }) => id === 'aspen') ?? expect.unreachable()
const LOOPBACK = ['http://127.0.0.1/callback', 'http://[::1]/callback?via=the%20grove']
// The same addresses, registered by who is not a native client.
const provider: Provider = await openProvider({
  clients: [...CLIENTS, { ...aspen, id: 'web', name: 'Web', isNative: false, redirectUris: LOOPBACK }],
})
let alice: Browser
beforeEach(async () => {
  alice = new Browser(provider)
  await alice.login('alder')
})
afterAll(() => provider.close())

const at = (redirect_uri: string, clientId = 'aspen') =>
  alice.authorize(clientId, { redirect_uri, scope: 'openid' })
const allowAt = async (redirect_uri: string) =>
  await alice.submit(await (await at(redirect_uri)).text(), { intent: 'allow' })

describe('AZ-1 the port of a loopback address is open, for a native client', () => {
  test.each([
    'http://127.0.0.1:1/callback',
    'http://127.0.0.1:49152/callback',
    'http://127.0.0.1:65535/callback',
    'http://127.0.0.1/callback',
    'http://[::1]:49152/callback?via=the%20grove',
  ])('%s: the code goes there, and is redeemed with that address alone', async (address) => {
    const response = await allowAt(address)
    const location = response.headers.get('location') ?? ''
    expect(location.startsWith(`${address}${address.includes('?') ? '&' : '?'}code=`)).toBe(true)
    const another = await redeem(provider, 'aspen', codeIn(response), {
      redirect_uri: address.replace(/(?<=\d|\])(:\d+)?\/c/, ':7001/c'),
    })
    expect(another.status).toBe(400)
    expect((await redeem(provider, 'aspen', codeIn(response), { redirect_uri: address })).status).toBe(200)
  })

  test.each([
    // Another path, query, scheme or host
    'http://127.0.0.1:7001/',
    'http://127.0.0.1:7001/callback/',
    'http://127.0.0.1:7001/callback?',
    'http://127.0.0.1:7001/callback?x=y',
    'http://127.0.0.1:7001/callback#x',
    'http://127.0.0.1:7001/./callback',
    'http://[::1]:7001/callback',
    'http://[::1]:7001/callback?via=the+grove',
    'https://127.0.0.1:7001/callback',
    'HTTP://127.0.0.1:7001/callback',
    'http://127.0.0.2:7001/callback',
    'http://127.1:7001/callback',
    'http://[0:0:0:0:0:0:0:1]:7001/callback?via=the%20grove',
    'http://10.0.0.1:7001/callback',
    // What is no port
    'http://127.0.0.1:/callback',
    'http://127.0.0.1:0/callback',
    'http://127.0.0.1:07001/callback',
    'http://127.0.0.1:65536/callback',
    'http://127.0.0.1:700100/callback',
    'http://127.0.0.1:+7001/callback',
    'http://127.0.0.1:7001:7002/callback',
    'http://127.0.0.1:7001@evil.example/callback',
    'http://127.0.0.1:7001.evil.example/callback',
    'http://127.0.0.1:7001\\@evil.example/callback',
    'http://127.0.0.1.evil.example:7001/callback',
    'http://user@127.0.0.1:7001/callback',
    ' http://127.0.0.1:7001/callback',
    // Registered for this client too, and none of them a loopback address without a port
    'http://localhost:7001/callback',
    'https://aspen.example:7001/callback',
    'http://127.0.0.1:7001/fixed',
    'http://127.0.0.1/fixed',
  ])('%j is refused on a page, and never gone to', async (address) => {
    const response = await at(address)
    expect([response.status, response.headers.get('location')]).toEqual([400, null])
    expect(await response.text()).not.toContain('consent-form')
  })

  test.each(['http://localhost/callback', 'https://aspen.example/callback', 'http://127.0.0.1:7070/fixed'])(
    '%s, which is registered, is still good as it stands',
    async (address) => {
      expect((await allowAt(address)).headers.get('location')).toContain(`${address}?code=`)
    },
  )

  test.each(LOOPBACK)('%s of a client that is not native stays byte for byte', async (address) => {
    expect((await at(address, 'web')).status).toBe(200)
    expect((await at(address.replace(/\/c/, ':7001/c'), 'web')).status).toBe(400)
  })
})

describe('a native client is whoever listens there', () => {
  test('AZ-21 the person is asked each time, and prompt=none gets consent_required', async () => {
    for (const _ of ['first', 'second'])
      expect((await allowAt('http://127.0.0.1:7001/callback')).status).toBe(303)
    const silent = await alice.authorize('aspen', { scope: 'openid', prompt: 'none' })
    expect(answerIn(silent).get('error')).toBe('consent_required')
  })

  test('TK-13 no page of a loopback address may call in its name', async () => {
    for (const origin of [
      'http://127.0.0.1:7001',
      'http://127.0.0.1:7070',
      'http://localhost',
      'https://aspen.example',
    ]) {
      const headers = { origin, 'access-control-request-method': 'POST' }
      const response = await provider.fetch(`${ISSUER}/userinfo`, { method: 'OPTIONS', headers })
      expect(response.headers.get('access-control-allow-origin'), origin).toBeNull()
    }
  })
})
