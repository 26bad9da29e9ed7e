import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AuditEvent } from '../domain/audit.ts'
import type { RotateOutcome } from '../domain/grants.ts'
import { passwordQueue } from '../domain/passwords.ts'
import { LIMITS } from '../domain/rate-limits.ts'
import type { Readings, Telemetry } from '../domain/telemetry.ts'

// From an answer out of memory to a login that waits its turn at argon2.
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const WATCHED_EVENTS = [
  'login.succeeded',
  'login.failed',
  'session.ended',
  'code.reused',
  'refresh.reused',
  'logout.delivered',
  'logout.failed',
] as const satisfies AuditEvent['type'][]
const OUTCOMES = ['rotated', 'replayed', 'reused', 'unknown'] as const satisfies RotateOutcome['outcome'][]

/** Counters for Prometheus. Every label has a few values only, known in advance: routes, statuses, names of rules. */
export function createMetrics(hasProcessMetrics: boolean): Pick<
  Telemetry,
  'answered' | 'happened' | 'issued' | 'refreshed' | 'limited' | 'metrics'
> & {
  failed(what: string): void
} {
  const registry = new Registry()
  if (hasProcessMetrics) collectDefaultMetrics({ register: registry, prefix: 'grove_' })
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `grove_${name}_total`, help, labelNames, registers })

  const requests = counter('requests', 'Requests answered', ['route', 'status'])
  const durations = new Histogram({
    name: 'grove_request_duration_seconds',
    help: 'Time from the first byte read to the answer',
    labelNames: ['route'],
    buckets: SECONDS,
    registers,
  })
  const events = counter('events', 'Events of the audit log; logins are login.succeeded and login.failed', [
    'type',
  ])
  const tokens = counter('tokens_issued', 'Answers of the token endpoint with tokens', ['grant_type'])
  const refreshes = counter('refreshes', 'What became of refresh tokens that were presented', ['outcome'])
  const limits = counter('rate_limited', 'Refused because of a limit', ['rule'])
  const failures = counter('failures', 'What went wrong, whose reason is in the log', ['what'])

  new Gauge({
    name: 'grove_passwords_waiting',
    help: 'Passwords that wait for their turn to be hashed',
    registers,
    collect() {
      this.set(passwordQueue().waiting)
    },
  })

  // What may raise an alarm is there from the start: of a number that begins with one, nobody sees that it has grown.
  for (const type of WATCHED_EVENTS) events.inc({ type }, 0)
  for (const outcome of OUTCOMES) refreshes.inc({ outcome }, 0)
  for (const rule of Object.keys(LIMITS)) limits.inc({ rule }, 0)
  failures.inc({ what: 'request' }, 0)

  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `grove_${name}`, help, labelNames, registers })
  const databaseUp = gauge('database_up', '1 if the database answered when this was read')
  const databaseSeconds = gauge('database_answer_seconds', 'How long the database took to answer just now')
  const logoutsDue = gauge('logouts_due', 'Logouts that sites have not been told of so far')
  const keyAges = gauge('signing_key_age_seconds', 'For how long the present key has been signing', [
    'algorithm',
  ])

  function take({ databaseSeconds: seconds, logoutsDue: due, keyAgeSeconds }: Readings): void {
    databaseUp.set(seconds === undefined ? 0 : 1)
    // What was not read is not there, rather than what it was before.
    for (const [reading, value] of [
      [databaseSeconds, seconds],
      [logoutsDue, due],
    ] as const)
      if (value === undefined) reading.remove()
      else reading.set(value)
    for (const [algorithm, age] of keyAgeSeconds) keyAges.set({ algorithm }, age)
  }

  return {
    answered({ route, status, ms }) {
      requests.inc({ route, status })
      durations.observe({ route }, ms / 1000)
    },
    happened: ({ type }) => events.inc({ type }),
    issued: (grantType) => tokens.inc({ grant_type: grantType }),
    refreshed: (outcome) => refreshes.inc({ outcome }),
    limited: (rule) => limits.inc({ rule }),
    // `request` and its id, `job` and its name: of the first only the word, for there are as many as requests.
    failed: (what) => failures.inc({ what: what.startsWith('request ') ? 'request' : what }),
    metrics(read) {
      take(read)
      return registry.metrics()
    },
  }
}
