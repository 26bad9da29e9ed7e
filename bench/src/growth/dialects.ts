/** What the two databases say in different ways when they make rows up. */
export interface Dialect {
  /** A table `numbers` of `n`, both ends included. */
  numbers(from: number, to: number): string
  /** 22 characters, as long as an id of Grove's, in no order: they spread over an index as random ones do. `n`: an SQL expression. */
  id(kind: IdKind, n: string): string
  /** So many seconds from now. `seconds`: an SQL expression. */
  at(seconds: string): string
  /** Rows of `table`, `rows` and `bytes` on disk, indexes included, of those that have any. */
  sizes: string
  /** Before and after the filling, which need not survive anything. */
  before: readonly string[]
  after: readonly string[]
}

/** One hexadecimal digit. */
export type IdKind = 'a' | 'b' | 'c' | 'd' | 'e'

// Fibonacci hashing (Knuth): consecutive numbers lie far from each other.
const FACTOR = 2_654_435_761

const TABLES = ['Account', 'Session', 'Grant', 'AuditEvent', 'UsedToken']

export const SQLITE: Dialect = {
  numbers: (from, to) =>
    `(WITH RECURSIVE series(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM series WHERE n < ${to}) SELECT n FROM series) numbers`,
  id: (kind, n) => `printf('%08x%013x${kind}', ((${n}) * ${FACTOR}) & 4294967295, ${n})`,
  at: (seconds) => `strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', (${seconds}) || ' seconds')`,
  sizes: TABLES.map(
    (
      table,
    ) => `SELECT '${table}' AS "table", (SELECT count(*) FROM "${table}") AS "rows", sum("pgsize") AS "bytes"
      FROM dbstat WHERE "aggregate" = 1 AND "name" IN (SELECT "name" FROM sqlite_master WHERE "tbl_name" = '${table}')`,
  ).join(' UNION ALL '),
  before: ['PRAGMA journal_mode = OFF', 'PRAGMA synchronous = OFF', 'PRAGMA cache_size = -1500000'],
  after: ['PRAGMA journal_mode = WAL'],
}

export const POSTGRESQL: Dialect = {
  numbers: (from, to) => `generate_series(${from}::bigint, ${to}) AS numbers(n)`,
  id: (kind, n) =>
    `lpad(to_hex(((${n}) * ${FACTOR}) & 4294967295), 8, '0') || lpad(to_hex(${n}), 13, '0') || '${kind}'`,
  at: (seconds) => `(now() AT TIME ZONE 'UTC' + (${seconds}) * interval '1 second')`,
  sizes: TABLES.map(
    (table) => `SELECT '${table}' AS "table", (SELECT count(*) FROM "${table}") AS "rows",
      pg_total_relation_size('"${table}"') AS "bytes"`,
  ).join(' UNION ALL '),
  // Foreign keys are not looked up row by row: what they point at is there.
  before: [
    'SET session_replication_role = replica',
    'SET synchronous_commit = off',
    "SET maintenance_work_mem = '1GB'",
  ],
  after: ['VACUUM ANALYZE'],
}

/** The id that `id` gives in SQL. */
export function idOf(kind: IdKind, n: number): string {
  const spread = (BigInt(n) * BigInt(FACTOR)) & 0xffff_ffffn
  return spread.toString(16).padStart(8, '0') + n.toString(16).padStart(13, '0') + kind
}
