import { AccessToken, type AccessTokenClaims, DPOP_ALGORITHMS, TokenError, verifyDpopProof } from '@grove/jwt'
import { json } from './answers.ts'
import { endKeys, hasEnded } from './ended.ts'
import type { Kit } from './kit.ts'
import { type Bearer, describeToken, type Session, wasSignedInWithin } from './session.ts'
import { watchStatus } from './status.ts'

/** What a caller needs. */
export interface Need {
  /** One scope, or several with spaces between. */
  scope?: string
  /** In seconds: a login longer ago is not enough, whatever the token still opens elsewhere. */
  maxAge?: number
}

export type Authorized<Caller> = { session: Caller } | { response: Response }

type Scheme = 'Bearer' | 'DPoP'

// One header, the scheme in any case, one token of RFC 6750 §2.1, and nothing else.
const CREDENTIAL = /^\w+ +([\w.~+/-]+=*)$/

/** Whether the request brings a token of its own, in the right place or not. */
export function bringsToken(request: Request): boolean {
  return request.headers.has('authorization') || new URL(request.url).searchParams.has('access_token')
}

/**
 * Checks `Authorization: Bearer` (RFC 6750, RFC 9068 §4) or `DPoP` (RFC 9449 §7): 401 without a token or with a bad one, or from a
 * login too long ago (RFC 9470), 403 without the scope, 400 for a token in the wrong place, 503 when keys or status cannot be had. The order is that of the status
 * list draft, §8.3; a proof is looked at, and spent, when its token is known to be good.
 */
export async function authorizeBearer(
  kit: Kit,
  request: Request,
  need: Need = {},
): Promise<Authorized<Bearer>> {
  const authorization = request.headers.get('authorization')
  // A token in an address ends up in logs and histories (RFC 9700 §4.3.2).
  if (new URL(request.url).searchParams.has('access_token')) {
    const description = 'send the token in the Authorization header, never in the address'
    return refuse(kit, 400, { error: 'invalid_request', description })
  }
  const scheme = schemeOf(authorization)
  if (!authorization || !scheme) return refuse(kit, 401)
  const text = CREDENTIAL.exec(authorization)?.[1]
  if (!text) {
    const description = `the Authorization header must be: ${scheme}, one space, one token`
    return refuse(kit, 400, { error: 'invalid_request', description, scheme })
  }
  const refused = (error: string, description: string) => refuse(kit, 401, { error, description, scheme })
  try {
    watchStatus(kit)
    const { claims } = await kit.bearerTokens.verify(AccessToken, text)
    // Who carries the token made no session here, so it started when the token did.
    const endable = { endKeys: endKeys(claims), startedAt: claims.iat * 1000 }
    if (hasEnded(kit.state, endable, kit.now())) return refused('invalid_token', 'the token was revoked')
    // RFC 9449 §7.2: a token that is bound to a key is worth nothing without it, and any other is Bearer.
    if ((claims.cnf === undefined) !== (scheme === 'Bearer'))
      return refused('invalid_token', 'the token and the way it is sent do not fit each other')
    const problem = await problemWithProof(kit, request, { text, claims })
    if (problem) return refused('invalid_dpop_proof', problem)
    const session = describeToken(text, claims)
    return needsMore(kit, session, { ...need, scheme }) ?? { session }
  } catch (error) {
    if (error instanceof TokenError) return refused('invalid_token', error.message)
    const description = 'keys or status cannot be had just now, so nobody can tell whether the token is good'
    const body = { error: 'temporarily_unavailable', error_description: description }
    return { response: json(503, body, { ...VARY, 'retry-after': '5' }) }
  }
}

function schemeOf(authorization: string | null): Scheme | undefined {
  const [, name] = /^(bearer|dpop)( |$)/i.exec(authorization ?? '') ?? []
  return name === undefined ? undefined : name.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer'
}

/**
 * What is wrong with the proof of the key that the token is bound to, if it is to one (RFC 9449 §7.1). It is for our public address, whatever a proxy made of it. No
 * nonce is asked for (§9): replicas share no memory, so each remembers the proofs it saw for the seconds that they are good.
 */
async function problemWithProof(
  kit: Kit,
  request: Request,
  { text, claims: { sub, cnf } }: { text: string; claims: AccessTokenClaims },
): Promise<string | undefined> {
  if (!cnf) return undefined
  try {
    await verifyDpopProof(request.headers.get('dpop') ?? '', {
      method: request.method,
      url: kit.options.siteUrl + new URL(request.url).pathname,
      accessToken: text,
      jkt: cnf.jkt,
      // However many proofs one account spends, there is room for those of others.
      used: kit.state.spentProofs.shareOf(sub),
      now: kit.now(),
    })
    return undefined
  } catch (error) {
    if (error instanceof TokenError) return error.message
    throw error
  }
}

/** 403 if the token lacks a scope (RFC 6750 §3.1), 401 if the login that it came from is too old (RFC 9470 §3). */
export function needsMore(
  kit: Kit,
  session: Bearer | Session,
  { scope, maxAge, scheme }: Need & { scheme?: Scheme },
): { response: Response } | undefined {
  if (!wasSignedInWithin({ signedInAt: signedInAt(session) }, maxAge, kit.now())) {
    const description = 'the last login is too long ago: log in again'
    return refuse(kit, 401, { error: 'insufficient_user_authentication', description, maxAge, scheme })
  }
  if (scope === undefined || scope.split(' ').every((one) => session.scope.includes(one))) return undefined
  const description = `the token needs the scope ${scope}`
  return refuse(kit, 403, { error: 'insufficient_scope', description, scope, scheme })
}

/** A session knows when its login was. A token that does not say came of none. */
function signedInAt(session: Bearer | Session): Date {
  if ('signedInAt' in session) return session.signedInAt
  const { auth_time } = session.token.claims
  return new Date(typeof auth_time === 'number' ? auth_time * 1000 : 0)
}

interface Refusal {
  error?: string
  description?: string
  /** What the token lacks. */
  scope?: string
  /** In seconds: how long ago the login may be. */
  maxAge?: number
  /** How the token was sent: `Bearer` if it was not. */
  scheme?: Scheme
}

/** No `error` where nothing was sent: there is nothing wrong with it (RFC 6750 §3.1). */
export function refuse(
  { options }: Kit,
  status: number,
  { error, description = 'sign in, or send an access token', scope, maxAge, scheme = 'Bearer' }: Refusal = {},
): { response: Response } {
  const named = {
    realm: options.siteUrl,
    ...(error && { error, error_description: description }),
    ...(scope !== undefined && { scope }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
    ...(scheme === 'DPoP' && { algs: DPOP_ALGORITHMS.join(' ') }),
  }
  // Descriptions are our own sentences, but a quote or a line break in one must not end the header's value.
  const quoted = Object.entries(named).map(
    ([name, value]) => `${name}="${value.replace(/[^ !#-[\]-~]/g, '')}"`,
  )
  const body = { error: error ?? 'unauthorized', error_description: description }
  return { response: json(status, body, { ...VARY, 'www-authenticate': `${scheme} ${quoted.join(', ')}` }) }
}

export const VARY = { vary: 'cookie, authorization' }
