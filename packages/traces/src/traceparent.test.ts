import { expect, test } from 'vitest'
import { readTraceparent, writeTraceparent } from './traceparent.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

test('a traceparent comes back as it was written', () => {
  for (const flags of ['00', '01']) {
    const text = `00-${TRACE}-${SPAN}-${flags}`
    const context = readTraceparent(text)
    expect(context).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: flags === '01' })
    expect(context && writeTraceparent(context)).toBe(text)
  }
  expect(readTraceparent(`00-${TRACE}-${SPAN}-ff`)?.isSampled).toBe(true)
})

test.each([
  ['nothing', null],
  ['an empty text', ''],
  ['no flags', `00-${TRACE}-${SPAN}`],
  ['another version', `01-${TRACE}-${SPAN}-01`],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['something behind it', `00-${TRACE}-${SPAN}-01-more`],
  ['a line behind it', `00-${TRACE}-${SPAN}-01\n`],
  ['something before it', ` 00-${TRACE}-${SPAN}-01`],
  ['two of them', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
])('%s is no traceparent', (_, text) => {
  expect(readTraceparent(text)).toBeUndefined()
})
