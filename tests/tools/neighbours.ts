import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'

export interface Neighbour {
  port: number
  closes: () => Promise<void>
}

/** Somebody who listens on a port of this machine. */
export async function listens(answer: RequestListener): Promise<Neighbour> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // as: it listens on a port, not on a pipe
  const closes = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port, closes }
}

/** Auth, as far as it says who it is and what time it is. */
export const auth = (issuer: string, aheadSeconds = 0): Promise<Neighbour> =>
  listens((request, response) => {
    response.sendDate = false
    response.setHeader('date', new Date(Date.now() + aheadSeconds * 1000).toUTCString())
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(request.url === '/.well-known/openid-configuration' ? { issuer } : {}))
  })

/** A site of Grove, as far as it refuses who is not signed in. */
export const site = (): Promise<Neighbour> =>
  listens((_, response) => response.writeHead(401, { 'www-authenticate': 'Bearer' }).end('{}'))

/** A port where nobody listens. */
export async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // as: it listens on a port, not on a pipe
  await new Promise((resolve) => server.close(resolve))
  return port
}
