import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

/**
 * Stands before one or several servers and passes every request on, to each in turn. It keeps no state of people. A server that is not
 * there is passed over, as every proxy does: nothing was done, so the next one may do it.
 */
export class Relay {
  /** Every request so far, as `POST /token`: without its query, which may hold a code. */
  readonly seen: string[] = []
  /** How many requests each server got, by its port. */
  readonly share = new Map<number, number>()
  private readonly server: Server
  private readonly port: number
  private readonly to: readonly number[]
  private turn = 0

  constructor({ port, to }: { port: number; to: readonly number[] }) {
    this.port = port
    this.to = to
    this.server = createServer((incoming, outgoing) => void this.passes(incoming, outgoing))
  }

  starts(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject).listen(this.port, '127.0.0.1', resolve)
    })
  }

  stops(): Promise<void> {
    this.server.closeAllConnections()
    return new Promise((resolve) => {
      this.server.close(() => resolve())
    })
  }

  private async passes(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.seen.push(`${incoming.method} ${incoming.url?.split('?')[0]}`)
    try {
      const body = await buffer(incoming)
      for (const _ of this.to) {
        const answer = await this.asksNext(incoming, outgoing, body)
        if (!answer) continue
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.once('error', () => outgoing.destroy()).pipe(outgoing)
        return
      }
      outgoing.writeHead(502).end()
    } catch {
      outgoing.destroy()
    }
  }

  /** The answer of the server whose turn it is; undefined if none is there. */
  private asksNext({ method, url, headers }: IncomingMessage, outgoing: ServerResponse, body: Buffer) {
    const port = this.to[this.turn++ % this.to.length] ?? 0
    const options = { host: '127.0.0.1', port, method, path: url, headers, agent: false }
    return new Promise<IncomingMessage | undefined>((resolve, reject) => {
      const onward = request(options, (answer) => {
        this.share.set(port, (this.share.get(port) ?? 0) + 1)
        resolve(answer)
      })
      onward.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNREFUSED' ? resolve(undefined) : reject(error),
      )
      // A tab that goes takes its event stream with it.
      outgoing.once('close', () => onward.destroy())
      onward.end(body)
    })
  }
}
