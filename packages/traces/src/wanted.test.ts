import { expect, test } from 'vitest'
import { wantsTraces } from './wanted.ts'

test('traces are wanted where the environment has an address for them, and not otherwise', () => {
  const address = 'http://127.0.0.1:4318'
  expect(wantsTraces({})).toBe(false)
  expect(wantsTraces({ OTEL_SERVICE_NAME: 'auth', OTEL_EXPORTER_OTLP_ENDPOINT: ' ' })).toBe(false)
  expect(wantsTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: address })).toBe(true)
  expect(wantsTraces({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${address}/v1/traces` })).toBe(true)
  expect(wantsTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: address, OTEL_SDK_DISABLED: 'True' })).toBe(false)
})

test('what is no address is refused by the name of the setting', () => {
  for (const wrong of ['127.0.0.1:4318', 'grpc://collector:4317', 'yes'])
    expect(() => wantsTraces({ OTEL_EXPORTER_OTLP_ENDPOINT: wrong })).toThrow(
      /^OTEL_EXPORTER_OTLP_ENDPOINT must be the address/,
    )
})
