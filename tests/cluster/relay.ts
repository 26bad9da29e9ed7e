import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** What the way to a server does to a request. */
export type Manner =
  | 'passes'
  /** Nobody is there. */
  | 'hangs up'
  /** It arrives nowhere, and nobody says so. */
  | 'hangs'
  /** It arrives, is done, and its answer gets lost. */
  | 'loses the answer'
  /** It arrives so much later. */
  | { lateMs: number }
  /** Somebody else answers. */
  | { says: (response: ServerResponse) => void }

/** The way to a server, which can be broken while both ends run. */
export interface Relay {
  origin: string
  /** What is done to a request, such as `POST /token`. */
  manner: (ask: string) => Manner
  /** Every request so far, as `POST /token`. */
  seen: string[]
  /** Connections: open now, and at most at one time. */
  sockets: { open: number; most: number }
  close(): void
}

/**
 * @param target the origin of the server, which may move
 * @param certificate it speaks TLS with this one
 */
export async function openRelay(
  target: () => string,
  certificate?: { key: string; cert: string },
): Promise<Relay> {
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const ask = `${incoming.method} ${incoming.url?.split('?', 1)}`
    relay.seen.push(ask)
    const manner = relay.manner(ask)
    if (manner === 'hangs') return
    if (manner === 'hangs up') incoming.socket.destroy()
    else if (typeof manner === 'object' && 'says' in manner) manner.says(outgoing)
    else {
      const wait = typeof manner === 'object' ? manner.lateMs : 0
      setTimeout(() => passOn(target(), incoming, outgoing, manner === 'loses the answer'), wait).unref()
    }
  }
  const server = certificate ? createTlsServer(certificate, answer) : createServer(answer)
  const relay: Relay = {
    origin: '',
    manner: () => 'passes',
    seen: [],
    sockets: { open: 0, most: 0 },
    close: () => server.close().closeAllConnections(),
  }
  server.on('connection', (socket) => {
    relay.sockets.open += 1
    relay.sockets.most = Math.max(relay.sockets.most, relay.sockets.open)
    socket.once('close', () => {
      relay.sockets.open -= 1
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  relay.origin = `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`
  return relay
}

function passOn(
  origin: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  isAnswerLost: boolean,
): void {
  const { method, headers } = incoming
  const onward = request(new URL(incoming.url ?? '/', origin), { method, headers }, (answer) => {
    if (isAnswerLost) return void answer.resume().once('end', () => outgoing.destroy())
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    answer.pipe(outgoing)
  })
  onward.once('error', () => outgoing.destroy())
  outgoing.once('close', () => onward.destroy())
  incoming.pipe(onward)
}
