import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const home = fileURLToPath(new URL('..', import.meta.url))

/** What snippets that are no files take for granted, and what of them is looked at here, by something that stands in them. */
const ASSUMED: readonly [sign: string, before: string, after?: string][] = [
  [
    'z.object(',
    // As much of a schema library as the snippet uses: this package depends on none.
    `import { createNextSite } from '@grove/site/next'; import type { SiteOptions, UserSchema } from '@grove/site'
declare const options: SiteOptions; const SCOPE = 'openid'
type Of<S> = S extends UserSchema<infer T> ? T : never
type Schema<T> = UserSchema<T> & { default(value: T): Schema<T> }
declare const z: {
  object<S extends Record<string, UserSchema<unknown>>>(shape: S): Schema<{ [K in keyof S]: Of<S[K]> }>
  string(): Schema<string>; array<T>(of: Schema<T>): Schema<T[]>; enum<const T extends readonly string[]>(of: T): Schema<T[number]>
}`,
    `export const expected: ('editor' | 'reader')[] | undefined = roles; export const id = (await withRoles.session())?.user.id satisfies string | undefined`,
  ],
  [
    'watchSession(',
    `import { useEffect } from 'react'; declare const isSignedIn: boolean; declare const router: { refresh(): void }`,
  ],
  [
    'createHonoSite(',
    `import type { SiteOptions } from '@grove/site'; declare const options: SiteOptions; export { app }`,
  ],
  [
    "app.use('/api/*', sso.cors)",
    `import { createHonoSite } from '@grove/site/hono'; import { Hono } from 'hono'; import type { SiteOptions } from '@grove/site'
declare const options: SiteOptions; const sso = createHonoSite(options); const app = new Hono()`,
  ],
  [
    'createTestIssuer(',
    `import { createSite } from '@grove/site'; import { expect } from 'vitest'
const secret = 'a secret of a test that is long enough'
const options = { siteUrl: 'http://shop.localhost:4001', issuer: 'http://auth.localhost:4000', clientId: 'readme', clientSecret: secret, secrets: [secret] }`,
  ],
]

let folder: string
let names: string[]
let complaints: string

beforeAll(async () => {
  folder = await mkdtemp(join(home, '.readme-'))
  const readme = await readFile(join(home, 'README.md'), 'utf8')
  const snippets = [...readme.matchAll(/^```(tsx?)\n(.*?)^```/gms)]
  const files = snippets.map(([, kind = 'ts', code = ''], place) => fileOf(kind, code, place))
  names = files.map(({ name }) => name)
  for (const { name, code } of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), code)
  }
  const types = '"types": ["node", "react"], "noUnusedLocals": false'
  await writeFile(
    join(folder, 'tsconfig.json'),
    `{ "extends": "../tsconfig.json", "compilerOptions": { ${types} }, "include": ["**/*"] }`,
  )
  complaints = await compile()
})
afterAll(() => rm(folder, { recursive: true }))

/** A snippet that begins with its path is that file; any other is a module of its own, perhaps with something before it. */
function fileOf(kind: string, code: string, place: number): { name: string; code: string } {
  const path = /^\/\/ ([\w./[\]-]+\.tsx?)/.exec(code)?.[1]
  if (path) return { name: path, code }
  const [, before = '', after = ''] = ASSUMED.find(([sign]) => code.includes(sign)) ?? []
  const shown = code.startsWith('<') ? `export const shown = <>${code}</>` : code
  return { name: `snippet-${place}.${kind}`, code: `${before}\n${shown}\n${after}\nexport {}\n` }
}

function compile(): Promise<string> {
  const compiler = join(home, 'node_modules/typescript/bin/tsc')
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, '--noEmit', '--pretty', 'false', '-p', folder], (_, said) =>
      resolve(said),
    )
  })
}

test('every snippet of the README compiles', () => {
  expect(names).toContain('sso.ts')
  expect(names).toContain('app/orders/page.tsx')
  expect(names.length).toBeGreaterThan(10)
  expect(complaints).toBe('')
})

test('the snippet for tests does what it says: a cookie without a login', async () => {
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  const name = names[texts.findIndex((text) => text.includes('createTestIssuer('))]
  await import(pathToFileURL(join(folder, name ?? '')).href)
  expect.hasAssertions()
})
