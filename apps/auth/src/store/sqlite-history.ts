import { Prisma } from './generated/sqlite/client.ts'
import type { History } from './migrate.ts'

/** How SQLite keeps its history, and how it applies a migration. */
export const SQLITE_HISTORY: History = {
  migrations: new URL('../../prisma/sqlite/migrations/', import.meta.url),

  table: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`,

  models: Object.keys(Prisma.ModelName),

  tables: `SELECT "name" FROM "sqlite_master" WHERE "type" = 'table' AND "name" NOT LIKE 'sqlite_%'`,

  async apply(connection, record, sql) {
    try {
      await connection.executeScript(`PRAGMA foreign_keys = OFF;
        BEGIN IMMEDIATE;
        ${record};
        ${sql}
        ;COMMIT;
        PRAGMA foreign_keys = ON;`)
    } catch (error) {
      await connection.executeScript('PRAGMA foreign_keys = ON')
      throw error
    }
  },
}
