import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Tracer } from '../tracer.ts'
import { exportAllowed } from './allowed.ts'
import { createPropagator } from './propagator.ts'
import { createSampler } from './sampler.ts'
import { createTracer } from './tracer.ts'

export interface TracesOptions {
  /** What this process is called in traces, unless `OTEL_SERVICE_NAME` says otherwise. */
  serviceName: string
  env: Readonly<Record<string, string | undefined>>
  /** Told once when spans cannot be sent, and again only after that has worked. */
  failed(reason: string): void
  /** Takes the spans in place of the one that `OTEL_EXPORTER_OTLP_*` describes. */
  exporter?: SpanExporter
}

export interface Traces {
  tracer: Tracer
  /** Sends what is left, and waits for that two seconds at most. */
  stop(): Promise<void>
}

const SEND_EVERY_MS = 5_000
const STOP_WITHIN_MS = 2_000

/**
 * Begins to record traces in this process, and registers them with `@opentelemetry/api`, for frameworks that speak it. At most 2,048 spans
 * wait to be sent, in the background; what comes while they wait is dropped. So a receiver that is slow or away holds up nobody.
 */
export function startTraces({ serviceName, env, failed, exporter }: TracesOptions): Traces {
  const named = resourceFromAttributes({ 'service.name': serviceName })
  const provider = new TracerProvider({
    // Only what the operator wrote: the arguments and the user of a process are nobody's business.
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    sampler: createSampler(env),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: exportAllowed(exporter ?? new OTLPTraceExporter(), failed),
        scheduledDelayMillis: Number(env.OTEL_BSP_SCHEDULE_DELAY) || SEND_EVERY_MS,
      }),
    ],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(createPropagator())
  trace.setGlobalTracerProvider(provider)

  let stopped: Promise<void> | undefined
  async function stop(): Promise<void> {
    const sent = provider.shutdown().catch(() => {}) // `failed` heard why
    await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, STOP_WITHIN_MS).unref())])
  }

  return {
    tracer: createTracer(provider.getTracer('@grove/traces')),
    stop: () => (stopped ??= stop()),
  }
}
