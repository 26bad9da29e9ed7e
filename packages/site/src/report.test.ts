import { expect, test, vi } from 'vitest'
import { report } from './report.ts'

function lineFor(error: unknown): unknown {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  report('discovery', error)
  const [line] = log.mock.calls[0] ?? []
  log.mockRestore()
  return line
}
const coded = (message: string, code: unknown, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { code })

test('F-106 the log names the trouble that a failed fetch keeps in its causes', () => {
  const tls = coded('certificate has expired', 'CERT_HAS_EXPIRED')
  expect(lineFor(new TypeError('fetch failed', { cause: tls }))).toBe(
    '[@grove/site] discovery: fetch failed (CERT_HAS_EXPIRED)',
  )
  expect(lineFor(coded('it went wrong', 'OAUTH_TIMEOUT', new Error('aborted')))).toBe(
    '[@grove/site] discovery: it went wrong (OAUTH_TIMEOUT)',
  )
  expect(lineFor(coded('a claim', 'expired'))).toBe('[@grove/site] discovery: a claim')
})

test('F-89 nothing else of a cause comes into the log, and no line is broken', () => {
  const cause = coded('the token was eyJhbGciOiJFUzI1NiJ9.x.y', 'eyJhbGciOiJFUzI1NiJ9.x.y')
  expect(lineFor(new Error('one\nline', { cause }))).toBe('[@grove/site] discovery: one line')
  expect(lineFor('eyJ')).toBe('[@grove/site] discovery: unknown')
})
