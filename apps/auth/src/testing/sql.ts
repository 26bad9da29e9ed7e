import { openConnection } from '../store/connection.ts'
import { isPostgresql } from '../store/database.ts'
import { SQLITE } from '../store/dialect.ts'
import { type Query, queryOn } from '../store/statement.ts'

/** A connection of a test's own, past the ports of the store: what another program could do to the same database. */
export interface Sql {
  /** One statement, in PostgreSQL's words; BEGIN is one too, since all of them go over one connection. */
  query: Query
  close(): Promise<void>
}

/** A SQLite file that is not there is made. */
export async function openSql(databaseUrl: string): Promise<Sql> {
  if (!isPostgresql(databaseUrl)) {
    const connection = await openConnection(databaseUrl)
    return { query: queryOn(connection, SQLITE), close: () => connection.dispose() }
  }
  const { openConnections } = await import('../store/postgresql-connection.ts')
  const own = new URL(databaseUrl)
  own.searchParams.set('application_name', 'a test') // not to be taken for a process of ours
  const connection = await openConnections(own.href, { connections: 1, isPatient: true })
  return { query: queryOn(connection), close: () => connection.dispose() }
}
