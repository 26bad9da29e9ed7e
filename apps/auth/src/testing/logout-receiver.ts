import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What hears logouts in place of a site. */
export interface LogoutReceiver {
  /** For `backchannel_logout_uri`. */
  uri: string
  /** The `sid` of each logout token that was sent there. */
  heard: string[]
  close(): void
}

/** On a port of its own. It believes every token: whether one is right is for the tests of the sites. */
export async function openLogoutReceiver(): Promise<LogoutReceiver> {
  const heard: string[] = []
  const server = createServer(async (request, response) => {
    const token = new URLSearchParams(await text(request)).get('logout_token') ?? ''
    heard.push(String(payloadOf(token).sid))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    uri: `http://127.0.0.1:${port}/backchannel-logout`,
    heard,
    close: () => server.close().closeAllConnections(),
  }
}

export const headerOf = (token: string) => partOf(token, 0)
export const payloadOf = (token: string) => partOf(token, 1)

function partOf(token: string, part: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString())
}
