import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import {
  AccessToken,
  createStatusLists,
  decodeStatusList,
  encodeStatusList,
  issue,
  KeysUnavailableError,
  localKeys,
  type StatusListClaims,
  StatusListToken,
} from './index.ts'
import {
  accessClaims,
  accessToken,
  ISSUER,
  stoppedClock,
  type TestKey,
  testKey,
  verifierOf,
} from './issuer.fixture.ts'

const uri = `${ISSUER}/status/0`
let key: TestKey
let stranger: TestKey
beforeAll(async () => {
  ;[key, stranger] = await Promise.all([testKey(), testKey()])
})

/** An issuer with one list, and a site that asks for it. */
async function issuerAndSite(lifetimeSeconds = 60) {
  const clock = stoppedClock()
  const requests: { url: string; etag: string | null }[] = []
  let held: Promise<void> | undefined
  const issuer = {
    ...clock,
    requests,
    revoked: [3] as number[],
    isDown: false,
    etag: undefined as string | undefined,
    claims: {} as Partial<StatusListClaims>,
    signer: key,
    answer: undefined as (() => Response) | undefined,
    hold() {
      let release = () => {}
      held = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
    fetch: async (url: string | URL | Request, options?: RequestInit) => {
      const etag = new Headers(options?.headers).get('if-none-match')
      requests.push({ url: String(url), etag })
      await held
      if (issuer.isDown) throw new TypeError('connection refused')
      if (issuer.answer) return issuer.answer()
      const current = issuer.etag ?? `"${issuer.revoked.join()}"`
      if (etag === current) return new Response(null, { status: 304 })
      const claims = {
        iss: ISSUER,
        sub: String(url),
        ttl: 5,
        status_list: { bits: 1, lst: await encodeStatusList(issuer.revoked, 1024) },
        ...issuer.claims,
      }
      const options_ = { key: issuer.signer.signing, now: clock.now(), lifetimeSeconds }
      return new Response(await issue(StatusListToken, claims, options_), { headers: { etag: current } })
    },
  }
  const verifier = verifierOf(localKeys({ keys: [key.publicJwk] }), { now: clock.now })
  const site = () => createStatusLists({ issuer: ISSUER, verifier, fetch: issuer.fetch, now: clock.now })
  return { issuer, lists: site(), site }
}

test('the bit says valid or revoked, and one fetch serves all who ask', async () => {
  const { issuer, lists } = await issuerAndSite()
  expect(lists.peek({ uri, idx: 3 })).toBeUndefined()
  const statuses = await Promise.all(Array.from({ length: 50 }, (_, idx) => lists.check({ uri, idx })))
  expect(statuses.map((status, idx) => (status === 'revoked' ? idx : -1)).filter((idx) => idx >= 0)).toEqual([
    3,
  ])
  expect(lists.peek({ uri, idx: 3 })).toBe('revoked')
  expect(lists.peek({ uri, idx: 4 })).toBe('valid')
  expect(issuer.requests).toHaveLength(1)
})

test('a place beyond the end is revoked (SL-6)', async () => {
  const { lists } = await issuerAndSite()
  for (const idx of [1024, 2 ** 31, 2 ** 32 + 4, Number.MAX_SAFE_INTEGER]) {
    expect(await lists.check({ uri, idx })).toBe('revoked')
  }
  expect(await lists.check({ uri, idx: 1023 })).toBe('valid')
})

test.each([
  [1, [0b00000010], [0, 1]],
  [2, [0b11_10_01_00], [0, 1, 2, 3]],
  [4, [0x10, 0x32, 0xf4], [0, 1, 2, 3, 4, 15]],
  [8, [0, 1, 2, 3, 255], [0, 1, 2, 3, 255]],
])(
  'of entries of %d bits zero is valid, and every other value is not, known or unknown (SL-7)',
  async (bits, bytes, values) => {
    const { issuer, lists } = await issuerAndSite()
    issuer.claims = { status_list: { bits, lst: deflateSync(Buffer.from(bytes)).toString('base64url') } }
    for (const [idx, value] of values.entries()) {
      expect(await lists.check({ uri, idx }), `${idx}`).toBe(value === 0 ? 'valid' : 'revoked')
    }
  },
)

test('a token that has expired is expired, whatever the list says of it (SL-7)', async () => {
  const { issuer, lists } = await issuerAndSite()
  const verifier = verifierOf(localKeys({ keys: [key.publicJwk] }), { now: issuer.now, status: lists })
  const good = { ...accessClaims, status: { status_list: { uri, idx: 4 } } }
  const texts = await Promise.all(
    [3, 4].map((idx) =>
      accessToken(key.signing, {
        claims: { ...good, status: { status_list: { uri, idx } } },
        lifetimeSeconds: 60,
      }),
    ),
  )
  const verdicts = () =>
    Promise.all(
      texts.map((text) =>
        verifier.verify(AccessToken, text).then(
          () => 'good',
          (error) => error.code,
        ),
      ),
    )
  expect(await verdicts()).toEqual(['revoked', 'good'])
  issuer.move(70)
  expect(await verdicts()).toEqual(['expired', 'expired'])
})

test.each([
  'https://evil.example/status/0',
  `${ISSUER}.evil.example/status/0`,
  ISSUER,
  'http://auth.example/status/0',
  `//auth.example/status/0`,
  '',
])('a list at %j is not ours: revoked, and nobody is asked (SL-10)', async (foreign) => {
  const { issuer, lists } = await issuerAndSite()
  expect(await lists.check({ uri: foreign, idx: 0 })).toBe('revoked')
  expect(issuer.requests).toEqual([])
})

test('a revoked token is refused two periods later at most, without a call on the way (SL-12)', async () => {
  const { issuer, lists } = await issuerAndSite()
  expect(await lists.check({ uri, idx: 7 })).toBe('valid')
  issuer.revoked.push(7)
  issuer.move(5)
  expect(await lists.check({ uri, idx: 7 })).toBe('valid') // still fresh
  expect(issuer.requests).toHaveLength(1)
  issuer.move(0.001)
  expect(await lists.check({ uri, idx: 7 })).toBe('valid') // from memory, while it is fetched
  await expect.poll(() => lists.check({ uri, idx: 7 })).toBe('revoked')
  expect(issuer.requests).toHaveLength(2)
})

test('after a pause nobody is answered from an old list (F-43)', async () => {
  const { issuer, lists } = await issuerAndSite()
  await lists.check({ uri, idx: 7 })
  issuer.revoked.push(7)
  issuer.move(10.001)
  expect(lists.peek({ uri, idx: 7 })).toBeUndefined()
  expect(await lists.check({ uri, idx: 7 })).toBe('revoked')
})

test('a clock that is set back does not keep an old list (F-41)', async () => {
  const { issuer, lists } = await issuerAndSite()
  await lists.check({ uri, idx: 7 })
  issuer.move(-10.001)
  expect(lists.peek({ uri, idx: 7 })).toBeUndefined()
})

test('ttl is the list’s own word, five seconds if it says nothing, one second at least (SL-8)', async () => {
  for (const [ttl, fresh] of [
    [30, 30],
    [undefined, 5],
    [0, 1],
    [0.01, 1],
  ] as const) {
    const { issuer, lists } = await issuerAndSite()
    issuer.claims = ttl === undefined ? { ttl: undefined as never } : { ttl } // an issuer that leaves it out
    await lists.check({ uri, idx: 0 })
    issuer.move(fresh)
    await lists.check({ uri, idx: 0 })
    expect(issuer.requests).toHaveLength(1)
    issuer.move(0.001)
    await lists.check({ uri, idx: 0 })
    expect(issuer.requests).toHaveLength(2)
  }
})

describe('conditional requests', () => {
  test('an unchanged list costs a 304 and is fresh again', async () => {
    const { issuer, lists } = await issuerAndSite()
    await lists.check({ uri, idx: 3 })
    issuer.move(11)
    expect(await lists.check({ uri, idx: 3 })).toBe('revoked')
    expect(issuer.requests.map(({ etag }) => etag)).toEqual([null, '"3"'])
    issuer.move(5)
    expect(lists.peek({ uri, idx: 3 })).toBe('revoked')
    expect(issuer.requests).toHaveLength(2)
  })

  test('304 does not prolong a list: after its exp it is asked for afresh (SL-8)', async () => {
    const { issuer, lists } = await issuerAndSite(60)
    await lists.check({ uri, idx: 3 })
    for (let seconds = 0; seconds < 59; seconds += 11) {
      await lists.check({ uri, idx: 3 })
      issuer.move(11)
    }
    expect(issuer.requests.at(-1)?.etag).toBe('"3"')
    expect(await lists.check({ uri, idx: 3 })).toBe('revoked')
    expect(issuer.requests.at(-1)?.etag).toBeNull()
  })

  test('a 304 that nobody asked for is no list', async () => {
    const { issuer, lists } = await issuerAndSite(60)
    await lists.check({ uri, idx: 0 })
    issuer.answer = () => new Response(null, { status: 304 })
    issuer.move(60)
    for (let n = 0; n < 10; n++) {
      await expect(lists.check({ uri, idx: 0 })).rejects.toThrow(KeysUnavailableError)
    }
    expect(issuer.requests).toHaveLength(2)
  })
})

describe('the issuer is down', () => {
  test('the last list serves until it expires, then nobody can tell', async () => {
    const { issuer, lists } = await issuerAndSite(60)
    await lists.check({ uri, idx: 3 })
    issuer.isDown = true
    for (let second = 0; second < 59; second++) {
      issuer.move(1)
      expect(await lists.check({ uri, idx: 3 })).toBe('revoked')
      await new Promise(setImmediate) // the failure arrives; for a second it is not asked again
      expect(await lists.check({ uri, idx: 4 })).toBe('valid')
      await new Promise(setImmediate)
    }
    expect(issuer.requests.length).toBeLessThanOrEqual(60)
    issuer.move(1)
    await expect(lists.check({ uri, idx: 4 })).rejects.toThrow(KeysUnavailableError)
    expect(lists.peek({ uri, idx: 4 })).toBeUndefined()
    issuer.isDown = false
    issuer.move(1)
    expect(await lists.check({ uri, idx: 4 })).toBe('valid')
  })

  test('after a pause too: the first request waits for the answer that does not come', async () => {
    const { issuer, lists } = await issuerAndSite(60)
    await lists.check({ uri, idx: 3 })
    issuer.isDown = true
    issuer.move(30)
    expect(await lists.check({ uri, idx: 3 })).toBe('revoked')
  })

  test('with nothing known nobody can tell, and it is not asked for each token', async () => {
    const { issuer, lists } = await issuerAndSite()
    issuer.isDown = true
    for (let n = 0; n < 100; n++) {
      await expect(lists.check({ uri, idx: 0 })).rejects.toThrow(KeysUnavailableError)
    }
    expect(issuer.requests).toHaveLength(1)
    issuer.isDown = false
    issuer.move(1)
    expect(await lists.check({ uri, idx: 0 })).toBe('valid')
  })

  test('the reason is kept for the log', async () => {
    const { issuer, lists } = await issuerAndSite()
    issuer.isDown = true
    const error = await lists.check({ uri, idx: 0 }).catch((reason) => reason)
    expect(error.cause).toMatchObject({ message: 'connection refused' })
  })
})

describe('a list that is not to be trusted is no list (SL-2, SL-5)', () => {
  const lst = deflateSync(Buffer.alloc(128)).toString('base64url')
  test.each<[string, Partial<StatusListClaims>]>([
    ['of another address', { sub: `${ISSUER}/status/1` }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['that is not base64url', { status_list: { bits: 1, lst: 'not a list' } }],
    ['that is not compressed', { status_list: { bits: 1, lst: 'AAAA' } }],
    ['that was cut short', { status_list: { bits: 1, lst: lst.slice(0, 8) } }],
  ])('%s', async (_, claims) => {
    const { issuer, lists } = await issuerAndSite()
    issuer.claims = claims
    await expect(lists.check({ uri, idx: 0 })).rejects.toThrow(KeysUnavailableError)
  })

  test.each([3, 0, 16, '1', true, null, [1]])('bits of %j', async (bits) => {
    const claims = { iss: ISSUER, sub: uri, status_list: { bits: bits as number, lst } } // what a broken issuer sends
    const { issuer } = await issuerAndSite()
    const signing = issue(StatusListToken, claims, {
      key: key.signing,
      now: issuer.now(),
      lifetimeSeconds: 60,
    })
    await expect(signing).rejects.toMatchObject({ code: 'claim' })
  })

  test('signed by a stranger', async () => {
    const { issuer, lists } = await issuerAndSite()
    issuer.signer = stranger
    await expect(lists.check({ uri, idx: 0 })).rejects.toThrow(KeysUnavailableError)
  })

  test('expired already', async () => {
    const { lists } = await issuerAndSite(-1)
    await expect(lists.check({ uri, idx: 0 })).rejects.toThrow(KeysUnavailableError)
  })

  test.each([404, 500, 302])('answered with %d', async (status) => {
    const { issuer, lists } = await issuerAndSite()
    issuer.answer = () => new Response('nothing here', { status })
    await expect(lists.check({ uri, idx: 0 })).rejects.toThrow(KeysUnavailableError)
  })

  test('and a bad answer leaves the last good list in its place', async () => {
    const { issuer, lists } = await issuerAndSite()
    await lists.check({ uri, idx: 3 })
    issuer.signer = stranger
    issuer.revoked = []
    issuer.move(11)
    expect(await lists.check({ uri, idx: 3 })).toBe('revoked')
  })
})

test('unpacking is bounded: a bomb is no list (SL-9)', async () => {
  const bomb = deflateSync(Buffer.alloc(50_000_000)).toString('base64url')
  await expect(decodeStatusList(bomb, 6_000_000)).rejects.toThrow(RangeError)
  const { issuer, lists } = await issuerAndSite()
  issuer.claims = { status_list: { bits: 1, lst: bomb } }
  await expect(lists.check({ uri, idx: 0 })).rejects.toThrow(KeysUnavailableError)
})

test('an answer without end is left', async () => {
  let sent = 0
  const { issuer, lists } = await issuerAndSite()
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    sent += 1_000_000
    controller.enqueue(new Uint8Array(1_000_000).fill(0x41))
  }
  issuer.answer = () => new Response(new ReadableStream({ pull }))
  await expect(lists.check({ uri, idx: 0 })).rejects.toThrow(KeysUnavailableError)
  expect(sent).toBeLessThan(10_000_000)
})

describe('refresh', () => {
  test('fetches every list in use now, and forgets what nobody named for an hour', async () => {
    const { issuer, lists } = await issuerAndSite(7200)
    const second = `${ISSUER}/status/1`
    await lists.check({ uri, idx: 0 })
    issuer.move(3000)
    await lists.check({ uri: second, idx: 9 })
    issuer.revoked.push(9)
    await lists.refresh()
    expect(lists.peek({ uri: second, idx: 9 })).toBe('revoked')
    issuer.move(601)
    issuer.requests.length = 0
    await lists.refresh()
    expect(issuer.requests.map(({ url }) => url)).toEqual([second])
  })

  test('never throws, and asks even though the issuer has just failed: there is news', async () => {
    const { issuer, lists } = await issuerAndSite()
    await lists.check({ uri, idx: 9 })
    issuer.isDown = true
    await lists.refresh()
    issuer.isDown = false
    issuer.revoked.push(9)
    await lists.refresh()
    expect(lists.peek({ uri, idx: 9 })).toBe('revoked')
  })
})

test('peek answers at once, while the list is being fetched', async () => {
  const { issuer, lists } = await issuerAndSite()
  await lists.check({ uri, idx: 3 })
  const release = issuer.hold()
  issuer.move(6)
  expect(lists.peek({ uri, idx: 3 })).toBe('revoked')
  expect(await lists.check({ uri, idx: 3 })).toBe('revoked')
  release()
})

test('what was revoked is revoked at once, however old the list: nobody waits to hear it again', async () => {
  const { issuer, lists } = await issuerAndSite(60)
  await lists.check({ uri, idx: 3 })
  for (const pause of [15, 100]) {
    issuer.move(pause)
    issuer.hold()
    expect(lists.peek({ uri, idx: 3 })).toBe('revoked')
    expect(lists.peek({ uri, idx: 4 })).toBeUndefined()
  }
})

test('F-43: an answer that was under way while this machine slept is as old as its question', async () => {
  const { issuer, lists } = await issuerAndSite(14_400)
  const old = await issuer.fetch(uri)
  issuer.requests.length = 0
  issuer.answer = () => {
    issuer.answer = undefined
    return old
  }
  const release = issuer.hold()
  const asked = lists.check({ uri, idx: 9 })
  await vi.waitFor(() => expect(issuer.requests).toHaveLength(1))
  issuer.move(7200)
  issuer.revoked.push(9)
  release()
  expect(await asked).toBe('revoked')
  expect(issuer.requests).toHaveLength(2)
})
