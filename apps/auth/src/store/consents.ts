import type { Consent, ConsentStore } from '../domain/consents.ts'
import { writeEvent } from './audit.ts'
import type { Database } from './database.ts'
import type { Consent as ConsentRow } from './generated/sqlite/client.ts'
import { leaveClient } from './sessions.ts'

export function consentStore({ prisma, locks, transact }: Database): ConsentStore {
  return {
    async find(accountId, clientId) {
      const row = await prisma.consent.findUnique({ where: { accountId_clientId: { accountId, clientId } } })
      return row ? toConsent(row) : undefined
    },

    async ofAccount(accountId) {
      const rows = await prisma.consent.findMany({ where: { accountId }, orderBy: { at: 'desc' } })
      return rows.map(toConsent)
    },

    async allow(accountId, clientId, scope, now) {
      await transact(async (tx) => {
        await locks.account(tx, accountId)
        const where = { accountId_clientId: { accountId, clientId } }
        const before = await tx.consent.findUnique({ where })
        const all = [...new Set([...(before?.scope.split(' ') ?? []), ...scope.split(' ')])].join(' ')
        const changed = { scope: all, at: now }
        await tx.consent.upsert({ where, create: { accountId, clientId, ...changed }, update: changed })
        await writeEvent(tx, { type: 'consent.given', accountId, clientId }, now)
      })
    },

    async withdraw(accountId, clientId, tell, now) {
      return transact(async (tx) => {
        await locks.account(tx, accountId)
        const { count } = await tx.consent.deleteMany({ where: { accountId, clientId } })
        if (count === 0) return false
        const sessions = await tx.session.findMany({ where: { accountId }, select: { id: true } })
        const sessionIds = sessions.map(({ id }) => id)
        await leaveClient(tx, { sessionIds, clientId, tell, now })
        await writeEvent(tx, { type: 'consent.withdrawn', accountId, clientId }, now)
        return true
      })
    },
  }
}

function toConsent({ clientId, scope, at }: ConsentRow): Consent {
  return { clientId, scope, at }
}
