import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  askAs,
  authorizationRequest,
  Browser,
  credentials,
  ISSUER,
  openProvider,
  type Provider,
} from '../testing/index.ts'
import { passwordQueue } from './passwords.ts'
import { LIMITS, TooManyTriesError } from './rate-limits.ts'

// A hundred passwords take their time on a machine that has other work.
vi.setConfig({ testTimeout: 60_000 })
afterAll(() => vi.resetConfig())

/** ASVS 6.1.1: the numbers of these tests are those of the document. */
const DOCUMENT = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8')
const ROWS = [...DOCUMENT.matchAll(/^\| `(\w+)` \| (\d+) \| (\d+) \|.*\| (open|closed) \|$/gm)]
const documented = Object.fromEntries(
  ROWS.map(([, rule, most, seconds]) => [rule, { most: Number(most), seconds: Number(seconds) }]),
) as typeof LIMITS // the first test says that they are the same

let provider: Provider
beforeEach(async () => {
  provider = await openProvider({ hasRateLimits: true, trustedProxies: ['10.0.0.1'] })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await provider.close()
})

test('6.1.1: docs/limits.md has every limit, with the numbers that are enforced', () => {
  expect(documented).toEqual(LIMITS)
})

/** A page to send the login form from; forms of one page may be sent again while the password is wrong. */
class Visitor extends Browser {
  page = ''
  static async at(
    of: Provider,
    address = '198.51.100.1',
    headers: Record<string, string> = {},
  ): Promise<Visitor> {
    const from = { ...of, fetch: (...request: Parameters<typeof fetch>) => of.fetchFrom(address, ...request) }
    const visitor = new Visitor(from as Provider)
    visitor.headers = headers
    visitor.page = await (await visitor.authorize('alder', { prompt: 'login' })).text()
    return visitor
  }
  headers: Record<string, string> = {}
  tries(email: string, password: string): Promise<Response> {
    return this.submit(this.page, { email, password, intent: 'sign-in' }, this.headers)
  }
  async statuses(count: number, email = 'alice@example.com', password = 'wrong'): Promise<number[]> {
    const all = []
    for (let n = 0; n < count; n++) all.push((await this.tries(email, password)).status)
    return all
  }
}
const { email: alice, password: right } = credentials('alice')
const times = (count: number, status: number): number[] => Array.from({ length: count }, () => status)

describe('failed logins of an account', () => {
  const { most, seconds } = documented.login_account

  test('F-70 after the stated number it is 429 with Retry-After in plain words, the right password too, until the window ends', async () => {
    const stranger = await Visitor.at(provider)
    expect(await stranger.statuses(100)).toEqual([...times(most, 422), ...times(100 - most, 429)])
    const refused = await stranger.tries(alice, right)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, String(seconds)])
    expect(await refused.text()).toContain('You can try again in 15 minutes.')
    provider.pass(seconds - 1)
    expect((await stranger.tries(alice, right)).status).toBe(429)
    provider.pass(1)
    stranger.page = await (await stranger.authorize('alder')).text()
    expect((await stranger.tries(alice, right)).status).toBe(303)
  })

  test('F-70 6.3.1: in a browser where she has logged in before, the owner is not locked out by strangers', async () => {
    const hers = await Visitor.at(provider)
    expect((await hers.tries(alice, right)).status).toBe(303)
    await (await Visitor.at(provider, '203.0.113.1')).statuses(most + 1)
    const again = await Visitor.at(provider, '198.51.100.2')
    for (const [name, value] of hers.cookies) if (name === '__Host-known') again.cookies.set(name, value)
    expect(await again.statuses(1)).toEqual([422])
    expect((await again.tries(alice, right)).status).toBe(303)
  })

  test('a known browser has tries of its own, and is known for one account only', async () => {
    const known = documented.login_known_browser
    const [hers, herOther] = [await Visitor.at(provider), await Visitor.at(provider, '198.51.100.3')]
    for (const browser of [hers, herOther]) {
      await browser.tries(alice, right)
      browser.page = await (await browser.authorize('alder', { prompt: 'login' })).text()
    }
    expect(await hers.statuses(known.most + 1)).toEqual([...times(known.most, 422), 429])
    expect(await hers.statuses(most + 1, 'bob@example.com')).toEqual([...times(most, 422), 429])
    // What was tried there was counted neither against the account nor against another browser that she uses.
    expect(await herOther.statuses(1)).toEqual([422])
    expect(await (await Visitor.at(provider, '203.0.113.1')).statuses(1)).toEqual([422])
  })

  test('fifty at once gain nothing: as many passwords are hashed as the limit says', async () => {
    const stranger = await Visitor.at(provider)
    const before = passwordQueue().done
    const answers = await Promise.all(Array.from({ length: 50 }, () => stranger.tries(alice, 'wrong')))
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(most)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(50 - most)
    expect(passwordQueue().done - before).toBe(most)
  })

  test('what succeeds does not count', async () => {
    for (let n = 0; n < most + 2; n++) {
      const visitor = await Visitor.at(provider)
      expect((await visitor.tries(alice, right)).status).toBe(303)
    }
    expect(await (await Visitor.at(provider)).statuses(1)).toEqual([422])
  })

  test('F-72 two processes count together, and a restart forgets nothing', async () => {
    const other = await provider.another()
    const [here, there] = [await Visitor.at(provider), await Visitor.at(other)]
    expect(await here.statuses(most - 1)).toEqual(times(most - 1, 422))
    expect(await there.statuses(2)).toEqual([422, 429])
    const restarted = await provider.another()
    expect(await (await Visitor.at(restarted)).statuses(1)).toEqual([429])
  })

  test('F-73 the way of an unknown account is that of a known one: the same verbs of the store, as many hashes', async () => {
    const way = async (email: string, password: string) => {
      const visitor = await Visitor.at(provider, '203.0.113.77')
      const calls: string[] = []
      const ports = ['accounts', 'rateLimits', 'audit', 'sessions', 'usedTokens'] as const
      const spies = ports.flatMap((name) => {
        const port = provider.auth.store[name] as unknown as Record<string, (...args: unknown[]) => unknown>
        return Object.entries(port).map(([verb, call]) =>
          vi.spyOn(port, verb).mockImplementation((...args) => {
            calls.push(`${name}.${verb}`)
            return call(...args)
          }),
        )
      })
      const before = passwordQueue().done
      const { status } = await visitor.tries(email, password)
      for (const spy of spies) spy.mockRestore()
      return { status, calls, hashes: passwordQueue().done - before }
    }
    const known = await way(alice, 'wrong')
    expect(known).toEqual({
      status: 422,
      calls: ['rateLimits.hit', 'rateLimits.hit', 'accounts.findByEmail', 'audit.write'],
      hashes: 1,
    })
    expect(await way('nobody@example.com', 'wrong')).toEqual(known)
    const locked = async (email: string) => {
      await (await Visitor.at(provider, '203.0.113.78')).statuses(most, email)
      return await way(email, 'wrong')
    }
    const refused = await locked('bob@example.com')
    expect(refused).toEqual({ status: 429, calls: ['rateLimits.hit', 'rateLimits.hit'], hashes: 0 })
    expect(await locked('nobody-else@example.com')).toEqual(refused)
  })
})

describe('failed logins of an address', () => {
  const { most } = documented.login_address
  const spray = async (visitor: Visitor, count: number) => {
    const all = []
    for (let n = 0; n < count; n++) all.push((await visitor.tries(`${n}@example.com`, 'Spring2026!')).status)
    return all
  }

  test('F-71 6.3.1: one password for many accounts ends after the stated number; elsewhere life goes on', async () => {
    expect(await spray(await Visitor.at(provider), most + 5)).toEqual([...times(most, 422), ...times(5, 429)])
    expect(await (await Visitor.at(provider, '203.0.113.1')).statuses(1)).toEqual([422])
    // What was refused there was not held against the account.
    const bob = credentials('bob')
    const visitor = await Visitor.at(provider)
    for (let n = 0; n < 12; n++) expect((await visitor.tries(bob.email, 'wrong')).status).toBe(429)
    expect((await (await Visitor.at(provider, '203.0.113.2')).tries(bob.email, bob.password)).status).toBe(
      303,
    )
  })

  test('F-71 AZ-27 a forged X-Forwarded-For changes nothing; from a trusted proxy it says who it was', async () => {
    const forging = await Visitor.at(provider, '198.51.100.1')
    for (let n = 0; n < most; n++) {
      forging.headers = { 'x-forwarded-for': `203.0.113.${n}` }
      await forging.tries(`${n}@example.com`, 'wrong')
    }
    forging.headers = { 'x-forwarded-for': '203.0.113.250' }
    expect(await forging.statuses(1)).toEqual([429])
    const proxied = (address: string) => Visitor.at(provider, '10.0.0.1', { 'x-forwarded-for': address })
    expect(await (await proxied('198.51.100.1')).statuses(1)).toEqual([429])
    expect(await (await proxied('198.51.100.2')).statuses(1)).toEqual([422])
    expect(await (await proxied('198.51.100.2, 198.51.100.1')).statuses(1)).toEqual([429])
  })

  test('F-75 addresses of one /64 count together', async () => {
    for (let n = 0; n < most; n++)
      await provider.auth.limits.login(
        { email: `${n}@example.com`, address: `2001:db8:1:2::${n}`, knownBrowserId: undefined },
        provider.auth.now(),
        async () => undefined,
      )
    expect(await (await Visitor.at(provider, '2001:db8:1:2:ffff::1')).statuses(1)).toEqual([429])
    expect(await (await Visitor.at(provider, '2001:db8:1:3::1')).statuses(1)).toEqual([422])
  })
})

describe('clients that cannot prove themselves', () => {
  const { most, seconds } = documented.client_authentication
  const asAlder = (secret: string, address: string) =>
    provider.fetchFrom(address, `${ISSUER}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`alder:${encodeURIComponent(secret)}`)}` },
      body: new URLSearchParams({ grant_type: 'nonsense' }),
    })

  test('CA-9 after the stated number 429; another address has its own count, and the right secret works everywhere', async () => {
    const statuses = []
    for (let n = 0; n < most + 2; n++) statuses.push((await asAlder('wrong', '198.51.100.1')).status)
    expect(statuses).toEqual([...times(most, 401), 429, 429])
    expect((await asAlder('wrong', '198.51.100.1')).headers.get('retry-after')).toBe(String(seconds))
    expect((await asAlder('wrong', '198.51.100.2')).status).toBe(401)
    const proved = await askAs(provider, 'alder', '/token', { grant_type: 'nonsense' })
    expect(await proved.json()).toMatchObject({ error: 'unsupported_grant_type' })
    for (const unknown of ['nobody', 'somebody']) {
      const body = new URLSearchParams({ client_id: unknown, client_secret: 'x' })
      for (let n = 0; n < most / 2; n++) await provider.fetch(`${ISSUER}/token`, { method: 'POST', body })
    }
    const body = new URLSearchParams({ client_id: 'a third', client_secret: 'x' })
    expect((await provider.fetch(`${ISSUER}/token`, { method: 'POST', body })).status).toBe(429)
  })

  test('the right secret costs no statement', async () => {
    const hit = vi.spyOn(provider.auth.store.rateLimits, 'hit')
    await askAs(provider, 'alder', '/token', { grant_type: 'nonsense' })
    expect(hit).not.toHaveBeenCalled()
  })
})

test('registrations of an address: refused after the stated number, what succeeds counts too', async () => {
  const { most, seconds } = documented.registration
  const register = (address: string) => provider.auth.limits.registration(address, provider.auth.now())
  for (let n = 0; n < most; n++) await register('198.51.100.1')
  await expect(register('198.51.100.1')).rejects.toThrow(TooManyTriesError)
  await register('198.51.100.2')
  provider.pass(seconds)
  await register('198.51.100.1')
})

describe('while the counts cannot be had', () => {
  const failure = { open: 401, closed: 500 }
  const policyOf = (rule: string) => ROWS.find(([, name]) => name === rule)?.[4] as 'open' | 'closed' // as the pattern says

  test('a login is refused, a client gets the answer it would get', async () => {
    vi.spyOn(provider.auth.store.rateLimits, 'hit').mockRejectedValue(new Error('no database'))
    const before = passwordQueue().done
    const [status] = await (await Visitor.at(provider)).statuses(1)
    expect(status).toBe(failure[policyOf('login_account')])
    expect(passwordQueue().done).toBe(before)
    const wrong = await askAs(provider, 'cedar', '/token', { client_secret: 'wrong' })
    expect(wrong.status).toBe(failure[policyOf('client_authentication')])
    await expect(provider.auth.limits.registration('x', provider.auth.now())).rejects.toThrow('no database')
    expect(policyOf('registration')).toBe('closed')
  })
})

test('a try that came to no verdict is not counted', async () => {
  const visitor = { email: alice, address: '198.51.100.1', knownBrowserId: undefined }
  const fails = () => Promise.reject(new Error('the queue is full'))
  for (let n = 0; n < documented.login_address.most + 1; n++)
    await expect(provider.auth.limits.login(visitor, provider.auth.now(), fails)).rejects.toThrow('queue')
})

test('without limits (RATE_LIMITS=off) nothing is counted', async () => {
  const free = await openProvider()
  const hit = vi.spyOn(free.auth.store.rateLimits, 'hit')
  expect(await (await Visitor.at(free)).statuses(documented.login_account.most + 1)).not.toContain(429)
  expect(hit).not.toHaveBeenCalled()
  await free.close()
})

test('F-74 AZ-19 RT-1 what is not limited has 128 random bits and more', async () => {
  const browser = new Browser(provider)
  const { refresh_token } = await browser.tokens('alder')
  const bits = (text = '') => Buffer.from(text, 'base64url').length * 8
  const [id, secret] = browser.cookies.get('__Host-sso')?.split('.') ?? []
  expect(bits(id)).toBeGreaterThanOrEqual(128)
  expect(bits(secret)).toBe(256)
  expect(bits(refresh_token.split('.')[2])).toBe(256)
  // A code is sealed: its authentication tag is the 128 bits that nobody can guess.
  const code = new URL((await browser.authorize('alder')).headers.get('location') ?? '').searchParams.get(
    'code',
  )
  expect(bits(code?.split('.')[4])).toBe(128)
  const pushed = await askAs(
    provider,
    'cedar',
    '/par',
    Object.fromEntries(authorizationRequest(provider, 'cedar')),
  )
  expect(bits((await pushed.json()).request_uri.split('.')[4])).toBe(128)
})

test('the table holds no email, and what has expired is swept', async () => {
  const { rateLimits } = provider.auth.store
  const hit = vi.spyOn(rateLimits, 'hit')
  await (await Visitor.at(provider)).statuses(1)
  for (const [key] of hit.mock.calls) expect(key).toMatch(/^\w+ [\w-]{43}$/)
  provider.pass(documented.login_account.seconds)
  expect(await provider.auth.store.sweep(provider.auth.now())).toBeGreaterThanOrEqual(2)
})
