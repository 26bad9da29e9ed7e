import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Copy, repository } from './copy.ts'

let copy: Copy
beforeEach(() => {
  copy = new Copy()
})
afterEach(() => copy.remove())

const tool = (...words: string[]) => copy.run(['tools/add-site.mjs', '--no-install', ...words])
const makeSecrets = () =>
  copy.run(['-e', "import('./tools/secrets.mjs').then((m) => m.writeMissingSecrets('.'))"])
const newFiles = (before: Record<string, string>) =>
  Object.entries(copy.tree()).flatMap(([path, hash]) => (path in before || hash === 'folder' ? [] : [path]))

interface Grove {
  clientId: string
  address: string
}
const groveOf = (site: string) =>
  (JSON.parse(copy.read(`apps/${site}/package.json`)) as { grove: Grove }).grove // as: what the tool wrote

test('add-site changes no file that is there, and --remove leaves the tree as before', async () => {
  const before = copy.tree()
  expect(await tool('willow')).toMatchObject({ code: 0 })
  const after = copy.tree()
  expect(after).toMatchObject(before)
  expect(Object.keys(after)).toContain('apps/site-willow/sso.ts')
  expect(Object.keys(after)).toContain('tests/browser/site-willow.spec.ts')

  expect(await tool('--remove', 'willow')).toMatchObject({ code: 0 })
  expect(copy.tree()).toEqual(before)
})

test('--remove takes the secrets with it that the first start has made', async () => {
  await makeSecrets()
  const before = copy.tree()
  await tool('willow')
  await makeSecrets()
  const secret = /^CLIENT_SECRET=(.+)$/m.exec(copy.read('apps/site-willow/.env.local'))?.[1]
  expect(secret).toMatch(/^development-.{40}/)
  expect(copy.read('apps/auth/.env.local')).toContain(`\nWILLOW_CLIENT_SECRET=${secret}\n`)

  await tool('--remove', 'willow')
  expect(copy.tree()).toEqual(before)
})

// The shortest and the longest name: no line of the template may depend on how long it is.
test.each(['ab', 'a-name-of-24-characters1'])(
  'the site %s is whole, formatted and free of lint',
  async (name) => {
    const before = copy.tree()
    expect(await tool(name)).toMatchObject({ code: 0 })
    const files = newFiles(before)
    for (const file of files) {
      const text = copy.read(file)
      expect(text, file).not.toMatch(/__[A-Z_]+__/)
      for (const [, target = ''] of text.matchAll(/(?:from|import) '(\.[^']+)'/g))
        expect(existsSync(join(copy.root, dirname(file), target)), `${file} imports ${target}`).toBe(true)
    }
    const biome = join(repository, 'node_modules/.bin/biome')
    const { status, stdout, stderr } = spawnSync(
      biome,
      ['check', '--error-on-warnings', '--vcs-enabled=false', ...files],
      {
        cwd: copy.root,
        encoding: 'utf8',
      },
    )
    expect(status, stdout + stderr).toBe(0)
  },
)

test('a new site has the bones of the others, and is registered at the address that it has', async () => {
  await tool('my-site')
  expect(copy.read('apps/site-my-site/app/bones.css')).toBe(copy.read('apps/site-a/app/bones.css'))
  expect(copy.read('apps/site-my-site/proxy.ts')).toBe(copy.read('apps/site-a/proxy.ts'))
  expect(copy.read('apps/site-my-site/sso.ts')).toContain("siteUrl: 'http://my-site.localhost:4003'")
  expect(groveOf('site-my-site')).toMatchObject({
    clientId: 'my-site',
    address: 'http://my-site.localhost:4003',
  })
  expect(JSON.parse(copy.read('apps/site-my-site/client.json'))).toMatchObject({
    clients: [
      {
        client_id: 'my-site',
        client_name: 'My Site',
        client_secret: '$MY_SITE_CLIENT_SECRET',
        redirect_uris: ['http://my-site.localhost:4003/sso/callback'],
        post_logout_redirect_uris: ['http://my-site.localhost:4003/sso/logged-out'],
        backchannel_logout_uri: 'http://my-site.localhost:4003/sso/backchannel-logout',
        resources: expect.arrayContaining(['http://my-site.localhost:4003']),
      },
    ],
  })
})

test('each site gets the next free port, and when there is none left it is said', async () => {
  const names = ['one', 'two', 'three', 'four', 'five', 'six']
  for (const name of names) expect(await tool(name)).toMatchObject({ code: 0 })
  expect(names.map((name) => new URL(groveOf(`site-${name}`).address).port)).toEqual([
    '4003',
    '4004',
    '4005',
    '4006',
    '4007',
    '4008',
  ])
  const hues = names.map((name) => /--hue: (\d+)/.exec(copy.read(`apps/site-${name}/app/palette.css`))?.[1])
  expect(new Set(hues).size, 'each in a colour of its own').toBe(6)
  const full = copy.tree()
  expect(await tool('seven')).toMatchObject({ code: 1, text: expect.stringContaining('4003 to 4008') })
  expect(copy.tree()).toEqual(full)

  await tool('--remove', 'two')
  await tool('seven')
  expect(groveOf('site-seven').address).toBe('http://seven.localhost:4004')
})

test.each([
  ...['', 'a', 'Maple', '1st', '-x', 'x-', 'x--y', 'x y', 'x.y', 'x_y', 'é-tree', 'willow\n', 'a'.repeat(25)],
  ...['.', '..', '../x', '../../x', 'x/y', 'x\\y', '/tmp/x', '%2e%2e', '$HOME', "x'y", '__proto__', '--help'],
])('%j is no name for a site', async (name) => {
  const before = copy.tree()
  const said = await tool(...(name.startsWith('-') ? ['--', name] : [name]))
  expect(said).toMatchObject({ code: 1, text: expect.stringContaining('cannot be the name of a site') })
  expect(copy.tree()).toEqual(before)
})

test.each([
  ['auth', 'the host of auth'],
  ['grove', 'the name people know auth by'],
  ['alder', 'a client of the seed'],
  ['site-b', 'the host of Birch'],
  ['cedar', 'a client of the stories'],
  ['maple', 'another one'],
  ['willow', 'a site that was added'],
  ['elm', 'a client that an added site brought along'],
])('%s is taken: it is %s', async (name) => {
  await tool('willow')
  const elm = { client_id: 'elm', client_name: 'Elm' }
  copy.write('apps/site-willow/client.json', JSON.stringify({ clients: [elm] }))
  const before = copy.tree()
  expect(await tool(name)).toMatchObject({ code: 1, text: expect.stringContaining(`"${name}" is taken`) })
  expect(copy.tree()).toEqual(before)
})

test.each([[], ['willow', 'oak'], ['willow', '--what']])(
  '%j is answered with how it is meant',
  async (...words) => {
    const before = copy.tree()
    expect(await tool(...words)).toMatchObject({
      code: 1,
      text: expect.stringContaining('One name is needed'),
    })
    expect(copy.tree()).toEqual(before)
  },
)

test('a file that is in the way is kept, and nothing else is left', async () => {
  copy.write('tests/browser/site-willow.spec.ts', 'mine')
  const before = copy.tree()
  expect(await tool('willow')).toMatchObject({
    code: 1,
    text: expect.stringContaining('nothing is left of it'),
  })
  expect(copy.tree()).toEqual(before)
})

test('a failure half-way leaves nothing behind', async () => {
  copy.remove('apps/site-a/app/session-watch.tsx')
  copy.remove('tests/browser')
  const before = copy.tree()
  expect(await tool('willow')).toMatchObject({
    code: 1,
    text: expect.stringContaining('nothing is left of it'),
  })
  expect(copy.tree()).toEqual(before)

  copy.write('apps/site-a/app/session-watch.tsx', '')
  const again = copy.tree()
  expect(await tool('willow')).toMatchObject({
    code: 1,
    text: expect.stringContaining('nothing is left of it'),
  })
  expect(copy.tree()).toEqual(again)
})

test('an installation that fails takes everything back, the lockfile too', async () => {
  copy.write(
    'bin/npx',
    '#!/bin/sh\necho broken > pnpm-lock.yaml\nmkdir -p apps/site-willow/node_modules\nexit 1\n',
  )
  chmodSync(join(copy.root, 'bin/npx'), 0o755)
  const before = copy.tree()
  const said = await copy.run(['tools/add-site.mjs', 'willow'], {
    PATH: `${join(copy.root, 'bin')}:${process.env.PATH}`,
  })
  expect(said).toMatchObject({ code: 1, text: expect.stringContaining('install did not succeed') })
  expect(copy.tree()).toEqual(before)
})

test.each(['a', 'b', 'oak', 'auth', 'by-hand', '../site-a', '.'])(
  '--remove %s takes away nothing that was not added',
  async (name) => {
    copy.write(
      'apps/site-by-hand/package.json',
      copy.read('apps/site-a/package.json').replaceAll('4001', '4003'),
    )
    const before = copy.tree()
    expect(await tool('--remove', '--force', name)).toMatchObject({ code: 1 })
    expect(copy.tree()).toEqual(before)
  },
)

test.each([
  ['changed', 'apps/site-willow/messages.ts'],
  ['new', 'apps/site-willow/app/orders/page.tsx'],
  ['changed', 'tests/browser/site-willow.spec.ts'],
])(
  '--remove keeps the work of people: a %s file is named (%s), and goes only with --force',
  async (_, file) => {
    const before = copy.tree()
    await tool('willow')
    copy.write(file, '// mine')
    const worked = copy.tree()
    expect(await tool('--remove', 'willow')).toMatchObject({ code: 1, text: expect.stringContaining(file) })
    expect(copy.tree()).toEqual(worked)

    expect(await tool('--remove', 'willow', '--force')).toMatchObject({ code: 0 })
    expect(copy.tree()).toEqual(before)
  },
)
