/** A database of a test file's own on the server of this run, or why there can be none. */
export type TestDatabase = { url: string } | { reason: string }

export async function newPostgresDatabase(): Promise<TestDatabase> {
  const desk = process.env.POSTGRES_DESK
  if (!desk) return { reason: 'no server: vitest.config.ts names postgres.setup.ts as globalSetup' }
  return (await (await fetch(desk)).json()) as TestDatabase // as postgres.setup.ts answers
}
