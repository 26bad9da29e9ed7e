import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser, ISSUER, openProvider, type Provider } from '../testing/index.ts'

// Strings that URL parsers disagree on, and strings that redirected somewhere else: shared/vectors/README.md.
const VECTORS = new URL('../../../../../shared/vectors/', import.meta.url)
const FILES = ['web/open-redirect.json', 'web/crlf.json', 'url/urltestdata.json']

/** Ours: the registered address, bent. */
const REGISTERED = 'http://site-a.localhost:4001/sso/callback'
const BENT = [
  `${REGISTERED}/`,
  `${REGISTERED}?`,
  `${REGISTERED}#`,
  `${REGISTERED}/../../evil`,
  `${REGISTERED}/%2e%2e/evil`,
  `${REGISTERED}%252f..`,
  `${REGISTERED}%0d%0aSet-Cookie:x=y`,
  ` ${REGISTERED}`,
  `${REGISTERED}\t`,
  `${REGISTERED}\0`,
  'http://site-a.localhost:4001/SSO/callback',
  'http://site-a.localhost.:4001/sso/callback',
  'http://site-a.localhost:4001@evil.example/sso/callback',
  'http://site-a.localhost:4001\\@evil.example/sso/callback',
  'http://evil.example/?http://site-a.localhost:4001/sso/callback',
  'http://site-a.localhost:40010/sso/callback',
  'http://site-a.localhost/sso/callback',
  'https://site-a.localhost:4001/sso/callback',
  'http://sub.site-a.localhost:4001/sso/callback',
  'http://ѕite-a.localhost:4001/sso/callback',
  '//site-a.localhost:4001/sso/callback',
  'javascript:alert(1)',
]

let provider: Provider
let alice: Browser
beforeAll(async () => {
  provider = await openProvider()
  alice = new Browser(provider)
  await alice.login('alder')
})
afterAll(() => provider.close())

/** Each as the address to return to, at login and at logout; none of them is ever gone to. */
async function expectNoneRedirected(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    for (const response of [
      await alice.authorize('alder', { redirect_uri: address }),
      await alice.authorize('alder', { redirect_uri: address, prompt: 'none', request: 'x' }),
      await alice.open(`/logout?client_id=alder&post_logout_redirect_uri=${encodeURIComponent(address)}`),
    ]) {
      expect([address, response.status, response.headers.get('location')]).toEqual([address, 400, null])
      expect(response.headers.has('set-cookie')).toBe(false)
    }
  }
}

/** Each as `state`, as it comes and decoded: it returns as it was, at the registered address and in no new header. */
async function expectCarriedInState(states: readonly string[]): Promise<void> {
  for (const state of states) {
    const response = await alice.authorize('alder', { state })
    const location = response.headers.get('location') ?? ''
    expect(location.startsWith(`${REGISTERED}?code=`)).toBe(true)
    expect(new URL(location, ISSUER).origin).toBe('http://site-a.localhost:4001')
    expect(new URL(location).searchParams.get('state')).toBe(new URLSearchParams({ state }).get('state'))
    expect(response.headers.has('set-cookie')).toBe(false)
  }
}

test('F-80 X-14 AZ-1 the registered address, bent', async () => {
  await expectNoneRedirected(BENT)
  await expectCarriedInState(BENT)
})

describe.each(FILES)('F-80 F-82 %s', (file) => {
  const path = new URL(file, VECTORS)
  test.skipIf(!existsSync(path))(
    'none is ever redirected to (skipped where the vectors are not there)',
    { timeout: 60_000 },
    async () => {
      const cases: (string | { input?: string })[] = JSON.parse(readFileSync(path, 'utf8'))
      const raw = cases.flatMap((one) => (typeof one === 'string' ? [one] : (one.input ?? [])))
      const all = [...new Set(raw.flatMap((text) => [text, decoded(text)]))].filter(Boolean)
      await expectNoneRedirected(all)
      await expectCarriedInState(all)
      console.log(`${file}: ${cases.length} cases, ${all.length} addresses tried, none redirected to`)
    },
  )
})

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
