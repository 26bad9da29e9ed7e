import { isDeepStrictEqual } from 'node:util'

/** The standard claims that pages show and a cookie has room for (OpenID Connect Core 1.0 §5.1). */
export interface Profile {
  name?: string
  givenName?: string
  familyName?: string
  email?: string
  emailVerified?: boolean
  picture?: string
  locale?: string
}

export interface User extends Profile {
  /** `sub`: the only thing to key a person by, never the email. */
  id: string
}

/**
 * What a site needs to know of a person, as a schema of zod, valibot or any other library that speaks Standard Schema
 * (standardschema.dev). It is given the claims of the ID token; `id` is added to what it gives.
 */
export interface UserSchema<T> {
  readonly '~standard': { readonly validate: (claims: unknown) => Fit<T> | Promise<Fit<T>> }
}

type Fit<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] }

/** The account at the provider is none that this site can work with. */
export class UserError extends Error {
  override readonly name = 'UserError'
}

// Of its JSON. The user is a guest in the session's cookie, which browsers drop without a word when it is too large.
const MOST_LETTERS = 1_024

/**
 * The user as it is sealed. It has to pass the schema again when it comes out of JSON, since that is what happens to each cookie.
 * @throws UserError
 */
export async function userOf(
  schema: UserSchema<unknown> | undefined,
  claims: Readonly<Record<string, unknown>>,
  id: string,
): Promise<User> {
  if (!schema) return { ...profileOf(claims), id }
  const fits = await fit(schema, claims)
  const json = jsonOf(fits)
  if (json.length > MOST_LETTERS)
    throw new UserError(`it takes more than ${MOST_LETTERS} letters of the cookie`)
  const user: User = { ...JSON.parse(json), id }
  const again: object = { ...(await readUser(schema, user)), id: undefined }
  if (!isDeepStrictEqual(again, { ...fits, id: undefined }))
    throw new UserError('the schema gives something else when it is given what it gave')
  return user
}

/**
 * A sealed user as the pages see it. The schema may be newer than the cookie.
 * @throws UserError
 */
export async function readUser(schema: UserSchema<unknown> | undefined, sealed: User): Promise<User> {
  if (!schema) return sealed
  const { id, ...claims } = sealed
  return { ...(await fit(schema, claims)), id }
}

async function fit(schema: UserSchema<unknown>, claims: unknown): Promise<object> {
  return await Promise.resolve(claims)
    .then((value) => schema['~standard'].validate(value))
    .then(whatFits)
    .catch(asMisfit)
}

function whatFits({ issues, ...fits }: Fit<unknown>): object {
  // Messages of a schema name fields and what they lack; some quote values, so they are for the log alone.
  if (issues) throw new UserError(issues.map(({ message }) => message).join('; '))
  if ('value' in fits && typeof fits.value === 'object' && fits.value !== null) return fits.value
  throw new UserError('the schema gives no object')
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    return asMisfit(error)
  }
}

/** What a schema throws is about the account too: never about the provider, as a TypeError of `fetch` would be. */
function asMisfit(error: unknown): never {
  throw new UserError(error instanceof Error ? error.message : 'the schema throws')
}

function profileOf(claims: Readonly<Record<string, unknown>>): Profile {
  const verified = claims.email_verified
  const found: Record<keyof Profile, string | boolean | undefined> = {
    name: textOf(claims.name),
    givenName: textOf(claims.given_name),
    familyName: textOf(claims.family_name),
    email: textOf(claims.email),
    emailVerified: typeof verified === 'boolean' ? verified : undefined,
    picture: textOf(claims.picture),
    locale: textOf(claims.locale),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** A longer one would not fit into the cookie. */
export function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim.length > 0 && claim.length <= 256 ? claim : undefined
}
