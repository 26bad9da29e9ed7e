import { openConnection } from '../store/connection.ts'
import { isPostgresql } from '../store/database.ts'
import { SQLITE } from '../store/dialect.ts'
import { type Query, queryOn, stamp } from '../store/statement.ts'
import { AFTER_SWEEP, INVARIANTS } from './oracle.invariants.ts'
import { copyToSqlite } from './postgres-copy.ts'

/** What a scenario knows and a database does not. */
export interface Witness {
  now?: Date
  /** Clients with a back-channel address: each is owed the logouts of its sessions. */
  told?: readonly string[]
  /** Codes, refresh tokens, cookies, passwords that were used: none may stand anywhere in the database. */
  secrets?: readonly string[]
  /** Keys that signed tokens which still live: each must be published. */
  keyIds?: readonly string[]
  /** The sweep has run since the last change. */
  hasSwept?: boolean
}

// A refresh token; a signed token; a sealed one, as codes are.
const LOOKS_SECRET =
  /[\w-]{22}\.\d{1,9}\.[\w-]{43}|eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+|eyJ[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+/

/**
 * Reads the whole database, its log of events included, and says what is broken, one sentence each; nothing when all invariants
 * hold. It writes nothing, so it can be asked while processes run.
 */
export async function askOracle(databaseUrl: string, witness: Witness = {}): Promise<string[]> {
  if (isPostgresql(databaseUrl)) {
    const copy = await copyToSqlite(databaseUrl)
    return await askOracle(copy.url, witness).finally(copy.remove)
  }
  const connection = await openConnection(databaseUrl)
  try {
    const query = queryOn(connection, SQLITE)
    return [
      ...(await brokenFile(query)),
      ...(await brokenInvariants(query, witness)),
      ...(await missingKeys(query, witness.keyIds ?? [])),
      ...(await secretsInClear(query, witness.secrets ?? [])),
    ]
  } finally {
    await connection.dispose()
  }
}

async function brokenFile(query: Query): Promise<string[]> {
  const [integrity] = await query('PRAGMA integrity_check')
  const orphans = await query('PRAGMA foreign_key_check')
  const said = String(Object.values(integrity ?? {})[0])
  return [
    ...(said === 'ok' ? [] : [`0 the file is damaged: ${said}`]),
    ...orphans.map(({ table, rowid }) => `0 ${table} ${rowid} refers to nothing`),
  ]
}

async function brokenInvariants(
  query: Query,
  { now = new Date(), told = [], hasSwept = false }: Witness,
): Promise<string[]> {
  const broken: string[] = []
  for (const { number, broken: what, sql } of [...INVARIANTS, ...(hasSwept ? AFTER_SWEEP : [])]) {
    const text = sql.replaceAll(/:(now|told)/g, '(SELECT $1 FROM given)')
    const rows = await query(
      `WITH given(now, told) AS (VALUES (?1, ?2)) ${text}`,
      stamp(now),
      JSON.stringify(told),
    )
    broken.push(...rows.map(({ about }) => `${number} ${what}: ${about}`))
  }
  return broken
}

async function missingKeys(query: Query, keyIds: readonly string[]): Promise<string[]> {
  const known = new Set((await query('SELECT "id" FROM "SigningKey"')).map(({ id }) => id))
  return keyIds.filter((id) => !known.has(id)).map((id) => `5 a living token's key is not published: ${id}`)
}

async function secretsInClear(query: Query, secrets: readonly string[]): Promise<string[]> {
  const tables = await query(
    `SELECT "name" FROM sqlite_schema WHERE "type" = 'table' AND "name" NOT LIKE 'sqlite_%'`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    for (const row of await query(`SELECT * FROM "${name}"`)) {
      for (const [column, value] of Object.entries(row)) {
        const text = String(value)
        const looksSecret = column !== 'sealedPrivateKey' && LOOKS_SECRET.test(text)
        if (looksSecret || secrets.some((secret) => text.includes(secret)))
          found.push(`${name === 'AuditEvent' ? 7 : 6} a secret stands in ${name}.${column}`)
      }
    }
  }
  return found
}
