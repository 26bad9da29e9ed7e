import { TokenError } from '@grove/jwt'
import { authorizationCodeGrant } from 'openid-client'
import { type PageOptions, page, redirect } from './answers.ts'
import {
  CHECKED_COOKIE,
  CHECKED_SECONDS,
  checkedCookie,
  clearCookie,
  readCookie,
  SESSION_COOKIE,
  sessionCookie,
} from './cookies.ts'
import { hasEnded } from './ended.ts'
import { failureOf } from './failure.ts'
import type { Kit } from './kit.ts'
import { loginAddress, sendToProvider } from './login.ts'
import { landedCookie } from './loop.ts'
import type { PageCode } from './messages.ts'
import { checkedWhileSignedIn, sealTokens } from './refresh.ts'
import { report } from './report.ts'
import { withParameter } from './return-to.ts'
import { liveSession } from './session.ts'
import { type LoginState, type OpenLogin, readState, takeLogin } from './transaction.ts'

// Name and value together (RFC 6265bis §5.6).
const MOST_COOKIE_BYTES = 4096

/** `GET /sso/callback`: turns the provider's answer into a session and goes back to where the person wanted to be. */
export async function callback(kit: Kit, request: Request): Promise<Response> {
  const state = readState(kit, new URL(request.url).searchParams.get('state'))
  // Without a state of ours nothing says which try this is, so it cannot be repeated without a loop.
  if (!state) return page(kit, 'login_state_missing', { status: 400 })
  const login = await takeLogin(kit, request, state)
  return login ? await finish(kit, request, login) : await withoutLogin(kit, request, state)
}

async function finish(kit: Kit, request: Request, login: OpenLogin): Promise<Response> {
  const { options } = kit
  // The address the browser asked for, by its public name: behind a proxy the request says another.
  const address = new URL(`/sso/callback${new URL(request.url).search}`, options.siteUrl)
  try {
    // `state`, `iss` (RFC 9207 §2.4) and PKCE before the token request; then what the ID token says: issuer, audience, nonce, times.
    const tokens = await authorizationCodeGrant(await kit.provider.configuration(), address, {
      expectedState: login.state.text,
      expectedNonce: login.nonce,
      pkceCodeVerifier: login.verifier,
      ...(login.maxAgeSeconds !== undefined && { maxAge: login.maxAgeSeconds }),
    })
    const { envelope, opened } = await sealTokens(kit, tokens) // and here its signature
    // A logout that arrived while the login was under way wins.
    if (hasEnded(kit.state, opened, kit.now())) {
      return await failed(kit, request, { login, code: 'session_ended', status: 400 })
    }
    trustEnd(opened.session.expiresAt, kit.now())
    // A browser drops a larger cookie without a word, and the page would ask for a login again, for ever.
    if (SESSION_COOKIE.length + 1 + envelope.length > MOST_COOKIE_BYTES)
      return await failed(kit, request, { login, code: 'session_too_large', status: 400 })
    const cookies = [
      sessionCookie(envelope),
      checkedWhileSignedIn(kit, opened),
      landedCookie(request, login.state.returnTo),
      clearCookie(login.cookieName),
    ]
    return redirect(options.siteUrl + login.state.returnTo, cookies)
  } catch (error) {
    return await explain(kit, request, { login, error })
  }
}

/** @throws TokenError when the session would be over before it began, which the tolerance for clocks lets through */
function trustEnd(expiresAt: Date, now: Date): void {
  if (expiresAt > now) return
  const [its, ours] = [expiresAt, now].map((time) => time.toISOString())
  throw new TokenError('expired', `the token ended at ${its}, by this server's clock it is ${ours}`)
}

/** Back button, a second use, an old link, another browser's state, cookies that are blocked: never a dead end, never a loop. */
async function withoutLogin(kit: Kit, request: Request, state: LoginState): Promise<Response> {
  const { siteUrl } = kit.options
  const envelope = readCookie(request.headers.get('cookie'), SESSION_COOKIE)
  if (await liveSession(kit, envelope)) return redirect(siteUrl + state.returnTo)
  if (state.kind === 'silent')
    return redirect(siteUrl + withParameter(state.returnTo, 'sso', 'none', siteUrl))
  if (state.kind === 'login')
    return await sendToProvider(kit, request, { kind: 'again', returnTo: state.returnTo })
  return page(kit, 'login_state_unknown', { status: 400, retry: { href: loginAddress(state) } })
}

async function explain(
  kit: Kit,
  request: Request,
  { login, error }: { login: OpenLogin; error: unknown },
): Promise<Response> {
  const failure = failureOf(error)
  switch (failure.kind) {
    case 'unavailable':
      return await failed(kit, request, { login, code: 'auth_unavailable', status: 503, cause: error })
    case 'spent':
      return await failed(kit, request, { login, code: 'login_code_spent', status: 400 })
    case 'unfit':
      return await failed(kit, request, { login, code: 'user_invalid', status: 403, cause: error })
    case 'invalid': {
      const { reason, detail } = failure
      return await failed(kit, request, { login, code: reason, detail, status: 400, cause: error })
    }
    case 'refused':
      // Home and not back: a page that asks for a login would send the person round in a circle.
      if (failure.error === 'access_denied' && login.state.kind !== 'silent') {
        return redirect(`${kit.options.siteUrl}/`, [clearCookie(login.cookieName)])
      }
      return await failed(kit, request, { login, code: 'login_refused', about: failure.error, status: 400 })
  }
}

interface Failed extends PageOptions {
  login: OpenLogin
  code: PageCode
}

/** Nobody asked for a silent try, so nobody hears of its failure: the page goes on without a session. */
async function failed(
  kit: Kit,
  request: Request,
  { login: { state, cookieName, maxAgeSeconds }, code, ...reason }: Failed,
): Promise<Response> {
  const cookies = [clearCookie(cookieName)]
  if (state.kind === 'silent') {
    if (reason.cause) report('silent sign-in', reason.cause)
    const seconds = code === 'auth_unavailable' ? CHECKED_SECONDS.authAway : CHECKED_SECONDS.nobodyThere
    const checked = checkedCookie('nobody', seconds, kit.now())
    return redirect(kit.options.siteUrl + afterSilence(kit, request, state), [...cookies, checked])
  }
  const wish = { returnTo: state.returnTo, ...(maxAgeSeconds !== undefined && { maxAgeSeconds }) }
  const mayRepeat = code === 'login_code_spent' || code === 'session_ended'
  if (mayRepeat && state.kind === 'login')
    return await sendToProvider(kit, request, { kind: 'again', ...wish })
  return page(kit, code, { ...reason, cookies, retry: { href: loginAddress(wish) } })
}

/** The marker went out with the redirect. If it does not come back, nothing else remembers that the provider was asked. */
function afterSilence({ options }: Kit, request: Request, { returnTo }: LoginState): string {
  const isMarked = readCookie(request.headers.get('cookie'), CHECKED_COOKIE) !== undefined
  return isMarked ? returnTo : withParameter(returnTo, 'sso', 'none', options.siteUrl)
}
