import { type PostgresServer, startPostgres } from '@grove/auth/testing'

/** What every fault is played on. */
export const DATABASES = ['SQLite', 'PostgreSQL'] as const
export type DatabaseName = (typeof DATABASES)[number]

/** New databases of one kind, until it is closed. */
export interface Databases {
  /** The URL of an empty one; without it a process makes a file. */
  create(): Promise<string | undefined>
  close(): Promise<void>
}

/** @throws Error where npm's PostgreSQL cannot run */
export async function openDatabases(name: DatabaseName): Promise<Databases> {
  if (name === 'SQLite') return { create: async () => undefined, close: async () => {} }
  const server: PostgresServer = await startPostgres()
  let made = 0
  return {
    create() {
      made += 1
      return server.createDatabase(`cluster_${made}`)
    },
    close: () => server.stop(),
  }
}
