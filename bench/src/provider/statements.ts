import { number, printTable } from '../table.ts'
import { logIn } from './browser.ts'
import { startGrove } from './contestants/grove.ts'
import { run } from './load.ts'
import type { Operation } from './operations.ts'
import { startPostgres } from './postgres.ts'
import { client } from './registration.ts'
import { createRelyingParty, type RelyingParty, type Tokens } from './relying-party.ts'
import { openWire } from './wire.ts'
import { type Traffic, tap, type Wiretap } from './wiretap.ts'

const TIMES = 48
const AT_ONCE = [1, 16]

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
      const counts = []
      for (const inFlight of AT_ONCE) counts.push(await countFor(wiretap, await prepare(), inFlight))
      rows.push([
        name,
        ...counts.map(({ statements }) => each(statements)),
        ...counts.map(({ roundTrips }) => each(roundTrips)),
      ])
    }
    const head = ['statements', 'round trips'].flatMap((what) =>
      AT_ONCE.map((inFlight) => `${what}, ${inFlight} in flight`),
    )
    printTable('What PostgreSQL is asked for one operation', ['', ...head], rows)
  } finally {
    wire.close()
    await server.stop()
    wiretap.close()
    await postgres.stop()
  }
}

async function countFor(wiretap: Wiretap, operation: Operation, inFlight: number): Promise<Traffic> {
  wiretap.traffic()
  await run(operation, TIMES, inFlight)
  return wiretap.traffic()
}

const each = (count: number) => number(count / TIMES)

async function tokensOf(party: RelyingParty, cookie: string): Promise<Tokens[]> {
  return await Promise.all(Array.from({ length: TIMES }, () => party.signOn(cookie)))
}

function at(tokens: readonly Tokens[], place: number): Tokens {
  const found = tokens[place]
  if (!found) throw new Error('there is no such token')
  return found
}
