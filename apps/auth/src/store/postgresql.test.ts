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
  await storeContract('PostgreSQL', placeOn(url, await openPostgresql(url)))
}
