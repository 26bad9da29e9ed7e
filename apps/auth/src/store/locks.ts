import type { Prisma } from './generated/sqlite/client.ts'

type Transaction = Prisma.TransactionClient

/**
 * What a transaction locks before it reads what it is going to change. Always in this order: account, sessions, the rest; so
 * two transactions never wait for each other.
 */
export interface Locks {
  /** Changes of an account, of its consents, and of several sessions of it come one after the other; and no session starts meanwhile. */
  account(tx: Transaction, accountId: string): Promise<void>
  accountOf(tx: Transaction, sessionId: string): Promise<void>
  /** These sessions neither end nor get a grant meanwhile. */
  sessions(tx: Transaction, sessionIds: string[]): Promise<void>
  /** Changes of the key set come one after the other. */
  signingKeys(tx: Transaction): Promise<void>
}

const nothing = async () => {}

/** For SQLite, where a transaction that writes is alone from its beginning. */
export const NO_LOCKS: Locks = {
  account: nothing,
  accountOf: nothing,
  sessions: nothing,
  signingKeys: nothing,
}

// NO KEY: a new session or consent only needs its account to be there, and does not wait.
const ROW = 'FOR NO KEY UPDATE'

/** For PostgreSQL. */
export const ROW_LOCKS: Locks = {
  async account(tx, accountId) {
    await tx.$queryRawUnsafe(`SELECT 1 FROM "Account" WHERE "id" = $1 ${ROW}`, accountId)
  },
  async accountOf(tx, sessionId) {
    const ofSession = `(SELECT "accountId" FROM "Session" WHERE "id" = $1)`
    await tx.$queryRawUnsafe(`SELECT 1 FROM "Account" WHERE "id" = ${ofSession} ${ROW}`, sessionId)
  },
  async sessions(tx, sessionIds) {
    const known = `"id" IN (SELECT jsonb_array_elements_text($1::jsonb))`
    const ids = JSON.stringify(sessionIds)
    await tx.$queryRawUnsafe(`SELECT 1 FROM "Session" WHERE ${known} ORDER BY "id" ${ROW}`, ids)
  },
  async signingKeys(tx) {
    await tx.$executeRawUnsafe('LOCK TABLE "SigningKey" IN SHARE ROW EXCLUSIVE MODE')
  },
}
