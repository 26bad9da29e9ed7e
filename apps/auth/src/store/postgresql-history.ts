import { Prisma } from './generated/postgresql/client.ts'
import type { History } from './migrate.ts'

/** How PostgreSQL keeps its history, and how it applies a migration. */
export const POSTGRESQL_HISTORY: History = {
  migrations: new URL('../../prisma/postgresql/migrations/', import.meta.url),

  table: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`,

  models: Object.keys(Prisma.ModelName),

  tables: `SELECT tablename AS "name" FROM pg_catalog.pg_tables WHERE schemaname = current_schema()`,

  // Sent as it is, several statements are one transaction, and a semicolon in a comment is none that ends one.
  async apply(connection, record, sql) {
    await connection.executeRaw({ sql: `BEGIN;\n${record};\n${sql}\n;COMMIT`, args: [], argTypes: [] })
  },
}
