import type { AccountEvent, AuditEvent, AuditLog } from '../domain/audit.ts'
import type { Prisma, PrismaClient } from './generated/sqlite/client.ts'

export function auditLog(prisma: PrismaClient): AuditLog {
  return {
    write: (event, at) => writeEvent(prisma, event, at),

    async ofAccount(accountId, limit) {
      const rows = await prisma.auditEvent.findMany({
        where: { accountId },
        orderBy: { n: 'desc' },
        take: limit,
        select: { type: true, at: true, clientId: true },
      })
      return rows as AccountEvent[] // only `writeEvent` writes them, and it takes the same types
    },
  }
}

/** Within a transaction: the fact and its event are written together or not at all. */
export async function writeEvent(
  prisma: Prisma.TransactionClient,
  event: AuditEvent,
  at: Date,
): Promise<void> {
  // Every fact of an event has a column of its name.
  await prisma.auditEvent.create({ data: { at, ...event } })
}
