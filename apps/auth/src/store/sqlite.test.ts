import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from './index.ts'
import { openSqlite } from './sqlite.ts'
import { storeContract } from './store.contract.ts'

const folder = await mkdtemp(join(tmpdir(), 'store-'))
const url = `file:${join(folder, 'auth.db')}`
await (await openStore(url)).close()
const { prisma } = await openSqlite(url)

await storeContract('SQLite', {
  open: () => openStore(url),
  async events(about) {
    const columns = ['sessionId', 'grantId', 'keyId', 'clientId'] as const
    const where = { OR: columns.map((column) => ({ [column]: about })) }
    return (await prisma.auditEvent.findMany({ where, orderBy: { n: 'asc' } })).map(({ type }) => type)
  },
  async disableAccount(id) {
    await prisma.account.update({ where: { id }, data: { disabledAt: new Date() } })
  },
  async remove() {
    await prisma.$disconnect()
    await rm(folder, { recursive: true })
  },
})
