import { defineConfig } from 'prisma/config'

/** For the Prisma command line only: the server itself takes `DATABASE_URL` from its settings. */
export default defineConfig({
  schema: 'prisma/sqlite',
  migrations: { path: 'prisma/sqlite/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'file:./dev.db' },
})
