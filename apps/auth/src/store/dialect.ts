// The SQL that is our own is written once, for PostgreSQL. These are its words that SQLite says in another way, or need not say.

/** The items of the one JSON text that a statement is given, as rows `item`: `value` is an array, `key` says where it stands. */
export const ITEMS = 'jsonb_array_elements($1::jsonb) WITH ORDINALITY AS item("value", "key")'
/** Where an item stands, from 0. */
export const PLACE = 'item."key" - 1'

const SQLITE_WORDS: readonly [postgresql: RegExp | string, sqlite: string][] = [
  [ITEMS, 'json_each($1) item'],
  [PLACE, 'item."key"'],
  // Times are compared as texts, and the rest it knows by itself.
  [/::(timestamp\(3\)|bigint|jsonb)/g, ''],
  [/\bleast\(/g, 'min('],
  // A transaction that writes is alone in the database from its beginning.
  [/\bFOR (SHARE OF "\w+"|UPDATE SKIP LOCKED)/g, ''],
  [/\$(\d)/g, '?$1'],
]

/** A statement of ours, as a database reads it. */
export type Dialect = (sql: string) => string

export const postgresql: Dialect = (sql) => sql

export const sqlite: Dialect = remembering((sql) =>
  SQLITE_WORDS.reduce((text, [word, own]) => text.replaceAll(word, own), sql),
)

/** There are a few dozen statements, each of them a constant. */
function remembering(dialect: Dialect): Dialect {
  const known = new Map<string, string>()
  return (sql) => {
    const text = known.get(sql) ?? dialect(sql)
    known.set(sql, text)
    return text
  }
}
