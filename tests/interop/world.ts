import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { freePort, openPlace } from '@grove/cluster'
import { Person } from './person.ts'

export const SECRET = 'a client secret with /, + and : in it, 40 %'
export const ALICE = { email: 'alice@example.com', password: 'wonderland-1865' }

/** A provider in a process of its own, and a place for the application that was not written for it. */
export interface World {
  issuer: string
  /** Where the application is at home. */
  site: string
  person: Person
  /** The application begins to answer. */
  serve(application: RequestListener): void
  close(): Promise<void>
}

/** @param registration what the operator writes into SEED_FILE for the application, beside its id and name */
export async function openWorld(registration: (site: string) => Record<string, unknown>): Promise<World> {
  let application: RequestListener = (_, response) => response.writeHead(503).end()
  const server = createServer((request, response) => application(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const client = { client_id: 'app', client_name: 'App', first_party: true, ...registration(site) }
  const place = await openPlace({ clients: [client], accounts: [account] }, { issuer, port })
  await place.start()
  return {
    issuer,
    site,
    person: new Person(),
    serve(it) {
      application = it
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await place.close()
    },
  }
}

const account = {
  ...ALICE,
  claims: {
    sub: 'acc_alice',
    name: 'Alice Liddell',
    given_name: 'Alice',
    preferred_username: 'alice',
    email_verified: true,
    address: { locality: 'Oxford', country: 'United Kingdom' },
  },
}
