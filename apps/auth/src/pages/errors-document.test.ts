import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { messages } from './messages.ts'

const SOURCE = new URL('../', import.meta.url)
const DOCUMENT = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')
const [, chapter = ''] = /\n## Pages of Grove\n([\s\S]*)$/.exec(DOCUMENT) ?? []
const sections = new Map(
  chapter
    .split('\n### ')
    .slice(1)
    .map((text) => [text.split('\n', 1).join(), text]),
)

/** What a page can show: the code of each error that is never redirected, and of each failure that the routes know. */
function codesOnPages(): string[] {
  const files = ['protocol', 'routes', 'pages'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, SOURCE), { encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
      .map((name) => readFileSync(new URL(`${folder}/${name}`, SOURCE), 'utf8')),
  )
  const shown = /new PageError\('(\w+)'|\bfailure\(\s*c,\s*'(\w+)'|id="error-code">(\w+)</g
  return [
    ...new Set(files.flatMap((text) => [...text.matchAll(shown)].map(([, a, b, c]) => a ?? b ?? c ?? ''))),
  ]
}

test('no code of a page is without its section in docs/errors.md, and no section without its code', () => {
  const codes = codesOnPages()
  expect(codes).toContain('invalid_redirect_uri')
  expect([...sections.keys()].sort()).toEqual(codes.sort())
})

test('each section has cause and remedy, and each reason stands in one, with the sentence that the page says', () => {
  for (const [code, text] of sections)
    expect(text, code).toMatch(/\*\*Cause\.\*\* [`\w][\s\S]+\*\*Remedy\.\*\* [`*\w]/)
  const explained = [...chapter.matchAll(/^- `(\w+)`: “(.+)”$/gm)].map(([, name, sentence]) => [
    name,
    sentence,
  ])
  expect(explained.sort()).toEqual(Object.entries(messages().error.reasons).sort())
})
