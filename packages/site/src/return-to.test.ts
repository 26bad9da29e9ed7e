import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { trustReturnTo, withParameter } from './return-to.ts'
import { createWorld, ISSUER, SITE_URL, type World } from './testing/fixtures.ts'

const SITE = 'http://shop.localhost:4001'
const staysHere = (text: string) => {
  const path = trustReturnTo(text, SITE)
  // As the browser reads it, from a page of the site and from its root: twice, because it may be passed on.
  const once = new URL(path, `${SITE}/some/page`)
  return once.origin === SITE && new URL(once.pathname + once.search, SITE).origin === SITE
}

describe('IS-6, pain 26: a way back is a path of this site', () => {
  test.each(['/', '/orders', '/orders/7?tab=parts#end', '/a%2Fb', '/søk?q=æ', '/?next=https://evil.example'])(
    '%s is kept',
    (path) => {
      const { pathname, search, hash } = new URL(path, SITE)
      expect(trustReturnTo(path, SITE)).toBe(pathname + search + hash)
    },
  )

  test.each([
    '',
    'orders',
    '//evil.example',
    '//evil.example/orders',
    '///evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/%2e//evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    'http:evil.example',
    '/\u2028/evil.example',
    '/\u0000',
    '/sso/login',
    '/sso',
    '/sso/logout?x',
    '/x/../sso/login',
  ])('%j falls back to /', (text) => {
    expect(trustReturnTo(text, SITE)).toBe('/')
  })

  test('a path of more than 1024 characters would burst cookies and addresses', () => {
    expect(trustReturnTo(`/${'a'.repeat(1023)}`, SITE)).not.toBe('/')
    expect(trustReturnTo(`/${'a'.repeat(1024)}`, SITE)).toBe('/')
  })

  test('nothing at all is the front page', () => {
    expect(trustReturnTo(null, SITE)).toBe('/')
    expect(trustReturnTo(undefined, SITE)).toBe('/')
  })

  test('a parameter is added without touching the rest', () => {
    expect(withParameter('/a?b=c#d', 'sso', 'none', SITE)).toBe('/a?b=c&sso=none#d')
  })
})

/** Each in four ways: as it is, after a slash, and both decoded. */
function variantsOf(strings: string[]): string[] {
  const decoded = (text: string) =>
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return strings.flatMap((text) => [text, `/${text}`, decoded(text), `/${decoded(text)}`])
}

const OWN_STRINGS = [
  '//evil.example',
  '/\\evil.example',
  'https:evil.example',
  '/%09/evil.example',
  '/.//evil.example',
  '@evil.example',
]
const file = fileURLToPath(new URL('../../../../shared/vectors/web/open-redirect.json', import.meta.url))
const isThere = existsSync(file)
const vectors: string[] = isThere ? JSON.parse(readFileSync(file, 'utf8')) : []
const variants = variantsOf([...OWN_STRINGS, ...vectors])
const ofVectors = isThere
  ? `${vectors.length} strings of open-redirect.json`
  : 'our own strings alone: the shared vectors are not beside this repository'

describe(`F-81, pain 26, IS-6: strings made by others (${ofVectors})`, () => {
  test('a way back stays on the site', () => {
    expect(variants.filter((text) => !staysHere(text))).toEqual([])
  })

  /** Those after which a browser would be elsewhere. */
  async function leaders(answerTo: (text: string, world: World) => Promise<Response>): Promise<string[]> {
    const world = await createWorld()
    const found: string[] = []
    for (const text of variants) {
      const location = (await answerTo(text, world)).headers.get('location') ?? 'nowhere'
      if (!URL.canParse(location) || new URL(location).origin !== SITE_URL)
        found.push(`${text} → ${location}`)
    }
    return found
  }

  test('the way of a sign-out ends on the site', async () => {
    expect(
      await leaders((returnTo, world) => world.browser().post('/sso/logout', { scope: 'site', returnTo })),
    ).toEqual([])
  })

  test('the way of a state that somebody made up ends on the site', async () => {
    const state = (path: string) => `s${'A'.repeat(22)}.${Buffer.from(path).toString('base64url')}`
    expect(
      await leaders((path, world) =>
        world.browser().visit(`/sso/callback?${new URLSearchParams({ state: state(path) })}`),
      ),
    ).toEqual([])
  })

  test('the way of a login ends on the site', async () => {
    expect(
      await leaders(async (returnTo, world) => {
        const browser = world.browser()
        const login = await browser.visit(`/sso/login?${new URLSearchParams({ returnTo })}`)
        const { state } = Object.fromEntries(new URL(login.headers.get('location') ?? '').searchParams)
        // As a silent try that ends without anybody, which goes back at once.
        return await world
          .browser()
          .visit(`/sso/callback?${new URLSearchParams({ state: `s${state?.slice(1)}` })}`)
      }),
    ).toEqual([])
  })

  test('the way of a login that another party starts ends on the site', async () => {
    expect(
      await leaders(async (target_link_uri, world) => {
        const query = new URLSearchParams({ iss: ISSUER, target_link_uri })
        const login = await world.browser().visit(`/sso/login?${query}`)
        const { state } = Object.fromEntries(new URL(login.headers.get('location') ?? '').searchParams)
        return await world
          .browser()
          .visit(`/sso/callback?${new URLSearchParams({ state: `s${state?.slice(1)}` })}`)
      }),
    ).toEqual([])
  })
})
