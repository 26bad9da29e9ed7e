import { type AccountWithPassword, normalizeEmail } from './accounts.ts'
import { isPassword } from './passwords.ts'
import { hashSecret, isEqual, randomId, randomSecret } from './secrets.ts'
import type { Session } from './sessions.ts'
import type { Store } from './store.ts'

// The absolute end of a login, whatever is done with it meanwhile.
const SESSION_LIFETIME_SECONDS = 12 * 3_600

/**
 * The account that this email and password belong to. Which of the two was wrong is not said (ASVS 6.3.8).
 * @throws TooManyLoginsError
 */
export async function proveAccount(
  store: Store,
  { email, password, clientId, now }: { email: string; password: string; clientId: string | null; now: Date },
): Promise<AccountWithPassword | undefined> {
  const account = await store.accounts.findByEmail(normalizeEmail(email))
  const isRight = await isPassword(password, account?.passwordHash)
  if (account && isRight) return account
  const reason = account ? 'wrong_password' : 'unknown_account'
  await store.audit.write(
    { type: 'login.failed', reason, clientId, ...(account && { accountId: account.id }) },
    now,
  )
  return undefined
}

export interface Login {
  session: Session
  /** `id.secret`; the secret is nowhere else. */
  cookie: string
  /** Another person's session that this browser had. */
  replaced: Session | undefined
}

/**
 * Starts the session of a proved account. The same person in the same browser keeps the `sid` with a new secret, so a fresh
 * login for an important action signs nobody out elsewhere. `undefined`: its password was changed since, which ends what was begun
 * with the old one (ASVS 7.4.3).
 */
export async function logIn(
  store: Store,
  {
    account,
    clientId,
    device,
    present,
    now,
  }: {
    account: AccountWithPassword
    clientId: string
    device: string | null
    present: Session | undefined
    now: Date
  },
): Promise<Login | undefined> {
  const secret = randomSecret()
  const { passwordHash, ...person } = account
  const login = { secretHash: hashSecret(secret), authenticatedAt: now, loginClientId: clientId }
  const isSamePerson = present?.account.id === person.id
  if (present && isSamePerson && (await store.sessions.renew(present.id, { ...login, passwordHash }, now))) {
    return { session: { ...present, ...login }, cookie: `${present.id}.${secret}`, replaced: undefined }
  }
  const expiresAt = new Date(now.getTime() + SESSION_LIFETIME_SECONDS * 1000)
  const session = { id: randomId(), ...login, expiresAt }
  if (!(await store.sessions.start({ ...session, accountId: person.id, device, passwordHash }))) {
    const failed = { type: 'login.failed', reason: 'wrong_password', clientId, accountId: person.id } as const
    await store.audit.write(failed, now)
    return undefined
  }
  const replaced = isSamePerson ? undefined : present
  return { session: { ...session, account: person }, cookie: `${session.id}.${secret}`, replaced }
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
