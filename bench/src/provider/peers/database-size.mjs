// node database-size.mjs FILE: the bytes of a database that nobody has open, its log written back and free pages left out.
import Database from 'better-sqlite3'

const db = new Database(process.argv[2], { fileMustExist: true })
db.pragma('wal_checkpoint(TRUNCATE)')
const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map((name) =>
  db.pragma(name, { simple: true }),
)
db.close()
console.log((pages - free) * size)
