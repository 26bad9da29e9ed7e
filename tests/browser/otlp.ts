import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Span {
  /** Whose: `service.name` of the process. */
  service: string
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  /** As OTLP counts: 1 internal, 2 server, 3 client. */
  kind: number
  links: { traceId: string; spanId: string }[]
  attributes: Record<string, unknown>
}

/** Takes traces as a collector does: OTLP over HTTP, in JSON (OTLP Specification 1.x, "OTLP/HTTP"). */
export class Receiver {
  /** All that was sent here, as it was sent. */
  readonly bodies: string[] = []
  private readonly server: Server

  constructor() {
    this.server = createServer(async (request, response) => {
      if (request.method === 'POST' && request.url === '/v1/traces') this.bodies.push(await text(request))
      response.setHeader('content-type', 'application/json').end('{}')
    })
  }

  async starts(): Promise<void> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening')
  }

  get address(): string {
    const { port } = this.server.address() as AddressInfo // it listens at a port
    return `http://127.0.0.1:${port}`
  }

  get spans(): Span[] {
    return this.bodies.flatMap((body) => spansIn(JSON.parse(body)))
  }

  stops(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}

interface Attribute {
  key: string
  value: Record<string, unknown>
}

interface Request {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: { spans: (Omit<Span, 'service' | 'attributes'> & { attributes: Attribute[] })[] }[]
  }[]
}

function spansIn({ resourceSpans }: Request): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(toRecord(resource.attributes)['service.name'])
    const spans = scopeSpans.flatMap((scope) => scope.spans)
    return spans.map(({ attributes, ...span }) => ({ ...span, service, attributes: toRecord(attributes) }))
  })
}

/** A value stands under the name of its type. */
function toRecord(attributes: Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
