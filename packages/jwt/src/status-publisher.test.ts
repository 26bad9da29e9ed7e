import { beforeAll, describe, expect, test } from 'vitest'
import { createStatusPublisher, decodeStatusList, StatusListToken, statusAt } from './index.ts'
import { ISSUER, stoppedClock, type TestKey, testKey, verifierFor } from './issuer.fixture.ts'

const MILLION = 2 ** 20
const uri = `${ISSUER}/status/0`
let key: TestKey
beforeAll(async () => {
  key = await testKey()
})

const publisherOf = (signer: () => TestKey = () => key, size = MILLION) =>
  createStatusPublisher({
    issuer: ISSUER,
    key: () => signer().signing,
    size,
    ttlSeconds: 5,
    lifetimeSeconds: 900,
  })

describe('a publisher of a million places', () => {
  test('sets the bits that are revoked, first and last included, and no other (SL-2, SL-11)', async () => {
    const { now } = stoppedClock()
    const revoked = [0, 7, 8, 4711, MILLION - 1]
    const { token } = await publisherOf().publish(uri, revoked, now())
    const { claims, header } = await (await verifierFor(key)).verify(StatusListToken, token)
    expect(header.typ).toBe('statuslist+jwt')
    expect(claims).toMatchObject({ iss: ISSUER, sub: uri, ttl: 5, status_list: { bits: 1 } })
    expect(claims.exp - claims.iat).toBe(900)
    const list = await decodeStatusList(claims.status_list.lst, MILLION / 8)
    expect(list).toHaveLength(MILLION / 8)
    const set = Array.from({ length: MILLION }, (_, n) => n).filter((n) => statusAt(list, 1, n) !== 0)
    expect(set).toEqual(revoked)
  })

  test('says the same in the same words, and signs again after a minute', async () => {
    const { now, move } = stoppedClock()
    const publisher = publisherOf()
    const first = await publisher.publish(uri, [3], now())
    move(59)
    expect(await publisher.publish(uri, [3], now())).toBe(first)
    move(1)
    const again = await publisher.publish(uri, [3], now())
    expect([again.token === first.token, again.etag === first.etag]).toEqual([false, false])
    move(-3600) // a clock that was set back
    expect(await publisher.publish(uri, [3], now())).not.toBe(again)
  })

  test('changes its words with what is revoked, at once and also back', async () => {
    const { now } = stoppedClock()
    const publisher = publisherOf()
    const etags = []
    for (const revoked of [[], [3], [3, 4], [4], []])
      etags.push((await publisher.publish(uri, revoked, now())).etag)
    expect(new Set(etags.slice(0, 4)).size).toBe(4)
    expect(etags.every((etag) => /^"[\w-]{22}"$/.test(etag))).toBe(true)
  })

  test('signs with the key of the moment', async () => {
    const { now } = stoppedClock()
    const next = await testKey()
    let signer = key
    const publisher = publisherOf(() => signer)
    await publisher.publish(uri, [], now())
    signer = next
    const { token } = await publisher.publish(uri, [1], now())
    await expect((await verifierFor(next)).verify(StatusListToken, token)).resolves.toBeDefined()
  })

  test.each([-1, MILLION])('refuses an index outside of its list: %d', async (index) => {
    await expect(publisherOf().publish(uri, [index], new Date())).rejects.toThrow(RangeError)
  })

  test('keeps lists apart, and forgets the oldest of names without end', async () => {
    const { now } = stoppedClock()
    const publisher = publisherOf(undefined, 8)
    const publish = (n: number) => publisher.publish(`${ISSUER}/status/${n}`, [], now())
    const first = await publish(0)
    expect(await publish(0)).toBe(first)
    expect((await publish(1)).token).not.toBe(first.token)
    for (let n = 2; n <= 256; n++) await publish(n)
    expect(await publish(0)).not.toBe(first)
  })
})
