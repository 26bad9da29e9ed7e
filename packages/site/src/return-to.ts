const LONGEST_RETURN_TO = 1024
// Parsers drop tabs and line breaks, and read a backslash as a slash: `/\evil` is an address of evil.
const FORBIDDEN = /[\\\p{Cc}\p{Zl}\p{Zp}]/u

/**
 * A path of this site to go back to, or `/` (RFC 9700 §4.11.1). Never another origin, never one of the kit's own routes, and
 * never something that a browser could read otherwise than this function did.
 */
export function trustReturnTo(text: string | null | undefined, siteUrl: string): string {
  if (!text?.startsWith('/') || text.length > LONGEST_RETURN_TO || FORBIDDEN.test(text)) return '/'
  if (!URL.canParse(text, siteUrl)) return '/'
  const url = new URL(text, siteUrl)
  if (url.origin !== siteUrl) return '/'
  const path = url.pathname + url.search + url.hash
  // `/.//evil` parses to `//evil`, which would be another site when it is read once more.
  if (path.startsWith('//') || /^\/sso(\/|$)/.test(url.pathname)) return '/'
  return path
}

/** The path with one more query parameter, such as `sso=none`. */
export function withParameter(path: string, name: string, value: string, siteUrl: string): string {
  const url = new URL(path, siteUrl)
  url.searchParams.set(name, value)
  return url.pathname + url.search + url.hash
}
