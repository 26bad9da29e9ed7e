import { createHash } from 'node:crypto'
import {
  AccessToken,
  type AccessTokenClaims,
  IdToken,
  issue,
  LOGOUT_EVENT,
  LogoutToken,
  type LogoutTokenClaims,
} from '@grove/jwt'
import { claimsFor, idTokenClaimsFor } from './claims.ts'
import type { Client, ClientRegistry } from './clients.ts'
import type { Grant } from './grants.ts'
import type { Keyring } from './keyring.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import { randomId } from './secrets.ts'
import type { PendingLogout } from './sessions.ts'
import { statusReference } from './status-list.ts'

const ACCESS_TOKEN_LIFETIME_SECONDS = 300
const ID_TOKEN_LIFETIME_SECONDS = 300
// Back-Channel Logout 1.0 §2.4 asks for two minutes at most.
const LOGOUT_TOKEN_LIFETIME_SECONDS = 120

/** How the person proved who they are: a password. */
export const PASSWORD_ACR = 'urn:grove:acr:password'

export interface TokenSet {
  accessToken: string
  idToken: string | undefined
  refreshToken: string | undefined
  expiresInSeconds: number
}

/** The provider reads back its own access token, whomever it was meant for: `/userinfo` is about the person, not a site. */
export const OwnAccessToken: typeof AccessToken = { ...AccessToken, hasAudience: false }

export interface TokenIssuer {
  /**
   * All tokens of a grant's present generation. `nonce`: that of the request, at redemption only. `key`: the thumbprint that the
   * access token is bound to (RFC 9449 §6.1).
   */
  issueTokens(
    grant: Grant,
    client: Client,
    options: { nonce?: string; key: string | undefined; now: Date },
  ): Promise<TokenSet>
  /** An access token for the client itself. It has no grant and no place in a status list: it ends by its time alone. */
  issueClientToken(
    client: Client,
    options: { scope: string; resources: string[]; key: string | undefined; now: Date },
  ): Promise<TokenSet>
  issueLogoutToken(logout: PendingLogout, client: Client, now: Date): Promise<string>
}

export function createTokenIssuer({
  issuer,
  keyring,
  refreshTokens,
  clients,
}: {
  issuer: string
  keyring: Keyring
  refreshTokens: RefreshTokens
  clients: ClientRegistry
}): TokenIssuer {
  const seconds = (date: Date) => Math.floor(date.getTime() / 1000)

  type AboutPerson = Partial<Pick<AccessTokenClaims, 'sid' | 'auth_time' | 'acr' | 'amr' | 'status'>>

  async function issueAccessToken(
    {
      sub,
      clientId,
      scope,
      resources,
      key,
    }: { sub: string; clientId: string; scope: string; resources: string[]; key: string | undefined },
    person: AboutPerson,
    now: Date,
  ): Promise<string> {
    // Meant for no site, it is good for `/userinfo` here.
    const [first = issuer, ...others] = resources
    const claims = {
      iss: issuer,
      sub,
      aud: others.length > 0 ? resources : first,
      client_id: clientId,
      jti: randomId(),
      scope,
      ...person,
      ...(key !== undefined && { cnf: { jkt: key } }),
    }
    return await issue(AccessToken, claims, {
      key: keyring.current('ES256'),
      lifetimeSeconds: ACCESS_TOKEN_LIFETIME_SECONDS,
      now,
    })
  }

  const aboutPerson = (grant: Grant): AboutPerson => ({
    sid: grant.sessionId,
    auth_time: seconds(grant.authenticatedAt),
    acr: PASSWORD_ACR,
    amr: ['pwd'],
    status: { status_list: statusReference(issuer, grant.index) },
  })

  async function issueIdToken(
    grant: Grant,
    client: Client,
    accessToken: string,
    nonce: string | undefined,
    now: Date,
  ) {
    const claims = {
      ...claimsFor(grant.account, '', grant.claims.idToken),
      ...(client.hasClaimsInIdToken && idTokenClaimsFor(grant.account, grant.scope)),
      ...(client.hasClaimsInIdToken && { login_client: clients.find(grant.loginClientId ?? '')?.name }),
      iss: issuer,
      sub: grant.account.id,
      aud: client.id,
      sid: grant.sessionId,
      auth_time: seconds(grant.authenticatedAt),
      acr: PASSWORD_ACR,
      at_hash: leftHalfHash(accessToken),
      ...(nonce !== undefined && { nonce }),
    }
    return await issue(IdToken, claims, {
      key: keyring.current(client.idTokenAlgorithm),
      lifetimeSeconds: ID_TOKEN_LIFETIME_SECONDS,
      now,
    })
  }

  return {
    async issueTokens(grant, client, { nonce, key, now }) {
      const scopes = grant.scope.split(' ')
      const { clientId, scope, resources } = grant
      const about = { sub: grant.account.id, clientId, scope, resources, key }
      const accessToken = await issueAccessToken(about, aboutPerson(grant), now)
      return {
        accessToken,
        idToken: scopes.includes('openid')
          ? await issueIdToken(grant, client, accessToken, nonce, now)
          : undefined,
        refreshToken: mayRefresh(client, scopes) ? refreshTokens.make(grant.id, grant.generation) : undefined,
        expiresInSeconds: ACCESS_TOKEN_LIFETIME_SECONDS,
      }
    },

    async issueClientToken(client, { scope, resources, key, now }) {
      const about = { sub: client.id, clientId: client.id, scope, resources, key }
      return {
        accessToken: await issueAccessToken(about, {}, now),
        idToken: undefined,
        refreshToken: undefined,
        expiresInSeconds: ACCESS_TOKEN_LIFETIME_SECONDS,
      }
    },

    async issueLogoutToken(logout, client, now) {
      const claims: Omit<LogoutTokenClaims, 'iat' | 'exp'> = {
        iss: issuer,
        sub: logout.accountId,
        aud: client.id,
        jti: randomId(),
        sid: logout.sessionId,
        events: { [LOGOUT_EVENT]: {} },
      }
      return await issue(LogoutToken, claims, {
        key: keyring.current(client.idTokenAlgorithm),
        lifetimeSeconds: LOGOUT_TOKEN_LIFETIME_SECONDS,
        now,
      })
    },
  }
}

/** The person was asked for it, and the client is registered to use it. */
function mayRefresh({ grantTypes }: Client, scopes: string[]): boolean {
  return scopes.includes('offline_access') && grantTypes.includes('refresh_token')
}

/** `at_hash` (OpenID Connect Core 1.0 §3.1.3.6): every algorithm here goes with SHA-256. */
function leftHalfHash(token: string): string {
  return createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url')
}
