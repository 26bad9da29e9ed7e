import { deflateSync } from 'node:zlib'
import { AccessToken, decodeStatusList, StatusListToken, statusAt } from '@grove/jwt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askAs, Browser, ISSUER, openProvider, type Provider, SITE_A } from '../testing/index.ts'

let provider: Provider
let alice: Browser
beforeAll(async () => {
  provider = await openProvider()
  alice = new Browser(provider)
})
afterAll(() => provider.close())

const getList = (list: number | string = 0, headers = {}) =>
  provider.fetch(`${ISSUER}/status/${list}`, { headers })

async function newGrant() {
  const tokens = await alice.tokens('alder')
  const { claims } = await provider.read(AccessToken, tokens.access_token, SITE_A)
  return { ...tokens, index: claims.status?.status_list.idx ?? -1 }
}

async function bitAt(index: number): Promise<number | undefined> {
  const { claims } = await provider.read(StatusListToken, await (await getList()).text(), '')
  const { bits, lst } = claims.status_list
  return statusAt(await decodeStatusList(lst, 2 ** 17), bits, index)
}

test('SL-7 the bit of a revoked grant is set at once, and no other', async () => {
  const [grant, other] = [await newGrant(), await newGrant()]
  expect(await bitAt(grant.index)).toBe(0)
  await askAs(provider, 'alder', '/revoke', { token: grant.refresh_token })
  expect([await bitAt(grant.index), await bitAt(other.index)]).toEqual([1, 0])
})

test('LO-5 a logout sets the bits of all grants of the session at once', async () => {
  const grants = [await newGrant(), await newGrant()]
  await alice.open(`/logout?id_token_hint=${grants[0]?.id_token}`)
  expect(await Promise.all(grants.map(({ index }) => bitAt(index)))).toEqual([1, 1])
})

test('the bit stays for as long as a token of the grant may live, and then goes', async () => {
  const grant = await newGrant()
  await askAs(provider, 'alder', '/revoke', { token: grant.refresh_token })
  provider.pass(300 + 60) // the life of a token, and the widest tolerance
  expect(await bitAt(grant.index)).toBe(1)
  provider.pass(61)
  expect(await bitAt(grant.index)).toBe(0)
})

test('SL-2 SL-4 the list as it is served', async () => {
  const response = await getList()
  expect(response.headers.get('content-type')).toBe('application/statuslist+jwt')
  expect(response.headers.get('cache-control')).toBe('public, max-age=5')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  const { claims, header } = await provider.read(StatusListToken, await response.text(), '')
  expect(header.typ).toBe('statuslist+jwt')
  expect(claims).toMatchObject({ iss: ISSUER, sub: `${ISSUER}/status/0`, ttl: 5 })
  expect(claims.exp - claims.iat).toBeGreaterThan(300) // longer than an access token, for when this server is down
})

test('SL-3 the list is deflated at the best level', async () => {
  const { claims } = await provider.read(StatusListToken, await (await getList()).text(), '')
  const packed = Buffer.from(claims.status_list.lst, 'base64url')
  const list = await decodeStatusList(claims.status_list.lst, 2 ** 17)
  expect(packed).toEqual(deflateSync(list, { level: 9 }))
})

test('unchanged it is 304, changed it is new', async () => {
  const grant = await newGrant()
  const etag = (await getList()).headers.get('etag') ?? ''
  const same = await getList(0, { 'if-none-match': etag })
  expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag])

  await askAs(provider, 'alder', '/revoke', { token: grant.refresh_token })
  const changed = await getList(0, { 'if-none-match': etag })
  expect(changed.status).toBe(200)
  expect(changed.headers.get('etag')).not.toBe(etag)
})

test('it is signed again long before it expires', async () => {
  const before = await (await getList()).text()
  provider.pass(59)
  expect(await (await getList()).text()).toBe(before)
  provider.pass(1)
  expect(await (await getList()).text()).not.toBe(before)
})

test.each(['x', '-1', '1.5', '1000000', '__proto__', '0x1'])('there is no list %s', async (list) => {
  expect((await getList(list)).status).toBe(404)
})
