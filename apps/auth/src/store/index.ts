import type { Tracer } from '@grove/traces'
import type { AuditEvent } from '../domain/audit.ts'
import type { Store } from '../domain/store.ts'
import { accountStore } from './accounts.ts'
import { auditLog } from './audit.ts'
import { despiteConflicts } from './conflicts.ts'
import { consentStore } from './consents.ts'
import { type Database, isPostgresql, openDatabase } from './database.ts'
import type { PrismaClient } from './generated/sqlite/client.ts'
import { grantStore } from './grants.ts'
import { hotVerbs } from './hot.ts'
import { logoutStore } from './logouts.ts'
import { rateLimitStore } from './rate-limits.ts'
import { sessionStore } from './sessions.ts'
import { signingKeyStore } from './signing-keys.ts'
import { sweep } from './sweep.ts'
import { tracedCollect } from './traced.ts'
import { usedTokens } from './used-tokens.ts'

/**
 * Opens the database that `DATABASE_URL` names, brings its schema up to date, and returns the ports on it.
 * `hear` is told of every event that is written to the audit log. With a `tracer`, statements are part of the trace that they run in.
 * @throws Error one sentence that says why the database cannot be used and what to do
 */
export async function openStore(
  databaseUrl: string,
  hear: (event: AuditEvent) => void = () => {},
  tracer?: Tracer,
): Promise<Store> {
  const opened = await openDatabase(databaseUrl, tracer)
  const prisma = overheard(opened.prisma, hear)
  const db: Database = {
    ...opened,
    prisma,
    transact: (work) => despiteConflicts(() => prisma.$transaction(work)),
  }
  const { query, sharedQuery } = db
  const system = isPostgresql(databaseUrl) ? 'postgresql' : 'sqlite'
  const hot = hotVerbs(sharedQuery, tracer && tracedCollect(system, tracer))
  return {
    accounts: accountStore(db),
    consents: consentStore(db),
    sessions: sessionStore(db, hot),
    grants: grantStore(db, hot),
    logouts: logoutStore(db),
    keys: signingKeyStore(db),
    rateLimits: rateLimitStore(query),
    audit: auditLog(prisma),
    usedTokens: usedTokens(query),
    sweep: (now) => sweep(db.query, now),
    async ping() {
      await query('SELECT 1')
    },
    close: () => prisma.$disconnect(),
  }
}

/** An event is heard when its row is written, inside of the transaction of its fact: should that fail at its very end, too soon. */
function overheard(prisma: PrismaClient, hear: (event: AuditEvent) => void): PrismaClient {
  const extended = prisma.$extends({
    query: {
      auditEvent: {
        async create({ args, query }) {
          const row = await query(args)
          const { at: _, ...event } = args.data
          hear(event as AuditEvent) // only `writeEvent` creates them, of these
          return row
        },
      },
    },
  })
  return extended as unknown as PrismaClient // it has the same verbs
}
