import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { isEqual } from '../domain/secrets.ts'
import type { Readings } from '../domain/telemetry.ts'
import { json } from './answers.ts'
import { notFound } from './failures.ts'

/**
 * What was counted, for whoever brings `METRICS_TOKEN`. Without that setting it is open in development, and nothing is there in
 * production: an address would be no proof, for behind a proxy everybody has the proxy's.
 */
export async function getMetrics(c: Context, auth: Auth): Promise<Response> {
  const { telemetry, metrics } = auth
  if (metrics === 'closed') return notFound(c)
  if (metrics !== 'open' && !isEqual(`Bearer ${metrics.token}`, c.req.header('authorization') ?? '')) {
    const headers = { 'www-authenticate': 'Bearer realm="metrics"' }
    return json(
      c,
      { error: 'invalid_token', error_description: 'METRICS_TOKEN is needed' },
      { status: 401, headers },
    )
  }
  return c.body(await telemetry.metrics(await read(auth)), 200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
}

/** A database that does not answer is a reading too. */
async function read({ store, keyring, now }: Auth): Promise<Readings> {
  const askedAt = performance.now()
  const logoutsDue = await store.logouts.countDue().catch(() => undefined)
  const databaseSeconds = logoutsDue === undefined ? undefined : (performance.now() - askedAt) / 1000
  return { databaseSeconds, logoutsDue, keyAgeSeconds: keyring.agesSeconds(now()) }
}
