import { authorizationCodeGrant } from 'openid-client'
import { page, redirect } from './answers.ts'
import {
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
import type { PageCode } from './messages.ts'
import { checkedWhileSignedIn, sealTokens } from './refresh.ts'
import { report } from './report.ts'
import { withParameter } from './return-to.ts'
import { liveSession } from './session.ts'
import { type LoginState, type OpenLogin, readState, takeLogin } from './transaction.ts'

/** `GET /sso/callback`: turns the provider's answer into a session and goes back to where the person wanted to be. */
export async function callback(kit: Kit, request: Request): Promise<Response> {
  const state = readState(kit, new URL(request.url).searchParams.get('state'))
  // Without a state of ours nothing says which try this is, so it cannot be repeated without a loop.
  if (!state) return page(kit, 'cookies_or_link', { status: 400, code: 'login_state_missing' })
  const login = await takeLogin(kit, request, state)
  return login ? await finish(kit, request, login) : await withoutLogin(kit, request, state)
}

async function finish(kit: Kit, request: Request, login: OpenLogin): Promise<Response> {
  const { options } = kit
  // The address the browser asked for, by its public name: behind a proxy the request says another.
  const address = new URL(`/sso/callback${new URL(request.url).search}`, options.siteUrl)
  try {
    // `state`, `iss` (RFC 9207 §2.4) and PKCE before the token request; then the ID token: issuer, audience, signature, nonce.
    const tokens = await authorizationCodeGrant(await kit.provider.configuration(), address, {
      expectedState: login.state.text,
      expectedNonce: login.nonce,
      pkceCodeVerifier: login.verifier,
      ...(login.maxAgeSeconds !== undefined && { maxAge: login.maxAgeSeconds }),
    })
    const { envelope, opened } = await sealTokens(kit, tokens, tokens.claims())
    // A logout that arrived while the login was under way wins.
    if (hasEnded(kit.state, opened, kit.now())) {
      return await failed(kit, request, login, { page: 'session_ended', status: 400 })
    }
    if (opened.session.expiresAt <= kit.now())
      throw new Error('by the clock of this server the token has already ended')
    const cookies = [
      sessionCookie(envelope),
      checkedWhileSignedIn(kit, opened),
      clearCookie(login.cookieName),
    ]
    return redirect(options.siteUrl + login.state.returnTo, cookies)
  } catch (error) {
    return await explain(kit, request, login, error)
  }
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
  return page(kit, 'cookies_or_link', {
    status: 400,
    code: 'login_state_unknown',
    retry: { href: loginAddress(state) },
  })
}

async function explain(kit: Kit, request: Request, login: OpenLogin, error: unknown): Promise<Response> {
  const failure = failureOf(error)
  switch (failure.kind) {
    case 'unavailable':
      return await failed(kit, request, login, { page: 'auth_unavailable', status: 503, cause: error })
    case 'spent':
      return await failed(kit, request, login, {
        page: 'cookies_or_link',
        code: 'login_code_spent',
        status: 400,
      })
    case 'unfit':
      return await failed(kit, request, login, { page: 'user_invalid', status: 403, cause: error })
    case 'invalid':
      return await failed(kit, request, login, { page: 'login_invalid', status: 400, cause: error })
    case 'refused':
      // Home and not back: a page that asks for a login would send the person round in a circle.
      if (failure.error === 'access_denied' && login.state.kind !== 'silent') {
        return redirect(`${kit.options.siteUrl}/`, [clearCookie(login.cookieName)])
      }
      return await failed(kit, request, login, {
        page: 'login_refused',
        code: `login_refused: ${failure.error}`,
        status: 400,
      })
  }
}

/** Nobody asked for a silent try, so nobody hears of its failure: the page goes on without a session. */
async function failed(
  kit: Kit,
  request: Request,
  { state, cookieName, maxAgeSeconds }: OpenLogin,
  reason: { page: PageCode; status: number; code?: string; cause?: unknown },
): Promise<Response> {
  const cookies = [clearCookie(cookieName)]
  if (state.kind === 'silent') {
    if (reason.cause) report('silent sign-in', reason.cause)
    const isAway = reason.page === 'auth_unavailable'
    const seconds = isAway ? CHECKED_SECONDS.authAway : CHECKED_SECONDS.nobodyThere
    const checked = checkedCookie('nobody', seconds, kit.now())
    return redirect(kit.options.siteUrl + state.returnTo, [...cookies, checked])
  }
  const wish = { returnTo: state.returnTo, ...(maxAgeSeconds !== undefined && { maxAgeSeconds }) }
  const mayRepeat = reason.code === 'login_code_spent' || reason.page === 'session_ended'
  if (mayRepeat && state.kind === 'login')
    return await sendToProvider(kit, request, { kind: 'again', ...wish })
  return page(kit, reason.page, { ...reason, cookies, retry: { href: loginAddress(wish) } })
}
