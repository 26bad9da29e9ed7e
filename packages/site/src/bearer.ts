import { AccessToken, TokenError } from '@grove/jwt'
import { json } from './answers.ts'
import { endKeys, hasEnded } from './ended.ts'
import type { Kit } from './kit.ts'
import { type Bearer, describeToken } from './session.ts'
import { watchStatus } from './status.ts'

/** What a caller needs. */
export interface Need {
  /** One scope, or several with spaces between. */
  scope?: string
}

export type Authorized<Caller> = { session: Caller } | { response: Response }

// One header, the scheme in any case, one token of RFC 6750 §2.1, and nothing else.
const BEARER = /^bearer +([\w.~+/-]+=*)$/i

/** Whether the request brings a token of its own, in the right place or not. */
export function bringsToken(request: Request): boolean {
  return request.headers.has('authorization') || new URL(request.url).searchParams.has('access_token')
}

/**
 * Checks `Authorization: Bearer` (RFC 6750, RFC 9068 §4): 401 without a token or with a bad one, 403 without the scope, 400 for a
 * token in the wrong place, 503 when keys or status cannot be had. The order is that of the status list draft, §8.3.
 */
export async function authorizeBearer(
  kit: Kit,
  request: Request,
  need: Need = {},
): Promise<Authorized<Bearer>> {
  const authorization = request.headers.get('authorization')
  // A token in an address ends up in logs and histories (RFC 9700 §4.3.2).
  if (new URL(request.url).searchParams.has('access_token')) {
    return refuse(
      kit,
      400,
      'invalid_request',
      'send the token in the Authorization header, never in the address',
    )
  }
  if (!authorization || !/^bearer( |$)/i.test(authorization)) return refuse(kit, 401)
  const text = BEARER.exec(authorization)?.[1]
  if (!text)
    return refuse(
      kit,
      400,
      'invalid_request',
      'the Authorization header must be: Bearer, one space, one token',
    )
  try {
    watchStatus(kit)
    const { claims } = await kit.bearerTokens.verify(AccessToken, text)
    // Who carries the token made no session here, so it started when the token did.
    const endable = { endKeys: endKeys(claims), startedAt: claims.iat * 1000 }
    if (hasEnded(kit.state, endable, kit.now()))
      return refuse(kit, 401, 'invalid_token', 'the token was revoked')
    const session = describeToken(text, claims)
    return needsMore(kit, session, need) ?? { session }
  } catch (error) {
    if (error instanceof TokenError) return refuse(kit, 401, 'invalid_token', error.message)
    const description = 'keys or status cannot be had just now, so nobody can tell whether the token is good'
    const body = { error: 'temporarily_unavailable', error_description: description }
    return { response: json(503, body, { ...VARY, 'retry-after': '5' }) }
  }
}

/** 403 if the token lacks a scope (RFC 6750 §3.1). */
export function needsMore(kit: Kit, { scope }: Bearer, need: Need): { response: Response } | undefined {
  const wanted = need.scope?.split(' ') ?? []
  if (wanted.every((one) => scope.includes(one))) return undefined
  const attributes = { scope: need.scope ?? '' }
  return refuse(kit, 403, 'insufficient_scope', `the token needs the scope ${need.scope}`, attributes)
}

/** No `error` where nothing was sent: there is nothing wrong with it (RFC 6750 §3.1). */
export function refuse(
  { options }: Kit,
  status: number,
  error?: string,
  description = 'sign in, or send an access token',
  attributes: Record<string, string> = {},
): { response: Response } {
  const named = {
    realm: options.siteUrl,
    ...(error && { error, error_description: description }),
    ...attributes,
  }
  // Descriptions are our own sentences, but a quote or a line break in one must not end the header's value.
  const quoted = Object.entries(named).map(
    ([name, value]) => `${name}="${value.replace(/[^ !#-[\]-~]/g, '')}"`,
  )
  const body = { error: error ?? 'unauthorized', error_description: description }
  return { response: json(status, body, { ...VARY, 'www-authenticate': `Bearer ${quoted.join(', ')}` }) }
}

const VARY = { vary: 'cookie, authorization' }
