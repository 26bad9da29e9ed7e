import type { Store } from '../domain/store.ts'
import { accountStore } from './accounts.ts'
import { auditLog } from './audit.ts'
import { grantStore } from './grants.ts'
import { hotVerbs } from './hot.ts'
import { logoutStore } from './logouts.ts'
import { sessionStore } from './sessions.ts'
import { signingKeyStore } from './signing-keys.ts'
import { openSqlite } from './sqlite.ts'
import { sweep } from './sweep.ts'
import { usedTokens } from './used-tokens.ts'

/**
 * Opens the database that `DATABASE_URL` names, brings its schema up to date, and returns the ports on it.
 * @throws Error one sentence that says why the database cannot be used and what to do
 */
export async function openStore(databaseUrl: string): Promise<Store> {
  const { prisma, query } = await openSqlite(databaseUrl)
  const hot = hotVerbs(query)
  return {
    accounts: accountStore(prisma),
    sessions: sessionStore(prisma, hot),
    grants: grantStore(prisma, hot),
    logouts: logoutStore(prisma),
    keys: signingKeyStore(prisma),
    audit: auditLog(prisma),
    usedTokens: usedTokens(prisma),
    sweep: (now) => sweep(prisma, now),
    async ping() {
      await query('SELECT 1')
    },
    close: () => prisma.$disconnect(),
  }
}
