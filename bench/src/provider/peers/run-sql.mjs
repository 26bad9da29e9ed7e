// node run-sql.mjs URL: runs the statements of a JSON array on stdin, in one session, and writes the rows of the last one as JSON. For filling
// a database and asking it something; `file:` or `postgres:`.
import { text } from 'node:stream/consumers'
import Database from 'better-sqlite3'
import pg from 'pg'

const [url] = process.argv.slice(2)
const statements = JSON.parse(await text(process.stdin))

async function onSqlite() {
  const db = new Database(url.slice('file:'.length), { fileMustExist: true })
  let rows = []
  for (const sql of statements) {
    const statement = db.prepare(sql)
    if (statement.reader) rows = statement.all()
    else statement.run()
  }
  db.close()
  return rows
}

async function onPostgresql() {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  let rows = []
  for (const sql of statements) rows = (await client.query(sql)).rows
  await client.end()
  return rows
}

process.stdout.write(JSON.stringify(await (url.startsWith('file:') ? onSqlite() : onPostgresql())))
