import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

function documents(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', '.git', '.next', '.turbo', 'test-results', 'playwright-report'].includes(entry.name))
      return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? documents(path) : entry.name.endsWith('.md') ? [path] : []
  })
}

test('each link of each document leads somewhere', () => {
  const dead = documents('.').flatMap((document) =>
    [...read(document).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => join(dirname(document), target ?? ''))
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${document} → ${relative('.', target)}`),
  )
  expect(dead).toEqual([])
})

test('each test that a document names is in the file that it names', () => {
  const named = documents('docs').flatMap((document) =>
    [...read(document).matchAll(/\]\(([^)]+\.ts)\): \*([^*]+)\*/g)].map(([, file = '', title = '']) => ({
      file: join(dirname(document), file),
      title,
    })),
  )
  expect(named.length).toBeGreaterThan(20)
  for (const { file, title } of named) expect(read(file), file).toContain(title)
})

const sites = readdirSync(join(root, 'apps')).filter((name) => name.startsWith('site-'))

test('the bones are the same in auth, in every site, and in the example that has a page', () => {
  const bones = read('apps/auth/src/pages/assets/bones.css')
  expect(sites.length).toBeGreaterThanOrEqual(2)
  for (const site of sites) expect(read(`apps/${site}/app/bones.css`), site).toBe(bones)
  expect(read('examples/static-spa/public/bones.css')).toBe(bones)
})

test('the README lists every setting of auth, and no other', () => {
  const section = read('README.md').split('**auth**')[1]?.split('**sites**')[0] ?? ''
  const listed = [...section.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name)
  const declared = [...read('apps/auth/src/settings.ts').matchAll(/^ {2}([A-Z_]+): /gm)].map(
    ([, name]) => name,
  )
  expect(listed.sort()).toEqual([...new Set(declared)].sort())
})

test('the proxy of a site runs on the documented requests only', () => {
  const [first = '', ...others] = sites.map((site) => matcherOf(read(`apps/${site}/proxy.ts`)))
  for (const other of others) expect(other).toBe(first)
  expect(first).toContain("missing: [{ type: 'cookie', key: '__Host-checked' }")
})

const matcherOf = (source: string) =>
  source.slice(source.indexOf('export const config')).replaceAll(/\s+/g, ' ').trim()
