export { readTraceparent, type TraceContext, writeTraceparent } from './traceparent.ts'
export type { Attributes, Span, SpanStart, Tracer } from './tracer.ts'
export { wantsTraces } from './wanted.ts'
