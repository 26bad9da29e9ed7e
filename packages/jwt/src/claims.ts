/** Says whether an untrusted claim has the type and bounds that its kind of token declares. */
export type ClaimCheck<T> = (value: unknown) => value is T

// A year 9999 in seconds: a time in milliseconds is far beyond it, and so is `1e999`.
const LAST_SECOND = 253_402_300_799

/** A non-empty string of at most `max` UTF-16 units. */
export function text(max = 255): ClaimCheck<string> {
  return (value): value is string => typeof value === 'string' && value.length > 0 && value.length <= max
}

// A control character or half of a pair: two of them may look alike, or become one where they are stored.
const UNCLEAR = /[\p{Cc}\p{Cs}]/u

/** What somebody or something is known by, of at most 255 characters: compared, stored and looked up. */
export const identifier: ClaimCheck<string> = (value): value is string =>
  text()(value) && !UNCLEAR.test(value)

/** NumericDate (RFC 7519 §2): seconds since 1970. */
export const time: ClaimCheck<number> = (value): value is number =>
  typeof value === 'number' && value >= 0 && value <= LAST_SECOND

export const wholeNumber: ClaimCheck<number> = (value): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0

export const flag: ClaimCheck<boolean> = (value): value is boolean => typeof value === 'boolean'

/** One audience or several (RFC 7519 §4.1.3), each a bounded string. */
export const audiences: ClaimCheck<string | string[]> = (value): value is string | string[] =>
  identifier(value) ||
  (Array.isArray(value) && value.length > 0 && value.length <= 16 && value.every(identifier))

export function optional<T>(check: ClaimCheck<T>): ClaimCheck<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
