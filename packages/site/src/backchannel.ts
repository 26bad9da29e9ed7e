import { LogoutToken, type LogoutTokenClaims, TokenError, verifyOnce } from '@grove/jwt'
import { empty, json } from './answers.ts'
import { endAccount, endSession } from './ended.ts'
import { readForm } from './form.ts'
import type { Kit } from './kit.ts'
import { report } from './report.ts'
import { refreshStatus, tellEnded } from './status.ts'

// Its event and the nonce that it must not have keep it apart from an ID token, also without a `typ` (§2.4).
const UntypedLogoutToken = { ...LogoutToken, typMayBeAbsent: true }

/**
 * `POST /sso/backchannel-logout`: the provider says that a session is over (OpenID Connect Back-Channel Logout 1.0 §2.5 … §2.8).
 * Exactly 200 when it is done, also for a session nobody knows here; exactly 400 for a bad token; 503 when nobody can tell.
 */
export async function backchannelLogout(kit: Kit, request: Request): Promise<Response> {
  const text = (await readForm(request))?.get('logout_token')
  if (!text) return refusal('a form with one logout_token is expected')
  try {
    const kind = kit.options.logoutTokenType === 'optional' ? UntypedLogoutToken : LogoutToken
    const { claims } = await verifyOnce(kit.clientTokens, kind, text, kit.state.spentLogoutTokens)
    end(kit, claims)
    return empty(200)
  } catch (error) {
    if (error instanceof TokenError) return refusal(error.message)
    report('back-channel logout', error)
    return json(
      503,
      { error: 'temporarily_unavailable', error_description: 'the keys cannot be had' },
      { 'retry-after': '5' },
    )
  }
}

function end(kit: Kit, { sid, sub, iat }: LogoutTokenClaims): void {
  const now = kit.now()
  const at = new Date(iat * 1000)
  if (sid) endSession(kit.state, sid, at, now)
  else if (sub) endAccount(kit.state, sub, at, now)
  tellEnded(kit)
  // The list is fetched now and not at its next turn, but the provider does not have to wait for it.
  void refreshStatus(kit)
}

const refusal = (why: string) => json(400, { error: 'invalid_request', error_description: why })
