import { number, printTable } from '../table.ts'
import { logIn } from './browser.ts'
import { startGrove } from './contestants/grove.ts'
import { run } from './load.ts'
import type { Operation } from './operations.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { client } from './registration.ts'
import { createRelyingParty, type RelyingParty, type Tokens } from './relying-party.ts'
import type { Server } from './server.ts'
import { openWire } from './wire.ts'
import { tap, type Wiretap } from './wiretap.ts'

const TIMES = 128

/** What the database is asked for each operation, counted on its way to PostgreSQL. SQLite gets the same, but for the locks of rows. */
export async function printStatements(folder: string): Promise<void> {
  const postgres = await startPostgres()
  const wiretap = await tap(await postgres.createDatabase('auth'))
  const server = await startGrove(folder, wiretap.url)
  const wire = openWire(server.issuer)
  try {
    const party = await createRelyingParty(wire)
    const cookie = await logIn(wire, party.authorizePath)
    const operations: Record<string, () => Promise<Operation>> = {
      login: async () => async () => {
        await logIn(wire, party.authorizePath)
      },
      hop: async () => async () => {
        await party.signOn(cookie, client.resource)
      },
      refresh: async () => {
        const present = await tokensOf(party, cookie)
        return async (lane) => {
          present[lane] = await party.refresh(at(present, lane))
        }
      },
      userinfo: async () => {
        const present = await tokensOf(party, cookie)
        return (lane) => party.userinfo(at(present, lane))
      },
      introspection: async () => {
        const present = await tokensOf(party, cookie)
        return (lane) => party.introspect(at(present, lane))
      },
      revocation: async () => {
        const present = await tokensOf(party, cookie)
        return () => party.revoke(present.pop() ?? at(present, 0))
      },
      'sign-out': async () => {
        const logins: { cookie: string; tokens: Tokens }[] = []
        while (logins.length < TIMES) {
          const fresh = await logIn(wire, party.authorizePath)
          logins.push({ cookie: fresh, tokens: await party.signOn(fresh) })
        }
        return async () => {
          const login = logins.pop()
          if (login) await party.signOut(login.cookie, login.tokens)
        }
      },
      jwks: async () => party.jwks,
    }
    const rows = []
    for (const [name, prepare] of Object.entries(operations)) {
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

async function tokensOf(party: RelyingParty, cookie: string): Promise<Tokens[]> {
  return await Promise.all(Array.from({ length: TIMES }, () => party.signOn(cookie)))
}

function at(tokens: readonly Tokens[], place: number): Tokens {
  const found = tokens[place]
  if (!found) throw new Error('there is no such token')
  return found
}
