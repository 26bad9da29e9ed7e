import type { Traces } from '@grove/traces/opentelemetry'
import { serve } from '@hono/node-server'
import { createApp, MOST_HEADER_BYTES_READ } from './app.ts'
import { createAuth } from './auth.ts'
import { startJobs } from './jobs/index.ts'
import { postLogoutToken } from './jobs/post-logout-token.ts'
import { tracedPost } from './jobs/traced-post.ts'
import { readSeed, refusePublishedPasswords, seedAccounts } from './seed/index.ts'
import { readSettings, SettingsError } from './settings.ts'
import { watchRequests } from './stopping.ts'
import { openStore } from './store/index.ts'
import { createTelemetry } from './telemetry/index.ts'

const STOP_AFTER_MS = 8_000
/** How long it waits for the headers of a request and for all of it, and how often it looks. Node itself: 60, 300 and 30 seconds. */
const PATIENCE = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 2_000 }
/** For who takes nothing of an answer and sends nothing. */
const IDLE_MS = 30_000
const MOST_CONNECTIONS = 2_000

async function main(): Promise<void> {
  const settings = readSettings(process.env)
  const seed = await readSeed(settings.SEED_FILE, process.env, settings.isProduction)
  if (settings.isProduction) refusePublishedPasswords(seed.accounts, settings.ISSUER)
  const cannotSend = (reason: string) => telemetry.failed('send traces', new Error(reason))
  const traces = settings.hasTraces ? await openTraces(cannotSend) : undefined
  const tracer = traces?.tracer
  const telemetry = createTelemetry({ level: settings.LOG_LEVEL, hasProcessMetrics: true, tracer })
  const store = await openStore(settings.DATABASE_URL, telemetry.happened, tracer)
  await seedAccounts(store, seed.accounts)
  const auth = await createAuth({
    issuer: settings.ISSUER,
    secrets: settings.AUTH_SECRET,
    store,
    clients: seed.clients,
    post: tracer ? tracedPost(tracer) : postLogoutToken,
    fetch,
    telemetry,
    tracer,
    hasRateLimits: settings.RATE_LIMITS === 'on',
    trustedProxies: settings.TRUSTED_PROXIES,
    metrics: settings.metrics,
    hasStrictTransport: settings.hasStrictTransport,
    isRegistrationOpen: settings.REGISTRATION === 'on',
    demoAccounts: settings.isProduction ? [] : seed.accounts.slice(0, 2),
  })
  const server = serve(
    {
      fetch: createApp(auth).fetch,
      port: settings.PORT,
      hostname: settings.HOST,
      serverOptions: { maxHeaderSize: MOST_HEADER_BYTES_READ, ...PATIENCE },
    },
    ({ port }) => {
      console.log(`auth listens on ${settings.HOST}:${port} as ${settings.ISSUER}`)
    },
  )
  server.setTimeout(IDLE_MS)
  server.maxConnections = MOST_CONNECTIONS
  server.on('error', (error) =>
    stop(`Port ${settings.PORT} cannot be used: ${error.message}. Choose another with PORT.`),
  )
  const requests = watchRequests(server)
  const stopJobs = startJobs(auth)

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stopJobs()
      setTimeout(() => {
        console.error(
          `auth ends after ${STOP_AFTER_MS / 1000} s without an answer to ${requests.inFlight()} requests.`,
        )
        process.exit(0)
      }, STOP_AFTER_MS).unref()
      requests.stop(async () => {
        await store.close()
        await traces?.stop()
        process.exit(0)
      })
    })
  }
}

/** Nothing of it is loaded unless traces are wanted: what follows a request through its promises costs each request. */
async function openTraces(failed: (reason: string) => void): Promise<Traces> {
  const { startTraces } = await import('@grove/traces/opentelemetry')
  return startTraces({ serviceName: 'auth', env: process.env, failed })
}

function stop(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}

main().catch((error) =>
  stop(error instanceof SettingsError ? error.message : `auth cannot start: ${error.message}`),
)
