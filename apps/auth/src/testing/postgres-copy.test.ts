import { expect, test } from 'vitest'
import { openStore } from '../store/index.ts'
import { openPostgresql } from '../store/postgresql.ts'
import { after, aGrant, anAccount, aSession } from '../store/store.fixture.ts'
import { askOracle } from './oracle.ts'
import { newPostgresDatabase } from './postgres.fixture.ts'

const database = await newPostgresDatabase()

test.skipIf('reason' in database)('the oracle sees in PostgreSQL what it sees in SQLite', async () => {
  if ('reason' in database) return
  const { url } = database
  const store = await openStore(url)
  const account = { ...anAccount(), passwordHash: "$argon2id$v=19$m=1'quoted'" }
  await store.accounts.addMissing([account])
  const session = aSession(account.id, { passwordHash: account.passwordHash })
  await store.sessions.start(session)
  const grant = aGrant(session.id)
  await store.grants.redeem(grant, after(1))
  await store.close()
  const ask = () => askOracle(url, { now: after(60), told: ['alder'], secrets: ['quoted'] })
  const before = await ask()
  expect(before).toContain('6 a secret stands in Account.passwordHash')
  expect(before.join('\n')).not.toMatch(/^[1234] /m)

  const db = await openPostgresql(url)
  await db.prisma.session.update({ where: { id: session.id }, data: { endedAt: after(2) } })
  await db.prisma.$disconnect()
  const said = await ask()
  expect(said).toContain(`3 a grant lives whose session is over: ${grant.id}`)
  expect(said).toContain(
    `4 a client is not owed the logout of a session it took part in: ${session.id} alder`,
  )
})
