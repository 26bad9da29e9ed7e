import * as oauth from './oauth4webapi.js'
import { alder, birch, clientId, issuer } from './settings.js'

const client = { client_id: clientId }
const here = `${location.origin}/`
// The library takes https alone unless told otherwise; names of this machine are the exception.
const options = { [oauth.allowInsecureRequests]: issuer.startsWith('http:') }

// In this tab, while the browser is at Grove and back: what the answer is checked with. Never a token.
const UNDER_WAY = 'login-under-way'
// A silent try has been made that brought nobody: the page does not try by itself again.
const TRIED = 'tried-silently'

/** Token and key live in these variables alone. The key cannot be exported, so the token is of no use outside this page. */
let session
let discovered

async function server() {
  discovered ??= oauth
    .discoveryRequest(new URL(issuer), options)
    .then((response) => oauth.processDiscoveryResponse(new URL(issuer), response))
    .catch((error) => {
      discovered = undefined // so that the next try asks again
      throw error
    })
  return await discovered
}

/**
 * Who is signed in, or `undefined`. A page that knows nobody asks Grove once, silently, by leaving for it: then this never returns.
 * @throws when Grove does not answer, or answers what was not asked
 */
export async function whoIsThere() {
  const address = new URL(location.href)
  const isAnswer = address.searchParams.has('state')
  if (isAnswer) {
    // A code works once and an error is read once: neither stays in the address or in the history.
    history.replaceState(null, '', '/')
    return await readAnswer(address)
  }
  // Nobody has asked for a page that is loaded ahead.
  if (document.prerendering)
    await new Promise((shown) => document.addEventListener('prerenderingchange', shown, { once: true }))
  if (sessionStorage.getItem(TRIED)) return undefined
  return await leaveToSignIn({ silently: true })
}

/** To Grove and back, at the top level: nothing here needs a cookie of another site (RFC 9700 §2.1.1, PKCE). */
export async function leaveToSignIn({ silently = false } = {}) {
  const { authorization_endpoint: address } = await server()
  const underWay = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
  }
  sessionStorage.setItem(UNDER_WAY, JSON.stringify(underWay))
  if (silently) sessionStorage.setItem(TRIED, 'yes')
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: here,
    response_type: 'code',
    scope: 'openid profile notes',
    state: underWay.state,
    nonce: underWay.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(underWay.verifier),
    code_challenge_method: 'S256',
    ...(silently && { prompt: 'none' }),
  })
  for (const site of [alder, birch]) query.append('resource', site)
  location.assign(`${address}?${query}`)
  return await new Promise(() => {}) // the page goes
}

async function readAnswer(address) {
  const { state, nonce, verifier } = JSON.parse(sessionStorage.getItem(UNDER_WAY) ?? '{}')
  sessionStorage.removeItem(UNDER_WAY)
  // An answer that this tab did not ask for: somebody else's link, or the back button.
  if (state === undefined || address.searchParams.get('state') !== state) return undefined
  let code
  try {
    code = oauth.validateAuthResponse(await server(), client, address, state)
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError && error.error === 'login_required')
      return undefined
    throw error
  }
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const tokens = await withNonce(async () =>
    oauth.processAuthorizationCodeResponse(
      await server(),
      client,
      await oauth.authorizationCodeGrantRequest(await server(), client, oauth.None(), code, here, verifier, {
        DPoP,
        ...options,
      }),
      { expectedNonce: nonce, requireIdToken: true },
    ),
  )
  sessionStorage.removeItem(TRIED)
  session = { tokens, DPoP, endsAt: Date.now() + (tokens.expires_in ?? 0) * 1000 }
  return {
    claims: oauth.getValidatedIdTokenClaims(tokens),
    token: tokens.access_token,
    endsAt: session.endsAt,
  }
}

/**
 * Calls an API with the token and a proof for this very request (RFC 9449 §7.1). With a token that has ended the page leaves for
 * another one first.
 * @throws Refused when the API says no, TypeError when it cannot be reached
 */
export async function call(address) {
  if (session.endsAt <= Date.now()) return await leaveToSignIn({ silently: true })
  const { tokens, DPoP } = session
  try {
    return await withNonce(() =>
      oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL(address), new Headers(), null, {
        DPoP,
        ...options,
      }),
    )
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) throw new Refused(error.status)
    throw error
  }
}

export class Refused extends Error {
  constructor(status) {
    super(`the API answered ${status}`)
    this.status = status
  }
}

/** Ends the session at Grove and everywhere, and comes back. */
export async function leaveToSignOut() {
  const { end_session_endpoint: address } = await server()
  const { tokens } = session
  session = undefined
  sessionStorage.setItem(TRIED, 'yes')
  const query = { client_id: clientId, id_token_hint: tokens.id_token, post_logout_redirect_uri: here }
  location.assign(`${address}?${new URLSearchParams(query)}`)
}

/** The server may want its own word in the proof, to know that it is fresh: it says so once (RFC 9449 §8). */
async function withNonce(ask) {
  return await ask().catch((error) => {
    if (oauth.isDPoPNonceError(error)) return ask()
    throw error
  })
}
