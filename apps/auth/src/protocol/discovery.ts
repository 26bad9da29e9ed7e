import { DPOP_ALGORITHMS } from '@grove/jwt'
import { SUPPORTED_CLAIMS } from '../domain/claims.ts'
import { CLIENT_AUTH_METHODS, type ClientRegistry, GRANT_TYPES, RESPONSE_MODES } from '../domain/clients.ts'
import { SIGNING_ALGORITHMS } from '../domain/keyring.ts'
import { PASSWORD_ACR } from '../domain/tokens.ts'
import { PROMPTS } from './authorize.checks.ts'
import { ASSERTION_ALGORITHMS } from './client-auth.assertion.ts'

// RFC 9126 §5. A client that has no codes to get is not asked.
function everybodyPushes(clients: ClientRegistry): boolean {
  const withCodes = clients.all().filter(({ grantTypes }) => grantTypes.includes('authorization_code'))
  return withCodes.length > 0 && withCodes.every(({ isPushRequired }) => isPushRequired)
}

/** What this server can do, in the words of OpenID Connect Discovery 1.0 §3 and RFC 8414 §2. Nothing that does not work stands here. */
export function discovery(issuer: string, clients: ClientRegistry): Record<string, unknown> {
  const at = (path: string) => `${issuer}${path}`
  return {
    issuer,
    authorization_endpoint: at('/authorize'),
    token_endpoint: at('/token'),
    userinfo_endpoint: at('/userinfo'),
    jwks_uri: at('/jwks'),
    end_session_endpoint: at('/logout'),
    revocation_endpoint: at('/revoke'),
    introspection_endpoint: at('/introspect'),
    pushed_authorization_request_endpoint: at('/par'),
    scopes_supported: [...new Set(['openid', ...clients.all().flatMap(({ scopes }) => scopes)])],
    response_types_supported: ['code'],
    response_modes_supported: RESPONSE_MODES,
    grant_types_supported: GRANT_TYPES,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
    token_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    introspection_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS.filter((method) => method !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    code_challenge_methods_supported: ['S256'],
    prompt_values_supported: PROMPTS,
    acr_values_supported: [PASSWORD_ACR],
    claims_supported: SUPPORTED_CLAIMS,
    ui_locales_supported: ['en'],
    claims_parameter_supported: true,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    require_pushed_authorization_requests: everybodyPushes(clients),
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  }
}
