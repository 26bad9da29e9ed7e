import { defineConfig } from 'prisma/config'

const url = process.env.DATABASE_URL ?? 'file:./dev.db'
const engine = /^postgres(ql)?:/.test(url) ? 'postgresql' : 'sqlite'

/** For the Prisma command line only: the server itself takes `DATABASE_URL` from its settings. */
export default defineConfig({
  schema: `prisma/${engine}`,
  migrations: { path: `prisma/${engine}/migrations` },
  datasource: { url },
})
