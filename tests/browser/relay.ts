import { createServer, request, type Server } from 'node:http'

/** Stands before one or several servers and passes every request on, to each in turn. It keeps no state of people. */
export class Relay {
  /** Every request so far, as `POST /token`. */
  readonly seen: string[] = []
  /** How many requests each server got, by its port. */
  readonly share = new Map<number, number>()
  private readonly server: Server
  private readonly port: number

  constructor({ port, to }: { port: number; to: readonly number[] }) {
    this.port = port
    let turn = 0
    this.server = createServer((incoming, outgoing) => {
      const target = to[turn++ % to.length] ?? 0
      this.seen.push(`${incoming.method} ${incoming.url}`)
      this.share.set(target, (this.share.get(target) ?? 0) + 1)
      const { method, url, headers } = incoming
      const onward = request({ host: '127.0.0.1', port: target, method, path: url, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      })
      onward.once('error', () => outgoing.destroy())
      // A tab that goes takes its event stream with it.
      outgoing.once('close', () => onward.destroy())
      incoming.pipe(onward)
    })
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
}
