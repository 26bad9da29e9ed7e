import { z } from 'zod'
import { normalizeEmail } from './accounts.ts'
import { type PasswordProblem, problemOf } from './password-rules.ts'
import { hashPassword } from './passwords.ts'
import { randomId } from './secrets.ts'
import type { Store } from './store.ts'

export interface Registration {
  email: string
  password: string
  name: string | undefined
}

// RFC 5321 §4.5.3.1.3 leaves 254 characters for an address.
const emailAddress = z.email().max(254)
const personName = z.string().regex(/^\P{Cc}{1,100}$/u)

/**
 * Makes the account, unless the email has one: then nothing changes, and nothing in what comes back, nor the time it takes, tells
 * (ASVS 6.3.8). Resolves to what is wrong with the form, if anything is.
 * @throws TooManyLoginsError
 */
export async function register(
  store: Store,
  { email: given, password, name: givenName }: Registration,
  now: Date,
): Promise<PasswordProblem | 'email' | 'name' | undefined> {
  const [email, name] = [normalizeEmail(given), givenName?.trim() || undefined]
  if (!emailAddress.safeParse(email).success) return 'email'
  if (name !== undefined && !personName.safeParse(name).success) return 'name'
  const problem = await problemOf(password, { email, name })
  if (problem) return problem
  const updatedAt = Math.floor(now.getTime() / 1000)
  const claims = { ...(name && { name }), email_verified: false, updated_at: updatedAt }
  const passwordHash = await hashPassword(password)
  await store.accounts.register({ id: `acc_${randomId()}`, email, passwordHash, claims }, now)
}
