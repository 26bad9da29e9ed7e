import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from 'vitest'

/** Who may import whom. `main` alone knows everything, the store included (and what operators run on a database); a test may import what it needs. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  app: ['auth', 'routes', 'protocol'],
  routes: ['auth', 'protocol', 'pages', 'domain'],
  jobs: ['auth', 'domain'],
  auth: ['domain'],
  protocol: ['domain'],
  pages: ['domain'],
  store: ['domain'],
  seed: ['settings', 'domain'],
  settings: [],
  domain: [],
  telemetry: ['domain'],
  main: ['app', 'auth', 'jobs', 'seed', 'settings', 'stopping', 'store', 'telemetry'],
  stopping: [],
  operator: ['domain', 'settings', 'store', 'telemetry'],
  'rotate-keys': ['operator', 'domain', 'settings'],
  backup: ['operator', 'settings', 'store'],
  restore: ['operator', 'settings', 'store'],
  'account-password': ['operator', 'domain', 'seed', 'settings'],
  'account-sign-out': ['operator', 'domain', 'seed', 'settings'],
  'account-claims': ['operator', 'domain', 'seed', 'settings'],
  testing: ['app', 'auth', 'domain', 'store', 'telemetry'],
}

const root = import.meta.dirname
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.tsx?$/.test(file) && !/(^|\/)generated\//.test(file))
  .filter((file) => !/\.(test|contract|child|fixture)\.tsx?$/.test(file))

/** Comments may speak of anything. */
const codeOf = (file: string) =>
  readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
const layerOf = (file: string) => file.split('/')[0]?.replace(/\.tsx?$/, '') ?? ''
const importsOf = (file: string) =>
  [...codeOf(file).matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map(([, name = '']) => name)

/** The files of a layer that contain what they must not. */
const offenders = (layer: string, forbidden: RegExp) =>
  files.filter((file) => layerOf(file) === layer && forbidden.test(codeOf(file)))

test('the folder says the layer: every file belongs to one', () => {
  expect([...new Set(files.map(layerOf))].toSorted()).toEqual(Object.keys(MAY_IMPORT).toSorted())
})

test('each layer imports only those below it', () => {
  const broken = files.flatMap((file) =>
    importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => layerOf(posix.join(posix.dirname(file), name)))
      .filter((layer) => layer !== layerOf(file) && !MAY_IMPORT[layerOf(file)]?.includes(layer))
      .map((layer) => `${file} imports ${layer}`),
  )
  expect(broken).toEqual([])
})

test('a library stays in the layer that it is for', () => {
  const homes: [library: RegExp, layers: string[]][] = [
    [/^hono/, ['app', 'routes', 'pages']],
    [/^@hono\/node-server/, ['main']],
    [/prisma|libsql/, ['store']],
    [/argon2/, ['domain']],
    [/^(pino|prom-client)$/, ['telemetry']],
    [/^jose/, []],
  ]
  const broken = homes.flatMap(([library, layers]) =>
    files
      .filter(
        (file) =>
          !layers.includes(layerOf(file)) &&
          importsOf(file).some((name) => library.test(name) && !name.startsWith('.')),
      )
      .map((file) => `${file} imports ${library.source}`),
  )
  expect(broken).toEqual([])
})

test('the protocol has no HTML and no SQL', () => {
  expect(offenders('protocol', /<\/[a-z]|text\/html/)).toEqual([])
  expect(offenders('protocol', /\b(SELECT|INSERT|UPDATE|DELETE)\b/)).toEqual([])
})

test('the rules have no clock, no network and no environment of their own', () => {
  const ownClock = /(?<!now = \(\) => )new Date\(\)|Date\.now\(\)/
  for (const layer of ['domain', 'protocol', 'routes', 'auth', 'app', 'jobs', 'pages']) {
    expect(offenders(layer, ownClock)).toEqual([])
  }
  for (const layer of ['domain', 'protocol', 'store']) expect(offenders(layer, /\bfetch\(/)).toEqual([])
})

test('only the programs read the environment', () => {
  const readers = files.filter((file) => /process\.env|import\.meta\.env/.test(codeOf(file)))
  expect(readers.toSorted()).toEqual(['main.ts', 'operator.ts'])
})

test('CA-3 what is secret is compared in constant time, in one place', () => {
  const compares =
    /(secretHash|hashSecret\([^)]*\))\s*[!=]==(?!\s*undefined)|[!=]==\s*(hashSecret\(|\w+\.secretHash)/
  expect(files.filter((file) => compares.test(codeOf(file)))).toEqual([])
  expect(codeOf('domain/secrets.ts')).toMatch(/function isEqual\([^}]*\btimingSafeEqual\(/)
  expect(codeOf('domain/secrets.ts')).toMatch(/function matchesHash\([^}]*\bisEqual\(/)
})

test('F-84 values reach SQL as parameters: a statement is put together from constants alone', () => {
  const UNTAGGED = /(?<!Raw(?:<[^`]*>)?)`([^`]*\b(?:SELECT|INSERT|UPDATE|DELETE|WHERE|PRAGMA)\b[^`]*)`/g
  const put = files
    .filter((file) => layerOf(file) === 'store')
    .flatMap((file) => [...codeOf(file).matchAll(UNTAGGED)].map(([, sql = '']) => [file, sql] as const))
    .flatMap(([file, sql]) =>
      [...sql.matchAll(/\$\{(?![A-Z_]+\})([^}]*)\}/g)].map(([, what]) => `${file} ${what}`),
    )
  // Values of our own in quotes, the record that is made of them, a migration, a pragma that the caller wrote; and for a restore a
  // table of two, and the columns that the database itself says it has.
  expect(put.toSorted()).toEqual([
    'store/migrate.ts values',
    'store/restore.ts names',
    'store/restore.ts table',
    'store/restore.ts values',
    'store/sqlite-history.ts record',
    'store/sqlite-history.ts sql',
    'store/sqlite.ts text',
  ])
  expect(offenders('store', /Unsafe\b/)).toEqual([])
})
