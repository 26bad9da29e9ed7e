/** A database's way to read the SQL that is our own, which is written once, for PostgreSQL. */
export interface Dialect {
  statement(sql: string): string
  /** The items of a statement, each an array, as its one parameter for `ITEMS`. */
  items(items: readonly unknown[]): unknown
}

/** The items that a statement is given, as rows `item`: `value` is the array, `key` says where it stands. */
export const ITEMS = 'unnest($1::jsonb[]) WITH ORDINALITY AS item("value", "key")'
/** Where an item stands, from 0. */
export const PLACE = 'item."key" - 1'

export const POSTGRESQL: Dialect = {
  statement: (sql) => sql,
  // An array and not one text, so that it is planned for as many rows as there are.
  items: (items) => items.map((item) => JSON.stringify(item)),
}

/** What SQLite says in another way, or need not say. */
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

export const SQLITE: Dialect = {
  statement: remembering((sql) =>
    SQLITE_WORDS.reduce((text, [word, own]) => text.replaceAll(word, own), sql),
  ),
  items: (items) => JSON.stringify(items),
}

/** There are a few dozen statements, each of them a constant. */
function remembering(translate: (sql: string) => string): (sql: string) => string {
  const known = new Map<string, string>()
  return (sql) => {
    const text = known.get(sql) ?? translate(sql)
    known.set(sql, text)
    return text
  }
}
