import { existsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Started } from './copy.ts'
import { freePort, listens } from './neighbours.ts'
import { Stage } from './stage.ts'

const READY = 'Ctrl-C stops everything'

let stage: Stage
let started: Started[] = []
beforeEach(async () => {
  stage = await Stage.opens()
})
afterEach(async () => {
  await Promise.all(started.map((running) => running.stops()))
  started = []
  stage.copy.remove()
})

function dev(words: string[] = [], env: Record<string, string> = {}): Started {
  const running = stage.copy.start(['tools/dev.mjs', ...words], { ...stage.nowhere, ...env })
  started.push(running)
  return running
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true))
    socket.once('connect', () => socket.destroy())
  })

test('pnpm dev starts auth and every site, says where they are, and takes all of them along when it ends', async () => {
  const { auth, alder, birch } = stage.ports
  const running = dev([], { LOG_LEVEL: 'debug', PORT: '1', CLIENT_ID: 'somebody', NODE_ENV: 'production' })
  const said = await running.says(READY)
  expect(said).toContain(`http://site-a.localhost:${alder}`)
  expect(said).toContain('one login, two sites')
  expect(said, 'nobody asked for https').not.toMatch(/https:|authority/)
  const { env, clients } = await stage.asks(auth)
  expect(env).toMatchObject({ LOG_LEVEL: 'debug', AUTH_SECRET: expect.stringMatching(/^development-/) })
  expect(clients.map(({ client_id: id }) => id)).toEqual(['alder', 'birch'])
  const ofAlder = (await stage.asks(alder)).env
  for (const name of ['PORT', 'CLIENT_ID', 'NODE_ENV', 'SITE_URL', 'ISSUER'])
    expect(ofAlder, 'one value cannot be meant for all').not.toHaveProperty(name)

  expect(await running.stops('SIGINT')).toMatchObject({ code: 0, text: expect.stringContaining('Stopped.') })
  expect(await Promise.all([auth, alder, birch].map(isFree))).toEqual([true, true, true])
  expect(existsSync(join(stage.copy.root, '.data'))).toBe(false)
})

test('a port that is taken is said at once, and nothing is started', async () => {
  const neighbour = await listens((_, response) => response.end())
  stage.moves('apps/site-b/package.json', `localhost:${stage.ports.birch}`, `localhost:${neighbour.port}`)
  const { code, text } = await dev().ended
  await neighbour.closes()
  expect(code).toBe(1)
  expect(text).toContain(
    `Port ${neighbour.port} is taken, and this is where "Birch, a reading journal" belongs.`,
  )
  expect(text).not.toContain('Starting')
})

test('an app that ends takes the others along, and its last sentence is said', async () => {
  const { auth, alder, birch } = stage.ports
  const running = dev()
  await running.says(READY)
  await stage.asks(birch, '/end').catch(() => {})
  const { code, text } = await running.ended
  expect(code).toBe(1)
  expect(text).toContain('Birch, a reading journal, has ended: the ship is sinking')
  expect(await Promise.all([auth, alder].map(isFree))).toEqual([true, true])
})

test('pnpm dev:https has every app at a domain of its own, an added site too', async () => {
  expect((await stage.copy.run(['tools/add-site.mjs', '--no-install', 'willow'])).code).toBe(0)
  const [port, willow] = [await freePort(), await freePort()]
  stage.hasSite('apps/site-willow')
  for (const file of ['package.json', 'client.json'])
    stage.moves(`apps/site-willow/${file}`, ':4003', `:${willow}`)

  const running = dev(['--https', `--port=${port}`])
  const said = await running.says(READY)
  const at = (name: string) => `https://${name}:${port}`
  for (const name of ['auth.grove.test', 'alder.test', 'birch.test', 'willow.test'])
    expect(said).toContain(at(name))
  const { env: ofAuth, clients } = await stage.asksByName('auth.grove.test', port)
  expect(ofAuth).toMatchObject({
    ISSUER: at('auth.grove.test'),
    DATABASE_URL: 'file:./dev-https.db',
    TRUSTED_PROXIES: '127.0.0.1',
  })
  expect(clients.find(({ client_id: id }) => id === 'alder')).toMatchObject({
    client_uri: at('alder.test'),
    client_secret: '$ALDER_CLIENT_SECRET',
    redirect_uris: [`${at('alder.test')}/sso/callback`],
    post_logout_redirect_uris: [`${at('alder.test')}/sso/logged-out`],
    resources: [at('alder.test'), at('birch.test')],
    // From server to server, where no authority has to be trusted.
    backchannel_logout_uri: `http://site-a.localhost:${stage.ports.alder}/sso/backchannel-logout`,
  })
  const { env, headers } = await stage.asksByName('birch.test', port)
  expect(env).toMatchObject({
    ISSUER: at('auth.grove.test'),
    SITE_URL: at('birch.test'),
    ALDER_URL: at('alder.test'),
  })
  expect(env, 'nor is trust forced upon a site').not.toHaveProperty('NODE_EXTRA_CA_CERTS')
  expect(headers).toMatchObject({ 'x-forwarded-proto': 'https' })
  expect((await stage.asksByName('willow.test', port)).clients.map(({ client_id: id }) => id)).toContain(
    'willow',
  )

  expect(await running.stops('SIGINT')).toMatchObject({ code: 0 })
  expect(await isFree(port), 'the front is gone too').toBe(true)
  expect(statSync(join(stage.copy.root, '.data/https/seed.json')).mode & 0o777).toBe(0o600)
})

test('pnpm dev:https says how the authority is trusted while it is new, and which names are not known', async () => {
  const words = ['--https', `--port=${await freePort()}`]
  const first = dev(words)
  const said = await first.says(READY)
  for (const place of ['macOS', 'Linux', 'Windows', 'Firefox'])
    expect(said).toMatch(new RegExp(`^ +${place} +\\S`, 'm'))
  expect(said).toContain(`sudo sh -c 'echo "127.0.0.1 auth.grove.test alder.test birch.test" >> /etc/hosts'`)
  const authority = stage.copy.read('.data/https/authority.pem')
  await first.stops()

  const again = await dev(words, { DATABASE_URL: 'postgres://grove:hunter2@db.example/dev' }).says(READY)
  expect(again).not.toContain('Keychains')
  expect(again).not.toContain('hunter2')
  expect(stage.copy.read('.data/https/authority.pem')).toBe(authority)
  const { env } = await stage.asks(stage.ports.auth)
  expect(env.DATABASE_URL, 'who names a database gets that one').toMatch(/^postgres:/)
})

test('the doctor knows dev:https while it runs, and without being told', async () => {
  await dev(['--https', `--port=${await freePort()}`]).says(READY)
  stage.tellsPorts()
  const { text } = await stage.copy.run(['tools/doctor.mjs'], {
    ...stage.nowhere,
    CHROMIUM_PATH: process.execPath,
  })
  expect(text).toContain('As `pnpm dev:https` has it')
  for (const check of ['registration', 'ports', 'cookies', 'issuer'])
    expect(text).toMatch(new RegExp(`^${check} +fine$`, 'm'))
  // Nobody has told this machine the names, which is the one thing that is wrong.
  expect(text).toMatch(/does not know auth\.grove\.test alder\.test birch\.test as names of its own/)
  expect(text).toContain('1 wrong.')
})

test.each([
  [['--htps'], 'is not understood'],
  [['--port=9443'], 'pnpm dev:https --port=9443'],
  [['--https', '--port=70000'], 'a port is a number'],
])('pnpm dev %j is refused in a sentence', async (words, sentence) => {
  const { code, text } = await dev(words).ended
  expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining(sentence) })
  expect(text.split('\n').length, 'and no stack').toBe(2)
})

test('a seed that is no JSON is named, and nothing is started', async () => {
  stage.copy.write('mine.json', '{')
  const { code, text } = await dev(['--https'], { SEED_FILE: 'mine.json' }).ended
  expect({ code, text }).toEqual({
    code: 1,
    text: expect.stringMatching(/^SEED_FILE names .*mine\.json, which cannot be read as JSON\.\n$/),
  })
})
