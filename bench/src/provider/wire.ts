import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** Connections to one server that are kept open, as those of a proxy or of a site's server are. */
export interface Wire {
  issuer: string
  get(path: string, headers?: OutgoingHttpHeaders): Promise<Answer>
  /** A form. */
  post(path: string, form: Record<string, string>, headers?: OutgoingHttpHeaders): Promise<Answer>
  close(): void
}

const ANSWERED_WITHIN_MS = 30_000

export function openWire(issuer: string): Wire {
  const { hostname, port } = new URL(issuer)
  const agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: 'fifo' })

  function send(
    method: 'GET' | 'POST',
    path: string,
    headers: OutgoingHttpHeaders,
    body?: string,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { agent, hostname, port, method, path, headers, timeout: ANSWERED_WITHIN_MS }
      const sent = request(options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      })
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path.slice(0, 40)} was not answered`)))
      sent.on('error', (error) => {
        // The server closed a connection that was idle for long, just as this was sent on it.
        if (sent.reusedSocket && 'code' in error && error.code === 'ECONNRESET')
          resolve(send(method, path, headers, body))
        else reject(error)
      })
      sent.end(body)
    })
  }

  return {
    issuer,
    get: (path, headers = {}) => send('GET', path, headers),
    post(path, form, headers = {}) {
      const body = new URLSearchParams(form).toString()
      const type = 'application/x-www-form-urlencoded'
      const all = { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers }
      return send('POST', path, all, body)
    },
    close: () => agent.destroy(),
  }
}
