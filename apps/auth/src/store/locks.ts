import type { Prisma } from './generated/sqlite/client.ts'

type Transaction = Prisma.TransactionClient

/**
 * What a transaction locks before it reads what it is going to change. Always in this order: account, session, the rest; so
 * two transactions do not wait for each other crosswise.
 */
export interface Locks {
  /** Changes of an account, of its consents, and of several sessions of it come one after the other; and no session starts meanwhile. */
  account(tx: Transaction, accountId: string): Promise<void>
  accountOf(tx: Transaction, sessionId: string): Promise<void>
  /** It does not end meanwhile, and gets no grant. */
  session(tx: Transaction, sessionId: string): Promise<void>
  /** Changes of the key set come one after the other. */
  signingKeys(tx: Transaction): Promise<void>
}

const nothing = async () => {}

/** For SQLite, where a transaction that writes is alone from its beginning. */
export const NO_LOCKS: Locks = {
  account: nothing,
  accountOf: nothing,
  session: nothing,
  signingKeys: nothing,
}

// NO KEY: a new session or consent only needs its account to be there, and does not wait.
/** For PostgreSQL. */
export const ROW_LOCKS: Locks = {
  async account(tx, accountId) {
    await tx.$queryRaw`SELECT 1 FROM "Account" WHERE "id" = ${accountId} FOR NO KEY UPDATE`
  },
  async accountOf(tx, sessionId) {
    await tx.$queryRaw`
      SELECT 1 FROM "Account" WHERE "id" = (SELECT "accountId" FROM "Session" WHERE "id" = ${sessionId})
      FOR NO KEY UPDATE`
  },
  async session(tx, sessionId) {
    await tx.$queryRaw`SELECT 1 FROM "Session" WHERE "id" = ${sessionId} FOR NO KEY UPDATE`
  },
  async signingKeys(tx) {
    await tx.$executeRaw`LOCK TABLE "SigningKey" IN SHARE ROW EXCLUSIVE MODE`
  },
}
