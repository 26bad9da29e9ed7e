import { test } from 'vitest'
import { newPostgresDatabase } from '../testing/postgres.fixture.ts'
import { openStore } from './index.ts'
import { openPostgresql } from './postgresql.ts'
import { storeContract } from './store.contract.ts'
import { placeOn } from './store.fixture.ts'

const database = await newPostgresDatabase()

if ('reason' in database) test.skip(`the store on PostgreSQL: ${database.reason}`)
else {
  const { url } = database
  await (await openStore(url)).close()
  const postgresql = await openPostgresql(url)
  // As after three thousand million sign-ons, which is more than four bytes hold.
  for (const sequence of ['"Grant_n_seq"', '"AuditEvent_n_seq"'])
    await postgresql.query(`SELECT setval('${sequence}', 3000000000)`)
  await storeContract('PostgreSQL', placeOn(url, postgresql))
}
