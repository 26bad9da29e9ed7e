import { X509Certificate } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Copy } from './copy.ts'

const NAMES = ['auth.grove.test', 'alder.test', 'birch.test']
const DAY_SECONDS = 86_400
const FILES = ['authority.key', 'authority.pem', 'leaf.key', 'leaf.pem']

/** What a first start made, from which each test goes on in a folder of its own: to make keys takes its time. */
const FIRST = 'first/https'
let copy: Copy
let first: Certificates
let folder = FIRST

interface Certificates {
  authority: X509Certificate
  leaf: X509Certificate
}

beforeAll(async () => {
  copy = new Copy()
  copy.has('mkcert')
  copy.has('node-forge')
  first = await ready()
})
beforeEach(({ task }) => {
  folder = `${task.id}/https`
  for (const file of FILES) copy.write(`${folder}/${file}`, copy.read(`${FIRST}/${file}`))
})
afterAll(() => copy.remove())

/** What a start of `pnpm dev:https` sees to, so many days from now. */
async function ready({ names = NAMES, daysAhead = 0 } = {}): Promise<Certificates> {
  const clock = daysAhead && {
    NODE_OPTIONS: `--import ${join(copy.root, 'tests/browser/clock.mjs')}`,
    CLOCK_AHEAD_SECONDS: String(daysAhead * DAY_SECONDS),
  }
  const code = `import('./tools/https/authority.mjs').then((m) => m.readyCertificates('${folder}', ${JSON.stringify(names)}))`
  expect(await copy.run(['-e', code], { ...clock })).toEqual({ code: 0, text: '' })
  const read = (name: string) => new X509Certificate(copy.read(`${folder}/${name}.pem`))
  return { authority: read('authority'), leaf: read('leaf') }
}

test('the first start makes an authority and one certificate of it, for every name and no other', () => {
  const { authority, leaf } = first
  expect(authority.ca).toBe(true)
  expect(leaf.ca).toBe(false)
  expect(leaf.checkIssued(authority) && leaf.verify(authority.publicKey)).toBe(true)
  for (const name of NAMES) expect(leaf.checkHost(name), name).toBe(name)
  for (const name of ['grove.test', 'www.alder.test', 'localhost'])
    expect(leaf.checkHost(name)).toBeUndefined()
})

test('the folder is for nobody else to read, and no key outlives a year', () => {
  const { authority, leaf } = first
  const modeOf = (path: string) => statSync(join(copy.root, path)).mode & 0o777
  expect(modeOf(FIRST)).toBe(0o700)
  for (const file of FILES) expect(modeOf(`${FIRST}/${file}`), file).toBe(0o600)

  const daysOf = (one: X509Certificate) =>
    Math.round((Date.parse(one.validTo) - Date.now()) / DAY_SECONDS / 1000)
  expect(daysOf(authority)).toBe(365)
  expect(daysOf(leaf)).toBe(60)
})

test('what is good stays, also when there is one name less', async () => {
  const later = await ready({ daysAhead: 20, names: NAMES.slice(1) })
  expect(later.authority.fingerprint256).toBe(first.authority.fingerprint256)
  expect(later.leaf.fingerprint256).toBe(first.leaf.fingerprint256)
})

test('a name that was added is in a new certificate, and nobody has to trust anything anew', async () => {
  const { authority, leaf } = await ready({ names: [...NAMES, 'willow.test'] })
  expect(authority.fingerprint256).toBe(first.authority.fingerprint256)
  expect(leaf.checkHost('willow.test')).toBe('willow.test')
  expect(leaf.checkHost('alder.test')).toBe('alder.test')
})

test('a certificate is renewed a month before its end, and none outlives its authority', async () => {
  const monthLater = await ready({ daysAhead: 31 })
  expect(monthLater.authority.fingerprint256).toBe(first.authority.fingerprint256)
  expect(monthLater.leaf.fingerprint256).not.toBe(first.leaf.fingerprint256)

  const inTheEnd = await ready({ daysAhead: 310 })
  expect(inTheEnd.authority.fingerprint256).not.toBe(first.authority.fingerprint256)
  expect(inTheEnd.leaf.verify(inTheEnd.authority.publicKey)).toBe(true)
  expect(Date.parse(inTheEnd.leaf.validTo)).toBeLessThan(Date.parse(inTheEnd.authority.validTo))
})

test.each([
  ['a key that is damaged', 'leaf.key'],
  ['a certificate that is damaged', 'leaf.pem'],
])('%s is replaced', async (_, file) => {
  copy.write(`${folder}/${file}`, 'not what it was')
  const { authority, leaf } = await ready()
  expect(authority.fingerprint256).toBe(first.authority.fingerprint256)
  expect(leaf.verify(authority.publicKey)).toBe(true)
})

test('a certificate whose authority is lost is of no use, so there are two new ones', async () => {
  copy.remove(`${folder}/authority.key`)
  const { authority, leaf } = await ready()
  expect(authority.fingerprint256).not.toBe(first.authority.fingerprint256)
  expect(leaf.verify(authority.publicKey)).toBe(true)
})

/** What a client that trusts the authority says to certificates that its key has signed for these names. */
async function said(...asked: string[][]): Promise<unknown> {
  const code = `
    import { readFileSync } from 'node:fs'
    import { connect, createServer } from 'node:tls'
    import { createCert } from 'mkcert'
    const ca = { cert: readFileSync('${FIRST}/authority.pem', 'utf8'), key: readFileSync('${FIRST}/authority.key', 'utf8') }
    const answers = []
    for (const domains of ${JSON.stringify(asked)}) {
      const server = createServer(await createCert({ ca, domains, validity: 1 })).listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      const { port } = server.address()
      const client = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: ca.cert, checkServerIdentity: () => {} })
      answers.push(await new Promise((resolve) => {
        client.once('secureConnect', () => resolve('fine')).once('error', ({ message }) => resolve(message))
      }))
      client.destroy()
      server.close()
    }
    console.log(JSON.stringify(answers))
  `
  copy.write('asks.mjs', code)
  return JSON.parse((await copy.run(['asks.mjs'])).text)
}

test('whoever has the key of the authority can be no site of the world, and no address', async () => {
  expect(await said(['alder.test'], ['bank.example'], ['alder.test', 'bank.example'], ['127.0.0.1'])).toEqual(
    ['fine', 'permitted subtree violation', 'permitted subtree violation', 'excluded subtree violation'],
  )
})
