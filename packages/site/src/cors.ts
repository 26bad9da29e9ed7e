import type { Kit } from './kit.ts'

// What a token needs, and what an API usually takes. The method decides nothing here: the token does.
const FOR_PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, dpop, content-type',
  'access-control-max-age': '600',
}
// RFC 9449 §8.2: a page has to read the nonce; and what is wrong, and when to ask again.
const FOR_ANSWER = { 'access-control-expose-headers': 'dpop-nonce, www-authenticate, retry-after' }

/**
 * Lets pages of `allowedOrigins` read an answer of an API (CORS protocol, Fetch Standard §3.2), and no other page. Never
 * `Access-Control-Allow-Credentials`, so a browser hands over nothing that it got for a cookie, and never `*`.
 * @returns what this answer, or the answer to this preflight, has to say beside its own; `Vary` is to be appended
 */
export function corsHeaders(kit: Kit, request: Request): Record<string, string> {
  const vary = { vary: 'origin' }
  const origin = allowedOrigin(kit, request)
  if (origin === undefined) return vary
  const rest = request.method === 'OPTIONS' ? FOR_PREFLIGHT : FOR_ANSWER
  return { ...vary, 'access-control-allow-origin': origin, ...rest }
}

/** The origin of the page that asks, if it is another one and on the list. */
export function allowedOrigin({ options }: Kit, request: Request): string | undefined {
  const origin = request.headers.get('origin')
  return options.allowedOrigins.find((allowed) => allowed === origin)
}
