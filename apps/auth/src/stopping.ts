import type { ServerResponse } from 'node:http'

const LOOK_EVERY_MS = 50

/** How many requests are being answered, and how a server ends without losing one of them. */
export interface Stopping {
  inFlight(): number
  /** Takes no more connections, answers what it has taken, then closes all others, and calls `done`. */
  stop(done: () => void): void
}

/** What it needs of a server of Node. */
interface Server {
  prependListener(event: 'request', hear: (request: unknown, response: ServerResponse) => void): unknown
  close(done: () => void): unknown
  closeAllConnections?(): void
}

/** Counts from the moment that it is called. */
export function watchRequests(server: Server): Stopping {
  let inFlight = 0
  let isStopping = false
  server.prependListener('request', (_request, response) => {
    inFlight += 1
    // Who asks again and again on one connection, as a gateway does for health, would never let it go.
    if (isStopping) response.shouldKeepAlive = false
    response.once('close', () => {
      inFlight -= 1
    })
  })
  return {
    inFlight: () => inFlight,
    stop(done) {
      isStopping = true
      server.close(done)
      // Left to itself it waits for connections that are kept alive, and for those that a browser opened without asking anything yet.
      setInterval(() => {
        if (inFlight === 0) server.closeAllConnections?.()
      }, LOOK_EVERY_MS).unref()
    },
  }
}
