import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Copy, repository } from './copy.ts'

const read = (path: string) => readFileSync(join(repository, path), 'utf8')
const compose = read('docker-compose.yml')

/** The line that begins with this key, blanks before it included, and what is indented below. */
function block(text: string, key: string): string {
  const [depth, lines] = [key.search(/\S/), text.split('\n')]
  const at = lines.findIndex((line) => line.startsWith(`${key}:`))
  const next = lines.findIndex((line, n) => n > at && line !== '' && line.search(/\S/) <= depth)
  return at < 0 ? '' : lines.slice(at, next < 0 ? undefined : next).join('\n')
}
const keysOf = (text: string) => [...text.matchAll(/^ {2}([\w-]+):/gm)].map(([, name]) => name ?? '')

const services = keysOf(block(compose, 'services'))
/** What a service says, together with what it is another name of. */
const said = (service: string) => {
  const own = block(block(compose, 'services'), `  ${service}`)
  const [, anchor] = /^ {2}[\w-]+: \*(\w+)$/.exec(own.trimEnd()) ?? []
  return anchor ? block(compose, `x-${anchor}`) : own
}

describe('docker-compose.yml', () => {
  test('auth and each site run twice, with a database and a gateway', () => {
    const twice = ['auth', 'site-a', 'site-b'].flatMap((name) => [`${name}-1`, `${name}-2`])
    expect(services.sort()).toEqual(['gateway', 'postgres', ...twice].sort())
  })

  test('what everything has: no privilege, nothing to write to, ten seconds to stop', () => {
    const hardened = block(compose, 'x-hardened')
    for (const line of [
      'read_only: true',
      'cap_drop: [ALL]',
      'no-new-privileges:true',
      'stop_grace_period: 10s',
    ])
      expect(hardened).toContain(line)
    for (const service of services) {
      expect(said(service), service).toMatch(/^ +<<: \*hardened$/m)
      expect(said(service), service).toMatch(/^ +healthcheck:$/m)
      expect(said(service), service).not.toMatch(/privileged|network_mode|\/var\/run\/docker/)
    }
    expect(compose.match(/cap_add: .*/g)).toEqual(['cap_add: [NET_BIND_SERVICE]'])
  })

  test('the gateway alone can be reached from outside, and only from this machine unless somebody says so', () => {
    expect(services.filter((service) => said(service).includes('ports:'))).toEqual(['gateway'])
    const ports = /ports: \[(.*)\]/.exec(said('gateway'))?.[1]?.split(', ') ?? []
    expect(ports).toHaveLength(2)
    for (const port of ports) expect(port).toMatch(/^'\$\{LISTEN:-127\.0\.0\.1\}:/)
    expect(block(compose, 'networks')).toMatch(/ {2}data:\n {4}internal: true/)
  })

  test('no secret stands in it: each is a file, and without them it says what makes them', () => {
    const secret = /SECRET|PASSWORD|DATABASE_URL|TOKEN/
    const named = [...compose.matchAll(/^ +([A-Z_]+): /gm)]
      .map(([, name]) => name ?? '')
      .filter((name) => secret.test(name))
    expect(named.length).toBeGreaterThanOrEqual(9)
    for (const name of named) expect(name).toMatch(/_FILE$/)
    expect(compose).not.toMatch(/postgres:\/\//)
    const files = [...block(compose, 'secrets').matchAll(/file: (.*)\/\w+$/gm)].map(
      ([, place]) => place ?? '',
    )
    expect(new Set(files).size).toBe(1)
    expect(files[0]).toMatch(/^\$\{GROVE_SECRETS:\?.*npm run compose:secrets/)
  })

  test('every setting in it is one that an app knows', () => {
    const apps = ['auth', 'alder', 'birch'].map((name) => block(compose, `x-${name}`)).join('')
    const given = [...apps.matchAll(/^ {4}([A-Z_]+): /gm)].map(([, name]) => name ?? '')
    // As an address of the seed file, and for Next's own server.
    const known = `${read('.env.example')} ALDER_URL= BIRCH_URL= HOSTNAME=`
    for (const name of given)
      expect(
        [`${name}=`, `${name.replace(/_FILE$/, '')}=`].some((line) => known.includes(line)),
        name,
      ).toBe(true)
  })

  test('the gateway shares out to every process that there is', () => {
    const upstreams = [...read('deploy/Caddyfile').matchAll(/ ((?:auth|site-\w)-\d):\d{4}/g)].map(
      ([, name]) => name,
    )
    expect(upstreams.sort()).toEqual(services.filter((name) => /-\d$/.test(name)).sort())
  })
})

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile')
  const stages = new Map(
    dockerfile
      .split(/^(?=FROM )/m)
      .map((stage) => [/^FROM \S+ AS (\S+)/.exec(stage)?.[1] ?? '', stage] as const),
  )

  test('what runs is nobody in particular, and gets its signals itself', () => {
    const targets = [...new Set([...compose.matchAll(/target: (\w+)/g)].map(([, name]) => name ?? ''))]
    expect(targets.sort()).toEqual(['auth', 'gateway', 'site'])
    for (const target of targets) expect(stages.get(target), target).toMatch(/^USER (node|1000:1000)$/m)
    for (const target of ['auth', 'site']) expect(stages.get(target), target).toMatch(/^CMD \["node", /m)
  })

  test('what it builds on has a version, and nothing secret is named', () => {
    const images = [...`${dockerfile}\n${compose}`.matchAll(/^(?:FROM| +image:) (\S+:\S+)/gm)].map(
      ([, image]) => image ?? '',
    )
    const others = images.filter((image) => !image.startsWith('grove-'))
    expect(others).toHaveLength(3)
    for (const image of others) expect(image).toMatch(/^[a-z]+:\d+\.\d+(\.\d+)?-[\w-]+$/)
    expect(dockerfile).not.toMatch(/^(ARG|ENV) .*(SECRET|PASSWORD|TOKEN)/m)
  })

  test('everything stays out of the build that is not named', () => {
    const [first, ...rest] = read('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
    expect(first).toBe('*')
    expect(rest.filter((line) => line.startsWith('!')).sort()).toEqual(
      ['apps', 'deploy/Caddyfile', 'deploy/answers.mjs', 'deploy/stops.mjs', 'package.json', 'packages']
        .concat(['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.base.json'])
        .map((path) => `!${path}`),
    )
    for (const line of ['**/node_modules', '**/.env*', '**/*.db*']) expect(rest).toContain(line)
  })
})

describe('npm run compose:secrets', () => {
  const copy = new Copy()
  afterAll(() => copy.remove())
  const make = () => copy.run(['tools/compose/secrets.mjs'])
  const value = (name: string) => copy.read(`secrets/${name}`).trim()

  test('it makes what docker-compose.yml asks for, each its own, and tells none', async () => {
    const { code, text } = await make()
    expect(code).toBe(0)
    const names = keysOf(block(compose, 'secrets'))
    const values = names.map(value)
    expect(names).toHaveLength(7)
    expect(new Set(values).size).toBe(7)
    for (const one of values) {
      expect(one.length).toBeGreaterThanOrEqual(43)
      expect(one).not.toMatch(/^development-/)
      expect(text).not.toContain(one)
    }
    expect(value('database_url')).toBe(`postgres://auth:${value('postgres_password')}@postgres:5432/auth`)
  })

  test('nobody else gets into the folder, nor reads .env', () => {
    const mode = (path: string) => statSync(join(copy.root, path)).mode & 0o777
    expect([mode('secrets'), mode('.env')]).toEqual([0o700, 0o600])
  })

  test('what is there stays; what is missing is made', async () => {
    const before = value('auth_secret')
    copy.write('.env', 'GROVE_SECRETS=./secrets\nAUTH_NAME=auth.example.com\n')
    copy.remove('secrets/birch_session_secret')
    expect((await make()).text).toContain('1 secret is in secrets/')
    expect(value('auth_secret')).toBe(before)
    expect(value('birch_session_secret')).toHaveLength(48)
    expect(copy.read('.env')).toContain('AUTH_NAME=auth.example.com')
  })

  test('git sees none of it', () => {
    const ignored = copy.read('.gitignore').split('\n')
    expect(ignored).toContain('/secrets/')
    expect(ignored).toContain('/.env')
  })
})
