import { normalizeEmail } from './accounts.ts'
import type { Client } from './clients.ts'
import { isPassword } from './passwords.ts'
import { hashSecret, isEqual, randomId, randomSecret } from './secrets.ts'
import type { NewSession, Session } from './sessions.ts'
import type { Store } from './store.ts'

// The absolute end of a login, whatever is done with it meanwhile.
const SESSION_LIFETIME_SECONDS = 12 * 3_600

export type LoginOutcome =
  /** `cookie` is `id.secret`; the secret is nowhere else. `replaced` is another person's session that this browser had. */
  | { outcome: 'logged_in'; session: Session; cookie: string; replaced: Session | undefined }
  /** Which of the two was wrong is not said (ASVS 6.3.8). */
  | { outcome: 'wrong' }

/**
 * Checks a password and starts a session. The same person in the same browser keeps the `sid` with a new secret, so a fresh
 * login for an important action signs nobody out elsewhere.
 * @throws TooManyLoginsError
 */
export async function logIn(
  store: Store,
  {
    email,
    password,
    client,
    present,
    now,
  }: { email: string; password: string; client: Client; present: Session | undefined; now: Date },
): Promise<LoginOutcome> {
  const account = await store.accounts.findByEmail(normalizeEmail(email))
  const isRight = await isPassword(password, account?.passwordHash)
  if (!account || !isRight) {
    const reason = account ? 'wrong_password' : 'unknown_account'
    await store.audit.write({ type: 'login.failed', reason, clientId: client.id }, now)
    return { outcome: 'wrong' }
  }

  const secret = randomSecret()
  const renewed = { secretHash: hashSecret(secret), authenticatedAt: now, loginClientId: client.id }
  const isSamePerson = present?.account.id === account.id
  if (present && isSamePerson && (await store.sessions.renew(present.id, renewed, now))) {
    return {
      outcome: 'logged_in',
      session: { ...present, ...renewed },
      cookie: `${present.id}.${secret}`,
      replaced: undefined,
    }
  }
  const expiresAt = new Date(now.getTime() + SESSION_LIFETIME_SECONDS * 1000)
  const session: NewSession = { id: randomId(), accountId: account.id, ...renewed, expiresAt }
  await store.sessions.start(session)
  const replaced = isSamePerson ? undefined : present
  return {
    outcome: 'logged_in',
    session: { ...session, account },
    cookie: `${session.id}.${secret}`,
    replaced,
  }
}

/** The live session that this cookie proves, if it does. */
export async function sessionOf(
  store: Store,
  cookie: string | undefined,
  now: Date,
): Promise<Session | undefined> {
  const [id, secret, ...rest] = cookie?.split('.') ?? []
  if (!id || !secret || rest.length > 0 || id.length > 64) return undefined
  const session = await store.sessions.find(id, now)
  return session && isEqual(hashSecret(secret), session.secretHash) ? session : undefined
}
