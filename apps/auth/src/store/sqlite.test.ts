import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from './index.ts'
import { openSqlite } from './sqlite.ts'
import { storeContract } from './store.contract.ts'
import { placeOn } from './store.fixture.ts'

const folder = await mkdtemp(join(tmpdir(), 'store-'))
const url = `file:${join(folder, 'auth.db')}`
await (await openStore(url)).close()
const sqlite = await openSqlite(url)
// As after three thousand million sign-ons, which is more than four bytes hold.
for (const table of ['Grant', 'AuditEvent'])
  await sqlite.query(`INSERT INTO sqlite_sequence ("name", "seq") VALUES ('${table}', 3000000000)`)
const place = placeOn(url, sqlite)

await storeContract('SQLite', {
  ...place,
  async remove() {
    await place.remove()
    await rm(folder, { recursive: true })
  },
})
