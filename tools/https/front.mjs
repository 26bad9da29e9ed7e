// TLS in front of programs on loopback, each known by its name: what a proxy does in production.
//   node tools/https/front.mjs --certificates=.data/https --port=8443 alder.test=4001 birch.test=4002
// HTTP/2, because a browser opens six connections of HTTP/1.1 to a name, and every open tab keeps one for its events.

import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createSecureServer } from 'node:http2'
import { connect } from 'node:net'
import { pipeline } from 'node:stream'
import { createSecureContext } from 'node:tls'
import { parseArgs } from 'node:util'
import { filesIn, readyCertificates } from './authority.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { certificates: { type: 'string' }, port: { type: 'string' } },
})
/** The port on loopback of each name. */
const ports = new Map(positionals.map((word) => word.split('=')))
const { certificates, port } = values
if (!certificates || !port || ports.size === 0 || [...ports.values()].some((value) => !/^\d+$/.test(value))) {
  console.error('node tools/https/front.mjs --certificates=<folder> --port=<port> <name>=<port> …')
  process.exit(2)
}

const names = [...ports.keys()]
await readyCertificates(certificates, names)
const { leaf } = filesIn(certificates)
const identity = { cert: readFileSync(leaf.cert), key: readFileSync(leaf.key) }
const context = createSecureContext(identity)

const server = createSecureServer(
  {
    ...identity,
    allowHTTP1: true, // WebSockets come that way
    SNICallback: (name, answer) =>
      ports.has(name) ? answer(null, context) : answer(new Error(`Nobody here is called ${name}`)),
  },
  pass,
)
server.on('upgrade', tunnel)
server.on('error', (error) => {
  console.error(`Port ${port} cannot be used: ${error.message}.`)
  process.exit(1)
})
server.listen(Number(port), '127.0.0.1', () => console.log(`https on port ${port} for ${names.join(', ')}`))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))

const hostOf = ({ headers }) => headers[':authority'] ?? headers.host ?? ''
const portOf = (incoming) => ports.get(hostOf(incoming).replace(/:\d+$/, ''))

/** Headers of one connection alone (RFC 9110 §7.6.1), which HTTP/2 forbids (RFC 9113 §8.2.2). */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']

const withoutConnection = (headers) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith(':') && !OF_THE_CONNECTION.includes(name)),
  )

/** What the visitor says of itself in these is not passed on: they are the proxy's to say. */
const forwarded = (incoming) => ({
  host: hostOf(incoming),
  'x-forwarded-for': incoming.socket.remoteAddress,
  'x-forwarded-host': hostOf(incoming),
  'x-forwarded-proto': 'https',
})

function pass(incoming, outgoing) {
  const upstream = portOf(incoming)
  if (!upstream) return say(outgoing, 421, `${hostOf(incoming)} is not served here.`)
  const { method, url: path } = incoming
  const headers = { ...withoutConnection(incoming.headers), ...forwarded(incoming) }
  // No connection is kept: one that an app has closed meanwhile would cost the next request.
  const to = { host: '127.0.0.1', port: upstream, method, path, headers, agent: false }
  const onward = request(to, (answer) => {
    outgoing.writeHead(answer.statusCode, withoutConnection(answer.headers))
    // Whoever of the two goes first takes the other along: a tab its event stream, an app its half of an answer.
    pipeline(answer, outgoing, () => {})
  })
  onward.once('error', ({ code }) => {
    if (!outgoing.headersSent)
      say(
        outgoing,
        502,
        `${hostOf(incoming)} does not answer: nothing came from 127.0.0.1:${upstream} (${code}).`,
      )
  })
  outgoing.once('close', () => onward.destroy())
  pipeline(incoming, onward, () => {})
}

function say(outgoing, status, sentence) {
  outgoing.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`)
}

/** A WebSocket is passed on as it stands, byte for byte. */
function tunnel(incoming, socket, head) {
  const upstream = portOf(incoming)
  socket.on('error', () => {})
  if (!upstream) return socket.end('HTTP/1.1 421 Misdirected Request\r\nconnection: close\r\n\r\n')
  const onward = connect(Number(upstream), '127.0.0.1', () => {
    const headers = Object.entries({ ...incoming.headers, ...forwarded(incoming) })
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
    onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join('')}\r\n`)
    onward.write(head)
    onward.pipe(socket).pipe(onward)
  })
  onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n'))
  for (const [one, other] of [
    [socket, onward],
    [onward, socket],
  ])
    one.once('close', () => other.destroy())
}
