// Prisma's schema engine, compiled to WebAssembly, on top of the libsql driver. Both come from npm.
import { readFile } from 'node:fs/promises'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'

const HISTORY_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`

await instantiate()

/** Once for the process: the module keeps its state in globals. */
async function instantiate() {
  const file = new URL('./schema_engine_bg.wasm', import.meta.resolve('@prisma/schema-engine-wasm'))
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      this.message = message
    },
  }
  const { instance } = await WebAssembly.instantiate(await readFile(file), {
    './schema_engine_bg.js': bindings,
  })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
}

/**
 * Opens an engine for one command; this build forgets its shadow database after the first.
 * @param {string} url a `file:` URL
 * @param {[path: string, text: string][] | undefined} models the schema files, where the command wants them
 */
export function openEngine(url, models) {
  const driver = new PrismaLibSql({ url, timeout: 5000 })
  return bindings.SchemaEngine.new(
    { datamodels: models },
    () => {},
    bindMigrationAwareSqlAdapterFactory({
      provider: driver.provider,
      adapterName: driver.adapterName,
      connect: async () => forgiving(await driver.connect()),
      connectToShadowDb: async () => forgiving(await driver.connectToShadowDb()),
    }),
  )
}

/** Two habits of the engine that the native one's own SQLite forgives and this driver does not. */
function forgiving(connection) {
  const { executeRaw, queryRaw } = connection
  // A whole migration file as if it were one statement.
  connection.executeRaw = async (query) => {
    if (query.args.length > 0) return executeRaw.call(connection, query)
    await connection.executeScript(query.sql)
    return 0
  }
  // A text in double quotes, where it asks for the definition of a partial index.
  connection.queryRaw = (query) =>
    queryRaw.call(connection, {
      ...query,
      sql: query.sql.replace(/( FROM sqlite_master WHERE .* name = )"(.*)"/, "$1'$2'"),
    })
  return connection
}

/** The native engine takes a database without a history for an empty one; this build fails, so it gets an empty history. */
export async function startHistory(url) {
  const connection = await new PrismaLibSql({ url, timeout: 5000 }).connect()
  await connection.executeScript(HISTORY_TABLE)
  await connection.dispose()
}
