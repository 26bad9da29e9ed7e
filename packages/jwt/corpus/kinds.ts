import { ALDER, accessClaims, ISSUER, idClaims, logoutClaims, NOON_SECONDS } from '../src/issuer.fixture.ts'
import type { KindName, KindRules } from './shape.ts'

export const CLIENT = 'ledger'

const asymmetric = { issuer: ISSUER, algorithms: ['ES256', 'RS256', 'Ed25519', 'EdDSA'] }
const common = ['iss', 'iat', 'exp']

export const RULES: Record<KindName, KindRules> = {
  'access token': {
    ...asymmetric,
    typ: 'at+jwt',
    audience: ALDER,
    maxAgeSeconds: 900,
    claims: [...common, 'sub', 'aud', 'client_id', 'jti'],
  },
  'ID token': {
    ...asymmetric,
    typ: 'JWT',
    typMayBeAbsent: true,
    audience: ALDER,
    maxAgeSeconds: 86_400,
    claims: [...common, 'sub', 'aud'],
  },
  'ID token hint': {
    ...asymmetric,
    typ: 'JWT',
    typMayBeAbsent: true,
    audience: ALDER,
    maxAgeSeconds: 31_622_400,
    mayBeExpired: true,
    claims: [...common, 'sub', 'aud'],
  },
  'logout token': {
    ...asymmetric,
    typ: 'logout+jwt',
    audience: ALDER,
    maxAgeSeconds: 300,
    claims: [...common, 'aud', 'jti', 'events'],
  },
  'status list': {
    ...asymmetric,
    typ: 'statuslist+jwt',
    maxAgeSeconds: 86_400,
    claims: [...common, 'sub', 'status_list'],
  },
  'action token': {
    issuer: ISSUER,
    typ: 'action+jwt',
    algorithms: ['HS256'],
    audience: ALDER,
    maxAgeSeconds: 86_400,
    claims: [...common, 'aud', 'jti', 'act'],
  },
  'client assertion': {
    issuer: CLIENT,
    typ: 'client-authentication+jwt',
    algorithms: ['ES256'],
    audience: ISSUER,
    maxAgeSeconds: 300,
    claims: [...common, 'sub', 'aud', 'jti'],
  },
}

const OWN_CLAIMS: Record<KindName, object> = {
  'access token': accessClaims,
  'ID token': idClaims,
  'ID token hint': idClaims,
  'logout token': logoutClaims,
  'status list': {
    iss: ISSUER,
    sub: `${ISSUER}/status/0`,
    ttl: 5,
    status_list: { bits: 1, lst: 'eNpjYAAAAAEAAQ' },
  },
  'action token': { iss: ISSUER, aud: ALDER, jti: 'action-1', act: 'login', bound: 'browser-1' },
  'client assertion': { iss: CLIENT, sub: CLIENT, aud: ISSUER, jti: 'assertion-1' },
}

/** The claims of a good token of this kind. */
export function claimsOf(kind: KindName): Record<string, unknown> {
  return { ...OWN_CLAIMS[kind], iat: NOON_SECONDS, exp: NOON_SECONDS + 300 }
}
