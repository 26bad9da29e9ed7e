import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const PATH = '/callback'
const WITHIN_SECONDS = 300

// No request of this page to anywhere: the address that it stands at has a code in it.
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  connection: 'close',
}
const DONE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Back to the terminal</title><h1>Back to the terminal</h1><p>It has what it needs. You can close this tab.</p></html>`

/**
 * Listens on a free port of the loopback address (RFC 8252 §7.3), not of its name, which may be another machine (§8.3), until the
 * answer to this request comes. Whatever else comes there, another program's guess say, is 404 and changes nothing.
 * @returns the address to register with the request, and the one that the browser came to; that rejects after five minutes
 */
export async function awaitAnswer(state: string): Promise<{ redirectUri: string; address: Promise<URL> }> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo // it listens on a port
  const redirectUri = `http://127.0.0.1:${port}${PATH}`
  const address = new Promise<URL>((resolve, reject) => {
    const timer = setTimeout(
      () => end(() => reject(new Error('Nobody has signed in for five minutes.'))),
      WITHIN_SECONDS * 1000,
    )
    const end = (settle: () => void) => {
      clearTimeout(timer)
      server.close()
      settle()
    }
    server.on('request', (request, response) => {
      const { url = '/' } = request
      const { pathname, searchParams, search } = new URL(
        URL.canParse(url, redirectUri) ? url : '/',
        redirectUri,
      )
      if (request.method !== 'GET' || pathname !== PATH || searchParams.get('state') !== state)
        return response.writeHead(404, { connection: 'close' }).end()
      response.writeHead(200, HEADERS).end(DONE, () => end(() => resolve(new URL(redirectUri + search))))
    })
  })
  return { redirectUri, address }
}
