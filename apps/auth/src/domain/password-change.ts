import type { AccountWithPassword } from './accounts.ts'
import { toldClients } from './back-channel.ts'
import type { ClientRegistry } from './clients.ts'
import { type PasswordProblem, problemOf } from './password-rules.ts'
import { hashPassword } from './passwords.ts'
import { hashSecret, randomSecret } from './secrets.ts'
import type { Session } from './sessions.ts'
import type { Store } from './store.ts'

export type ChangeOutcome =
  /** The session goes on under this cookie; all others are over. */
  | { outcome: 'changed'; cookie: string }
  | { outcome: 'refused'; problem: PasswordProblem | 'wrong_password' | 'changed_meanwhile' }

/**
 * The present password is the fresh login that a new one needs (ASVS 6.2.3, 7.5.1).
 * @throws TooManyLoginsError, and what `prove` throws
 */
export async function changePassword(
  store: Store,
  clients: ClientRegistry,
  {
    session,
    wanted,
    prove,
    now,
  }: {
    session: Session
    wanted: string
    /** The account, if the present password is right. */
    prove: () => Promise<AccountWithPassword | undefined>
    now: Date
  },
): Promise<ChangeOutcome> {
  const { email, claims } = session.account
  const problem = await problemOf(wanted, { email, name: claims.name })
  if (problem) return { outcome: 'refused', problem }
  const account = await prove()
  if (account?.id !== session.account.id) return { outcome: 'refused', problem: 'wrong_password' }
  const secret = randomSecret()
  const change = {
    accountId: account.id,
    from: account.passwordHash,
    to: await hashPassword(wanted),
    keep: { sessionId: session.id, secretHash: hashSecret(secret) },
  }
  const isChanged = await store.accounts.changePassword(change, toldClients(clients), now)
  return isChanged
    ? { outcome: 'changed', cookie: `${session.id}.${secret}` }
    : { outcome: 'refused', problem: 'changed_meanwhile' }
}
