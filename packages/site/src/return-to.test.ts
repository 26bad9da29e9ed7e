import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { trustReturnTo, withParameter } from './return-to.ts'

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

describe('F-81: strings made by others', () => {
  const file = fileURLToPath(new URL('../../../../shared/vectors/web/open-redirect.json', import.meta.url))
  const isThere = existsSync(file)

  test.skipIf(!isThere)(
    `open-redirect.json${isThere ? '' : ' (skipped: the shared vectors are not beside this repository)'}`,
    () => {
      const strings: string[] = JSON.parse(readFileSync(file, 'utf8'))
      const decoded = (text: string) =>
        text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      const variants = strings.flatMap((text) => [text, `/${text}`, decoded(text), `/${decoded(text)}`])
      expect(variants.filter((text) => !staysHere(text))).toEqual([])
      console.log(
        `open-redirect.json: ${strings.length} strings in ${variants.length} variants, all stay on the site`,
      )
    },
  )
})
