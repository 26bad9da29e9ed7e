import * as oidc from 'openid-client'
import { awaitAnswer } from './await-answer.ts'

export interface SignIn {
  issuer: URL
  clientId: string
  /** Origins of the APIs that are going to be called. */
  resources: readonly [string, ...string[]]
  /** Brings the person to this address. */
  show(address: URL): void
}

export interface SignedIn {
  name: string
  /** With a token for this API alone, and a proof of its key. Rejects when the address does not answer. */
  call(address: URL): Promise<Response>
  /** Gives back what could bring more tokens. */
  end(): Promise<void>
}

/**
 * The authorization code flow of a native app (RFC 8252): the system's browser, PKCE, and the answer at a port of this machine.
 * Tokens and key are in memory alone: the key cannot be exported, so nothing of this outlives the process.
 */
export async function signIn({ issuer, clientId, resources, show }: SignIn): Promise<SignedIn> {
  const config = await oidc.discovery(issuer, clientId, undefined, oidc.None(), {
    [oidc.customFetch]: fetchHere,
    execute: [
      oidc.enableNonRepudiationChecks,
      ...(issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : []),
    ],
  })
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))
  const [pkceCodeVerifier, expectedState, expectedNonce] = [
    oidc.randomPKCECodeVerifier(),
    oidc.randomState(),
    oidc.randomNonce(),
  ]
  const answer = await awaitAnswer(expectedState)
  const query = new URLSearchParams({
    redirect_uri: answer.redirectUri,
    scope: 'openid profile notes offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    dpop_jkt: await DPoP.calculateThumbprint(), // so the code is of use to this process alone (RFC 9449 §10)
  })
  for (const resource of resources) query.append('resource', resource)
  show(oidc.buildAuthorizationUrl(config, query))

  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
  const [first] = resources
  const tokens = await oidc
    .authorizationCodeGrant(config, await answer.address, checks, { resource: first }, { DPoP })
    .catch((error) => {
      if (error instanceof oidc.AuthorizationResponseError)
        throw new Error(`Not signed in: ${error.error_description ?? error.error}`, { cause: error })
      throw error
    })
  let refreshToken = tokens.refresh_token ?? ''
  const accessTokens = new Map([[first, tokens.access_token]])

  /** One token for each API (RFC 8707): what one of them is told is of no use at the other. */
  async function accessTokenFor(resource: string): Promise<string> {
    const known = accessTokens.get(resource)
    if (known !== undefined) return known
    const more = await oidc.refreshTokenGrant(config, refreshToken, { resource }, { DPoP })
    refreshToken = more.refresh_token ?? refreshToken
    accessTokens.set(resource, more.access_token)
    return more.access_token
  }

  const claims = tokens.claims()
  return {
    name: String(claims?.name ?? claims?.sub),
    async call(address) {
      const accessToken = await accessTokenFor(address.origin)
      return await oidc
        .fetchProtectedResource(config, accessToken, address, 'GET', undefined, undefined, { DPoP })
        .catch((error) => {
          // A refusal with a challenge: the answer is of interest as any other.
          if (error instanceof oidc.WWWAuthenticateChallengeError) return error.response
          throw new Error(`${address.origin} does not answer`, { cause: error })
        })
    },
    end: () => oidc.tokenRevocation(config, refreshToken),
  }
}

/** A browser knows that *.localhost is this machine (RFC 6761 §6.3). Node asks for these names, in vain on many machines. */
const fetchHere: oidc.CustomFetch = (address, init) => {
  const url = new URL(address)
  if (url.hostname.endsWith('.localhost')) url.hostname = '127.0.0.1'
  return fetch(url, init as RequestInit) // its body type lacks only what fetch would refuse anyway
}
