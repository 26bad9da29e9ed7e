import { presentSpan } from './traces.ts'

/**
 * One line for the server's log: what failed and why, never a token, a code or a cookie (those are in causes, so of causes only the name
 * of a trouble comes out, such as ECONNREFUSED or CERT_HAS_EXPIRED, which `fetch failed` does not say).
 */
export function report(what: string, error: unknown): void {
  const message = error instanceof Error ? error.message : 'unknown'
  const trouble = troubleOf(error)
  const said = trouble ? `${message} (${trouble})` : message
  const span = presentSpan()
  const trace = span ? ` trace_id=${span.traceId}` : ''
  console.error(`[@grove/site] ${what}: ${said.replace(/\p{Cc}/gu, ' ')}${trace}`)
}

/** The code of the innermost cause that has one. */
function troubleOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error ? String(error.code) : ''
  return troubleOf(error.cause) ?? (/^[A-Z][A-Z_\d]{2,60}$/.test(code) ? code : undefined)
}
