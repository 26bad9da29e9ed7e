import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

/**
 * For vitest's `globalSetup`: one PostgreSQL for the whole run, started when the first test file asks for a database
 * and stopped when the last one is done. A run that asks for none starts none.
 */
export default async function setup(): Promise<() => Promise<void>> {
  let started: Promise<PostgresServer> | undefined
  let databases = 0
  const desk = createServer(async (_request, response) => {
    try {
      started ??= startPostgres()
      databases += 1
      const url = await (await started).createDatabase(`test_${databases}`)
      response.end(JSON.stringify({ url }))
    } catch (error) {
      response.end(JSON.stringify({ reason: error instanceof Error ? error.message : String(error) }))
    }
  })
  await new Promise<void>((resolve) => desk.listen(0, '127.0.0.1', resolve))
  const { port } = desk.address() as AddressInfo // it listens on a port
  process.env.POSTGRES_DESK = `http://127.0.0.1:${port}`

  return async () => {
    desk.close().closeAllConnections()
    await (await started?.catch(() => undefined))?.stop()
  }
}

/** A database of a test file's own on the server of this run, or why there can be none. */
export type TestDatabase = { url: string } | { reason: string }

export async function newPostgresDatabase(): Promise<TestDatabase> {
  const desk = process.env.POSTGRES_DESK
  if (!desk) return { reason: 'no server: vitest.config.ts has to name this file as globalSetup' }
  return (await (await fetch(desk)).json()) as TestDatabase // as it is answered above
}
