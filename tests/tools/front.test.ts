import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request as requestHttps } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Copy, type Started } from './copy.ts'
import { freePort } from './neighbours.ts'

const FOLDER = 'made'
let copy: Copy
let front: Started
let port: number
let ca: Buffer

/** An app behind it: tells what reached it, streams, and speaks a protocol of its own after an upgrade. */
const app = createServer(async (incoming, outgoing) => {
  asked.push(incoming.url)
  if (incoming.url === '/half') {
    outgoing.writeHead(200, { 'content-length': '1000' }).write('half')
    return setTimeout(() => outgoing.destroy(), 50)
  }
  if (incoming.url === '/events' || incoming.url === '/never') {
    outgoing.once('close', () => left.push(incoming.url))
    if (incoming.url === '/events')
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n')
    return
  }
  const { method, url, headers } = incoming
  outgoing.setHeader('set-cookie', ['one=1', 'two=2'])
  outgoing.end(JSON.stringify({ method, url, headers, body: await text(incoming) }))
})
const asked: (string | undefined)[] = []
const left: (string | undefined)[] = []
app.on('upgrade', (incoming: IncomingMessage, socket: Socket) => {
  if (incoming.url === '/refused') return socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: ${incoming.headers.upgrade}\r\nconnection: upgrade\r\n\r\n`,
  )
  socket.on('data', (piece) => socket.write(`echo of ${piece}`))
})

beforeAll(async () => {
  copy = new Copy()
  copy.has('mkcert')
  copy.has('node-forge')
  port = await freePort()
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
  const { port: appPort } = app.address() as AddressInfo // as: it listens on a port, not on a pipe
  front = copy.start([
    ...['tools/https/front.mjs', `--certificates=${FOLDER}`, `--port=${port}`],
    ...[`alder.test=${appPort}`, `birch.test=${await freePort()}`],
  ])
  await front.says('https on port')
  ca = readFileSync(join(copy.root, FOLDER, 'authority.pem'))
})
afterAll(async () => {
  expect((await front.stops()).code, 'it ends when it is asked to').toBe(0)
  app.close().closeAllConnections()
  copy.remove()
})

interface Asking {
  name?: string
  host?: string
  headers?: Record<string, string>
  body?: string
}

interface Seen {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

/** As a browser of today asks: HTTP/2, by the name it has. */
async function asks(path: string, { name = 'alder.test', host = name, headers = {}, body }: Asking = {}) {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: name, ca })
  try {
    const stream = session.request({
      ...{ ':path': path, ':authority': `${host}:${port}`, ':method': body ? 'POST' : 'GET' },
      ...headers,
    })
    if (body) stream.end(body)
    const [answer] = await once(stream, 'response')
    return { status: Number(answer[':status']), headers: answer, body: await text(stream) }
  } finally {
    session.close()
  }
}

/** A connection as it is before anything was said. */
async function shakesHands(name: string, trusted: Buffer | undefined = ca) {
  const socket = connect({ host: '127.0.0.1', port, servername: name, ca: trusted })
  await once(socket, 'secureConnect')
  return socket
}

test('a request arrives as it was sent, and its answer comes back with every cookie', async () => {
  const answer = await asks('/orders?page=2', {
    headers: { cookie: 'a=1; b=2', 'x-own': 'yes' },
    body: 'title=Emma',
  })
  const seen = JSON.parse(answer.body) as Seen // as: the app above wrote it
  expect(seen).toMatchObject({ method: 'POST', url: '/orders?page=2', body: 'title=Emma' })
  expect(seen.headers).toMatchObject({ cookie: 'a=1; b=2', 'x-own': 'yes', host: `alder.test:${port}` })
  expect(answer.status).toBe(200)
  expect(answer.headers['set-cookie']).toEqual(['one=1', 'two=2'])
})

test('F-86 who asked is what the connection says, never what the visitor says of itself', async () => {
  const forged = {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-host': 'evil.test',
    'x-forwarded-proto': 'http',
  }
  const { headers } = JSON.parse((await asks('/', { headers: forged })).body) as Seen // as: the app above wrote it
  expect(headers).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': `alder.test:${port}`,
    'x-forwarded-proto': 'https',
  })
})

test('HTTP/1.1 is understood too', async () => {
  const answer = requestHttps({
    host: '127.0.0.1',
    port,
    servername: 'alder.test',
    ca,
    headers: { host: 'alder.test' },
  })
  answer.end()
  const [response] = (await once(answer, 'response')) as [IncomingMessage] // as: what the event brings
  expect(JSON.parse(await text(response))).toMatchObject({ method: 'GET', headers: { host: 'alder.test' } })
})

test('a stream comes piece by piece, and who leaves it is gone at the app too', async () => {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: 'alder.test', ca })
  const stream = session.request({ ':path': '/events', ':authority': 'alder.test' })
  const [first] = await once(stream, 'data')
  expect(String(first)).toBe('data: first\n\n')
  expect(left).toEqual([])
  session.destroy()
  await expect.poll(() => left).toEqual(['/events'])
})

test('who leaves before an answer has begun is gone at the app too', async () => {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: 'alder.test', ca })
  const stream = session.request({ ':path': '/never', ':authority': 'alder.test' })
  stream.on('error', () => {})
  await expect.poll(() => asked).toContain('/never')
  session.destroy()
  await expect.poll(() => left).toContain('/never')
})

test('a WebSocket is passed on both ways; a refused one is refused', async () => {
  const socket = await shakesHands('alder.test')
  const upgrade = (path: string) =>
    `GET ${path} HTTP/1.1\r\nhost: alder.test\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n`
  socket.write(upgrade('/hot'))
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 101 .*upgrade: websocket/s)
  socket.write('hello')
  expect(String((await once(socket, 'data'))[0])).toBe('echo of hello')
  socket.destroy()

  const refused = await shakesHands('alder.test')
  refused.write(upgrade('/refused'))
  expect(String((await once(refused, 'data'))[0])).toMatch(/^HTTP\/1\.1 403 /)
})

test.each(['', 'a body that nobody reads'])(
  'an app that is not there is a plain sentence (body: "%s")',
  async (body) => {
    const answer = await asks('/', { name: 'birch.test', body })
    expect(answer.status).toBe(502)
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(answer.body).toMatch(
      /^birch\.test:\d+ does not answer: nothing came from 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\.\n$/,
    )
  },
)

test('an answer that breaks off is not taken for a whole one, and the next is well', async () => {
  await expect(asks('/half')).rejects.toThrow()
  expect((await asks('/')).status).toBe(200)
})

test('a name that nobody here has gets no certificate; one that is only in the request gets no app', async () => {
  await expect(shakesHands('evil.test')).rejects.toThrow(/disconnected before secure TLS/)
  expect(await asks('/', { host: 'evil.test' })).toMatchObject({ status: 421 })
})

test('who does not trust the authority does not get in', async () => {
  await expect(shakesHands('alder.test', Buffer.from(''))).rejects.toThrow(/self-signed|unable to/)
})

test.each([
  [['--certificates=made', '--port=1']],
  [['--port=1', 'alder.test=2']],
  [['--certificates=made', '--port=1', 'alder.test']],
])('%j is not enough to start with', async (words) => {
  const said = await copy.run(['tools/https/front.mjs', ...words])
  expect(said).toMatchObject({ code: 2, text: expect.stringContaining('<name>=<port>') })
})
