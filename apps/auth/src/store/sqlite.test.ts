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
const place = placeOn(url, await openSqlite(url))

await storeContract('SQLite', {
  ...place,
  async remove() {
    await place.remove()
    await rm(folder, { recursive: true })
  },
})
