import { z } from 'zod'
import { type Account, type AccountWithPassword, normalizeEmail } from '../domain/accounts.ts'
import { hashPassword } from '../domain/passwords.ts'
import type { Store } from '../domain/store.ts'
import { SettingsError } from '../settings.ts'

const claim = z.string().min(1).optional()

/** Typed as OpenID Connect Core 1.0 §5.1 says, since they are sent as they stand here. */
export const claimsSchema = z.strictObject({
  name: claim,
  given_name: claim,
  family_name: claim,
  middle_name: claim,
  nickname: claim,
  preferred_username: claim,
  profile: claim,
  picture: claim,
  website: claim,
  gender: claim,
  birthdate: claim,
  zoneinfo: claim,
  locale: claim,
  phone_number: claim,
  phone_number_verified: z.boolean().optional(),
  email_verified: z.boolean().optional(),
  address: z.record(z.string(), z.string()).optional(),
  updated_at: z.number().optional(),
  roles: z.array(z.string().min(1)).optional(),
})

export const accountSchema = z.strictObject({
  email: z.email(),
  password: z.string().min(8).max(1000),
  claims: claimsSchema.extend({
    sub: z.string().regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores'),
  }),
})

export type SeedAccount = z.infer<typeof accountSchema>

// They stand in prisma/seed.json and in the README.
const PUBLISHED_PASSWORDS: readonly string[] = ['wonderland-1865', 'yes-we-can-1999']
// RFC 6761 §6.2, §6.3: these names lead nowhere on the Internet.
const NAME_OF_NOBODY = /(^|\.)(localhost|test)$|^127\.0\.0\.1$|^\[::1\]$/

/**
 * What anybody can read is a password for trying things out: it opens no account where strangers come by.
 * @throws SettingsError when one of these accounts has a published password and `issuer` has a name of the Internet
 */
export function refusePublishedPasswords(accounts: readonly SeedAccount[], issuer: string): void {
  if (NAME_OF_NOBODY.test(new URL(issuer).hostname)) return
  const open = accounts.find(({ password }) => PUBLISHED_PASSWORDS.includes(password))
  if (open)
    throw new SettingsError(
      `SEED_FILE gives ${open.email} a password that everybody can read in Grove's README: take the demo accounts out.`,
    )
}

/** Adds the accounts that are not there yet. What a person changed since stays. */
export async function seedAccounts(store: Store, accounts: readonly SeedAccount[]): Promise<number> {
  const present = await store.accounts.existing(accounts.map(({ claims }) => claims.sub))
  const missing = accounts.filter(({ claims }) => !present.has(claims.sub))
  const hashed = await Promise.all(missing.map(toAccount))
  return await store.accounts.addMissing(hashed)
}

async function toAccount({
  email,
  password,
  claims: { sub, ...claims },
}: SeedAccount): Promise<AccountWithPassword> {
  const account: Account = { id: sub, email: normalizeEmail(email), claims }
  return { ...account, passwordHash: await hashPassword(password) }
}
