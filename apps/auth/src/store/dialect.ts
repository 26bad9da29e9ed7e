/** Where the SQL that is our own differs between the databases. Each statement is written once, with these in it. */
export interface Dialect {
  /** The items of the one JSON text that a statement is given, as rows `item`, whose `value` is an array. */
  readonly items: string
  /** Where an item stands in that text, from 0. */
  readonly place: string
  /** The parameter with this number, from 1; it may be named several times. */
  parameter(number: number): string
  /** A text that is to be taken for something else: SQLite compares times as texts and knows the rest by itself. */
  asTime(text: string): string
  asInteger(text: string): string
  asJson(text: string): string
  /** The function that picks the smaller of two. */
  readonly smaller: string
  /** After a SELECT: the rows of that table stay as they are until its transaction ends, and others may read them. */
  holding(table: string): string
  /** After a SELECT: its rows are this transaction's until it ends, and those that are another's already are left out. */
  readonly taking: string
}

const itself = (text: string) => text

/** A transaction that writes is alone in the database from its beginning, so nothing has to be locked. */
export const SQLITE: Dialect = {
  items: 'json_each(?) item',
  place: 'item."key"',
  parameter: (number) => `?${number}`,
  asTime: itself,
  asInteger: itself,
  asJson: itself,
  smaller: 'min',
  holding: () => '',
  taking: '',
}

/** Many transactions write at the same time, and each statement sees what was committed before it began (READ COMMITTED). */
export const POSTGRESQL: Dialect = {
  items: 'jsonb_array_elements($1::jsonb) WITH ORDINALITY AS item("value", "key")',
  place: 'item."key" - 1',
  parameter: (number) => `$${number}`,
  asTime: (text) => `(${text})::timestamp(3)`,
  asInteger: (text) => `(${text})::bigint`,
  asJson: (text) => `(${text})::jsonb`,
  smaller: 'least',
  holding: (table) => `FOR SHARE OF "${table}"`,
  taking: 'FOR UPDATE SKIP LOCKED',
}
