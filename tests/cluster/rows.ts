import { openSql } from '@grove/auth/testing'

const TABLES = [
  ...['Account', 'Session', 'Grant', 'Consent', 'UsedToken', 'RateLimit', 'LogoutDelivery', 'AuditEvent'],
  'SigningKey',
]

/** How many rows there are in each table. */
export async function countRows(databaseUrl: string): Promise<Record<string, number>> {
  const sql = await openSql(databaseUrl)
  const counts: Record<string, number> = {}
  for (const table of TABLES) {
    const [row] = await sql.query(`SELECT count(*) AS n FROM "${table}"`)
    counts[table] = Number(row?.n)
  }
  await sql.close()
  return counts
}
