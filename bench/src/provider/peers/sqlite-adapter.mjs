import Database from 'better-sqlite3'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS "Model" (
    "name" TEXT NOT NULL, "id" TEXT NOT NULL, "payload" TEXT NOT NULL, "grantId" TEXT, "uid" TEXT, "userCode" TEXT,
    "consumedAt" INTEGER, "expiresAt" INTEGER,
    PRIMARY KEY ("name", "id")
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS "Model_grantId" ON "Model" ("grantId") WHERE "grantId" IS NOT NULL;
  CREATE INDEX IF NOT EXISTS "Model_uid" ON "Model" ("uid") WHERE "uid" IS NOT NULL;`

const seconds = () => Math.floor(Date.now() / 1000)

/**
 * The adapter that node-oidc-provider asks for, on better-sqlite3: every statement prepared once, WAL, and `synchronous` as
 * better-sqlite3 sets it with WAL (NORMAL). Returns the class to hand to the provider, and how to close the file.
 */
export function sqliteAdapter(file) {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.exec(SCHEMA)
  const upsert = db.prepare(`
    INSERT INTO "Model" ("name", "id", "payload", "grantId", "uid", "userCode", "expiresAt") VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET "payload" = excluded."payload", "grantId" = excluded."grantId", "uid" = excluded."uid",
      "userCode" = excluded."userCode", "expiresAt" = excluded."expiresAt"`)
  const find = db.prepare('SELECT * FROM "Model" WHERE "name" = ? AND "id" = ?')
  const findByUid = db.prepare('SELECT * FROM "Model" WHERE "uid" = ? AND "name" = ?')
  const findByUserCode = db.prepare('SELECT * FROM "Model" WHERE "userCode" = ? AND "name" = ?')
  const consume = db.prepare('UPDATE "Model" SET "consumedAt" = ? WHERE "name" = ? AND "id" = ?')
  const destroy = db.prepare('DELETE FROM "Model" WHERE "name" = ? AND "id" = ?')
  const revoke = db.prepare('DELETE FROM "Model" WHERE "grantId" = ?')

  const payloadOf = (row) => {
    if (!row || (row.expiresAt !== null && row.expiresAt < seconds())) return undefined
    return { ...JSON.parse(row.payload), ...(row.consumedAt !== null && { consumed: row.consumedAt }) }
  }

  class SqliteAdapter {
    constructor(name) {
      this.name = name
    }
    async upsert(id, payload, expiresIn) {
      const { grantId = null, uid = null, userCode = null } = payload
      const expiresAt = expiresIn ? seconds() + expiresIn : null
      upsert.run(this.name, id, JSON.stringify(payload), grantId, uid, userCode, expiresAt)
    }
    async find(id) {
      return payloadOf(find.get(this.name, id))
    }
    async findByUid(uid) {
      return payloadOf(findByUid.get(uid, this.name))
    }
    async findByUserCode(userCode) {
      return payloadOf(findByUserCode.get(userCode, this.name))
    }
    async consume(id) {
      consume.run(seconds(), this.name, id)
    }
    async destroy(id) {
      destroy.run(this.name, id)
    }
    async revokeByGrantId(grantId) {
      revoke.run(grantId)
    }
  }
  return { Adapter: SqliteAdapter, close: () => db.close() }
}
