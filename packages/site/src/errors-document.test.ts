import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { en } from './messages.ts'
import { SettingsError } from './options.ts'
import { createSite } from './site.ts'
import { createWorld } from './testing/fixtures.ts'

vi.spyOn(console, 'error').mockImplementation(() => {})

const DOCUMENT = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
const [, chapter = ''] = /\n## Pages of a site\n([\s\S]*?)\n## /.exec(DOCUMENT) ?? []
const sections = new Map(
  chapter
    .split('\n### ')
    .slice(1)
    .map((text) => [text.split('\n', 1).join(), text]),
)

test('no code of a page is without its section, and no section without its code', () => {
  expect([...sections.keys()].sort()).toEqual(Object.keys(en.pages).sort())
})

test('each section and each page have cause and remedy', () => {
  for (const [code, text] of sections)
    expect(text, code).toMatch(/\*\*Cause\.\*\* [`\w][\s\S]+\*\*Remedy\.\*\* [`*\w]/)
  for (const [code, { title, cause, fix }] of Object.entries(en.pages))
    for (const sentence of [title, cause, fix]) expect(sentence, code).toMatch(/^[A-Z].{5,}/)
})

test('each reason of a loop is explained, and no other', () => {
  const reasons = [...(sections.get('login_loop') ?? '').matchAll(/^- `(\w+)`:/gm)].map(([, name]) => name)
  expect(reasons.sort()).toEqual(Object.keys(en.loops).sort())
})

test('a page says title, cause, remedy and code; the code leads to the document where there is one', async () => {
  const errorsUrl = 'https://docs.shop.example/errors'
  const linked = await createWorld({ errorsUrl })
  const plain = await createWorld()
  const page = async ({ site, browser }: typeof plain) =>
    await (await browser(site).visit('/sso/callback')).text()
  const { title, cause, fix } = en.pages.login_state_missing
  for (const html of [await page(linked), await page(plain)])
    for (const text of [`<h1>${title}</h1>`, cause, fix, '<code id="error-code">login_state_missing</code>'])
      expect(html).toContain(text)
  expect(await page(linked)).toContain(`href="${errorsUrl}#login_state_missing"`)
  expect(await page(plain)).not.toContain('#login_state_missing')
})

test.each(['javascript:alert(1)', '/docs/errors.md', ''])(
  '%j is no address of a document',
  async (errorsUrl) => {
    const { options } = await createWorld()
    expect(() => createSite({ ...options, errorsUrl })).toThrow(SettingsError)
  },
)
