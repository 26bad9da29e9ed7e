const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const

/**
 * Whether the environment says where traces go (OpenTelemetry Protocol Exporter, "Configuration Options"). Without an address, or with
 * `OTEL_SDK_DISABLED=true`, nothing is loaded.
 * @throws Error one sentence, if what stands there is no address
 */
export function wantsTraces(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return false
  const given = ENDPOINTS.filter((name) => env[name]?.trim())
  for (const name of given) {
    if (!isAddress(env[name] ?? ''))
      throw new Error(`${name} must be the address of an OTLP receiver, for example http://127.0.0.1:4318`)
  }
  return given.length > 0
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
