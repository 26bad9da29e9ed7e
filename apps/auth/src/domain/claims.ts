import type { Account, StandardClaims } from './accounts.ts'

/** Which claims a scope asks for (OpenID Connect Core 1.0 §5.4). */
const CLAIMS_OF_SCOPE: Record<string, readonly (keyof StandardClaims | 'email')[]> = {
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
  roles: ['roles'],
}

// What a site shows on every page. The rest stays at userinfo, and out of the site's cookie.
const IN_ID_TOKEN = [
  'name',
  'given_name',
  'family_name',
  'picture',
  'locale',
  'email',
  'email_verified',
  'roles',
] as const

/** The scopes that release these claims. */
export function scopesOfClaims(names: readonly string[]): string[] {
  const scopes = Object.entries(CLAIMS_OF_SCOPE)
  return scopes.flatMap(([scope, claims]) => (claims.some((claim) => names.includes(claim)) ? [scope] : []))
}

const PERSONAL_CLAIMS: readonly string[] = Object.values(CLAIMS_OF_SCOPE).flat()
export const SUPPORTED_CLAIMS = ['sub', ...PERSONAL_CLAIMS]
export const isClaimName = (name: string): boolean => PERSONAL_CLAIMS.includes(name)

/**
 * The personal claims that this scope releases, and those asked for by name; empty ones are left out, never sent as null.
 */
export function claimsFor(
  account: Account,
  scope: string,
  byName: readonly string[] = [],
): Record<string, unknown> {
  const known: Record<string, unknown> = { ...account.claims, email: account.email }
  const ofScope = scope
    .split(' ')
    .flatMap((name) => (Object.hasOwn(CLAIMS_OF_SCOPE, name) ? (CLAIMS_OF_SCOPE[name] ?? []) : []))
  const names = [...new Set<string>([...ofScope, ...byName.filter(isClaimName)])]
  return Object.fromEntries(names.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]]])))
}

/** The few of them that stand in the ID token of a client that is registered so. */
export function idTokenClaimsFor(account: Account, scope: string): Record<string, unknown> {
  const released = claimsFor(account, scope)
  return Object.fromEntries(
    IN_ID_TOKEN.flatMap((name) => (released[name] === undefined ? [] : [[name, released[name]]])),
  )
}
