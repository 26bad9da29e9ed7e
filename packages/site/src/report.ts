import { presentSpan } from './traces.ts'

/** One line for the server's log: what failed and why, never a token, a code or a cookie (those are in causes, so causes stay out). */
export function report(what: string, error: unknown): void {
  const message = error instanceof Error ? error.message : 'unknown'
  const span = presentSpan()
  const trace = span ? ` trace_id=${span.traceId}` : ''
  console.error(`[@grove/site] ${what}: ${message.replace(/\p{Cc}/gu, ' ')}${trace}`)
}
