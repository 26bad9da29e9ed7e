import { number, printTable } from '../table.ts'
import { logIn } from './browser.ts'
import { startGrove } from './contestants/grove.ts'
import { run } from './load.ts'
import { itemAt, type Operation } from './operations.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { createRelyingParty, type Tokens } from './relying-party.ts'
import type { Server } from './server.ts'
import { openWire, type Wire } from './wire.ts'
import { tap, type Wiretap } from './wiretap.ts'

const TIMES = 128

/** What the database is asked for each operation, counted on its way to PostgreSQL. SQLite gets the same, but for the locks of rows. */
export async function printStatements(folder: string): Promise<void> {
  const postgres = await startPostgres()
  const wiretap = await tap(await postgres.createDatabase('auth'))
  const server = await startGrove(folder, wiretap.url)
  const wire = openWire(server.issuer)
  try {
    const rows = []
    for (const [name, prepare] of Object.entries(await operationsAt(wire))) {
      const asked = { server, postgres, wiretap }
      const [alone, together] = [
        await costsOf(asked, await prepare(), 1),
        await costsOf(asked, await prepare(), 16),
      ]
      rows.push([name, ...Object.values(alone), ...Object.values(together)])
    }
    const head = ['statements', 'round trips', 'CPU: auth + PostgreSQL']
    printTable(
      'What PostgreSQL is asked for one operation, at 1 and at 16 in flight; µs',
      ['', ...head.map((what) => `1: ${what}`), ...head.map((what) => `16: ${what}`)],
      rows,
    )
  } finally {
    wire.close()
    await server.stop()
    wiretap.close()
    await postgres.stop()
  }
}

/** Each ready to be done `TIMES` times. */
async function operationsAt(wire: Wire): Promise<Record<string, () => Promise<Operation>>> {
  const party = await createRelyingParty(wire)
  const newLogin = () => logIn(wire, party.authorizePath)
  const cookie = await newLogin()
  const withTokens = (use: (present: Tokens[], lane: number) => Promise<void>) => async () => {
    const present = await Promise.all(Array.from({ length: TIMES }, () => party.signOn(cookie)))
    return (lane: number) => use(present, lane)
  }
  return {
    login: async () => async () => {
      await newLogin()
    },
    hop: async () => async () => {
      await party.signOn(cookie)
    },
    refresh: withTokens(async (present, lane) => {
      present[lane] = await party.refresh(itemAt(present, lane))
    }),
    userinfo: withTokens((present, lane) => party.userinfo(itemAt(present, lane))),
    introspection: withTokens((present, lane) => party.introspect(itemAt(present, lane))),
    revocation: withTokens((present) => party.revoke(itemAt(present.splice(-1), 0))),
    'sign-out': async () => {
      const logins: { cookie: string; tokens: Tokens }[] = []
      while (logins.length < TIMES) {
        const fresh = await newLogin()
        logins.push({ cookie: fresh, tokens: await party.signOn(fresh) })
      }
      return async () => {
        const login = itemAt(logins.splice(-1), 0)
        await party.signOut(login.cookie, login.tokens)
      }
    },
    jwks: async () => party.jwks,
  }
}

interface Asked {
  server: Server
  postgres: Postgres
  wiretap: Wiretap
}

/** For the table. */
async function costsOf({ server, postgres, wiretap }: Asked, operation: Operation, inFlight: number) {
  wiretap.traffic()
  const before = [(await server.usage()).cpuMicros, await postgres.cpuMicros()]
  await run(operation, TIMES, inFlight)
  const after = [(await server.usage()).cpuMicros, await postgres.cpuMicros()]
  const { statements, roundTrips } = wiretap.traffic()
  const micros = after.map((used, place) => number((used - (before[place] ?? 0)) / TIMES))
  return {
    statements: number(statements / TIMES),
    roundTrips: number(roundTrips / TIMES),
    cpu: micros.join(' + '),
  }
}
