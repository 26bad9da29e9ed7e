import type { Client } from '../domain/clients.ts'
import { hashSecret } from '../domain/secrets.ts'

export const SITE_A = 'http://site-a.localhost:4001'
export const SITE_B = 'http://site-b.localhost:4002'

export const secretOf = (clientId: string) => `the secret of ${clientId}, long and known to it alone`

/** One of the company's own sites, with everything that its registration may have. */
function ownSite(id: string, name: string, uri: string): Client {
  return {
    id,
    name,
    uri,
    authMethod: 'client_secret_basic',
    secretHash: hashSecret(secretOf(id)),
    jwks: undefined,
    jwksUri: undefined,
    grantTypes: ['authorization_code', 'refresh_token'],
    responseModes: ['query', 'form_post'],
    isNative: false,
    redirectUris: [`${uri}/sso/callback`],
    postLogoutRedirectUris: [`${uri}/sso/logged-out`],
    backchannelLogoutUri: `${uri}/sso/backchannel-logout`,
    scopes: ['openid', 'profile', 'email', 'offline_access', 'notes', 'roles'],
    resources: [SITE_A, SITE_B],
    isPkceRequired: true,
    isPushRequired: false,
    isDpopBound: false,
    needsConsent: false,
    idTokenAlgorithm: 'ES256',
    hasClaimsInIdToken: true,
  }
}

/** Somebody else's application: it speaks to userinfo alone, and nobody tells it of a logout. */
function guest(id: string, name: string, over: Partial<Client>): Client {
  return {
    ...ownSite(id, name, `https://${id}.example`),
    backchannelLogoutUri: undefined,
    scopes: ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'],
    resources: [],
    hasClaimsInIdToken: false,
    ...over,
  }
}

/** The clients of the test provider: one for each way to be registered. */
export const CLIENTS: readonly Client[] = [
  ownSite('alder', 'Alder', SITE_A),
  ownSite('birch', 'Birch', SITE_B),
  guest('cedar', 'Cedar', {
    scopes: ['openid', 'profile', 'email', 'address', 'phone', 'roles', 'offline_access'],
    authMethod: 'client_secret_post',
    // A query that a URL parser would write in another way.
    redirectUris: ['https://cedar.example/callback?via=the%20grove&flag', 'https://cedar.example/other'],
  }),
  guest('elm', 'Elm', { authMethod: 'none', secretHash: undefined }),
  guest('aspen', 'Aspen', {
    authMethod: 'none',
    secretHash: undefined,
    isNative: true,
    needsConsent: true,
    redirectUris: [
      'http://127.0.0.1/callback',
      'http://[::1]/callback?via=the%20grove',
      'https://aspen.example/callback',
      'http://127.0.0.1:7070/fixed',
      'http://localhost/callback',
    ],
  }),
  guest('fir', 'Fir', {
    idTokenAlgorithm: 'RS256',
    backchannelLogoutUri: 'https://fir.example/backchannel-logout',
  }),
  guest('hazel', 'Hazel', { isPkceRequired: false }),
  guest('juniper', 'Juniper', {
    authMethod: 'private_key_jwt',
    secretHash: undefined,
    jwksUri: 'https://juniper.example/jwks',
    isPushRequired: true,
    isDpopBound: true,
  }),
  guest('maple', 'Maple', {
    needsConsent: true,
    policyUri: 'https://maple.example/policy',
    backchannelLogoutUri: 'https://maple.example/backchannel-logout',
    resources: [SITE_A, SITE_B],
  }),
  guest('larch', 'Larch', {
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['notes', 'orders'],
    resources: [SITE_A, SITE_B],
  }),
]
