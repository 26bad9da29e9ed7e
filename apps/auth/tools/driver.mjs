// What the schema engine reaches a database through: the driver adapters that the server has too.

export const isPostgres = (url) => /^postgres(ql)?:/.test(url)

const historyTable = (time) => `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" ${time},
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" ${time},
  "started_at" ${time} NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`

/** @param {string} url `file:` or `postgres:` */
export async function driverFor(url) {
  const driver = isPostgres(url) ? await postgres(url) : await libsql(url)
  const adapt = isPostgres(url) ? (connection) => connection : forgiving
  return {
    provider: driver.provider,
    adapterName: driver.adapterName,
    connect: async () => adapt(await driver.connect()),
    connectToShadowDb: async () => adapt(await driver.connectToShadowDb()),
  }
}

/** The native engine takes a database without a history for an empty one; this build fails, so it gets an empty history. */
export async function startHistory(url) {
  const connection = await (await driverFor(url)).connect()
  await connection.executeScript(historyTable(isPostgres(url) ? 'TIMESTAMPTZ' : 'DATETIME'))
  await connection.dispose()
}

async function postgres(connectionString) {
  const { PrismaPg } = await import('@prisma/adapter-pg')
  return new PrismaPg({ connectionString })
}

async function libsql(url) {
  const { PrismaLibSql } = await import('@prisma/adapter-libsql')
  return new PrismaLibSql({ url, timeout: 5000 })
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

/** Two sets of models are compared without a database, yet the engine opens one. */
export function nowhere(url) {
  const provider = isPostgres(url) ? 'postgres' : 'sqlite'
  const version = async () => ({ columnNames: ['version'], columnTypes: [7], rows: [['PostgreSQL 18.0']] })
  const connection = {
    provider,
    adapterName: 'nowhere',
    queryRaw: version,
    executeRaw: async () => 0,
    executeScript: async () => {},
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    dispose: async () => {},
  }
  const connect = async () => connection
  return { provider, adapterName: 'nowhere', connect, connectToShadowDb: connect }
}
