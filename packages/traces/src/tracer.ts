/**
 * What a span may say. Names are those of OpenTelemetry's conventions where there is one. Nothing else leaves the process, whoever
 * wrote it (opentelemetry/allowed.ts): no address with its query, no cookie, token, email, or text of an error.
 */
export interface Attributes {
  'http.request.method'?: string
  /** As in a table of routes, such as `/status/:list`: never the path that was asked for. */
  'http.route'?: string
  'http.response.status_code'?: number
  /** The host that is called. */
  'server.address'?: string
  'db.system.name'?: string
  'db.operation.name'?: string
  'db.collection.name'?: string
  /** How many callers one statement answered. */
  'db.operation.batch.size'?: number
  /** Only a registered one. */
  'oauth.client_id'?: string
  'oauth.grant_type'?: string
  /** One word of a list that is known in advance, such as `rotated`. */
  'grove.outcome'?: string
}

export interface SpanStart {
  /** A route or an operation: never an address, and no value. */
  name: string
  kind: 'server' | 'client' | 'internal'
  /**
   * The `traceparent` of the span that this is part of, also in another process; `null`: a trace of its own. Left out, it is the
   * present span.
   */
  parent?: string | null
  /** `traceparent`s of other traces that led to this one. */
  links?: readonly string[]
  attributes?: Attributes
}

/** A span that is under way. */
export interface Span {
  /** 32 hexadecimal digits. */
  traceId: string
  /** For whoever goes on with it (W3C Trace Context §3.2). */
  traceparent: string
  rename(name: string): void
  /** A status of 500 and above marks it as failed. */
  set(attributes: Attributes): void
}

/** Records what is done, in spans. There is one only where traces are wanted. */
export interface Tracer {
  /** Runs `work` in a span that ends with it. What `work` throws marks the span as failed, and is thrown on. */
  trace<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T>
  /** The span in which this is called. */
  present(): Span | undefined
  /** Runs `work` as part of nothing: for a timer that is set in a request and outlives it. */
  apart<T>(work: () => T): T
}
