import { connect, createServer, type Socket } from 'node:net'

/** What went to PostgreSQL since somebody asked. */
export interface Traffic {
  /** Each has its place in the protocol's Execute, or in a simple Query. */
  statements: number
  /** How often an answer was waited for: at a Sync, or after a simple Query. */
  roundTrips: number
}

/** A proxy in front of PostgreSQL that counts what passes. */
export interface Wiretap {
  /** The same database by way of the proxy. */
  url: string
  /** Counts from nothing again. */
  traffic(): Traffic
  close(): void
}

const [QUERY, EXECUTE, SYNC] = ['Q', 'E', 'S'].map((letter) => letter.charCodeAt(0))

export async function tap(databaseUrl: string): Promise<Wiretap> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let traffic: Traffic = { statements: 0, roundTrips: 0 }

  const hear = messageTypes((type) => {
    if (type === QUERY || type === EXECUTE) traffic.statements++
    if (type === QUERY || type === SYNC) traffic.roundTrips++
  })
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname)
    const listen = hear()
    client.on('data', (bytes: Buffer) => {
      listen(bytes)
      server.write(bytes)
    })
    server.pipe(client)
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(one.setNoDelay())
      one.on('error', () => {}).once('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const own = new URL(databaseUrl)
  own.port = String(address.port)
  return {
    url: own.href,
    traffic() {
      const before = traffic
      traffic = { statements: 0, roundTrips: 0 }
      return before
    },
    close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
    },
  }
}

/** Tells the type of every message of a client. The first has none: a length and no letter before it. */
function messageTypes(tell: (type: number) => void): () => (bytes: Buffer) => void {
  return () => {
    let rest = Buffer.alloc(0)
    let isFirst = true
    return (bytes) => {
      rest = Buffer.concat([rest, bytes])
      for (;;) {
        const start = isFirst ? 0 : 1
        if (rest.length < start + 4) return
        const end = start + rest.readUInt32BE(start)
        if (rest.length < end) return
        if (!isFirst) tell(rest.readUInt8(0))
        isFirst = false
        rest = rest.subarray(end)
      }
    }
  }
}
