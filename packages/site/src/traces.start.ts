import { report } from './report.ts'
import { presentTracer, traceWith } from './traces.ts'

/** Loads what records traces, and says where they go by `OTEL_EXPORTER_OTLP_*`. Once a process, whatever else is in it. */
export async function startTraces(serviceName: string): Promise<void> {
  if (presentTracer()) return
  const traces = await import('@grove/traces/opentelemetry')
  const failed = (reason: string) => report('send traces', new Error(reason))
  const { tracer, stop } = traces.startTraces({ serviceName, env: process.env, failed })
  traceWith(tracer)
  process.once('SIGTERM', async () => {
    exitAfter(stop)
    // Listening for a signal takes away its default. If nobody else listens, the process has to end as it would have.
    if (process.listenerCount('SIGTERM') > 0) return
    await stop()
    process.kill(process.pid, 'SIGTERM')
  })
}

/** Next ends the process by itself, as soon as the last request is answered, and asks nobody whether there is something left to do. */
function exitAfter(last: () => Promise<void>): void {
  const exit = process.exit
  process.exit = ((code) => void last().finally(() => exit(code))) as typeof exit // it ends, two seconds later at most
}
