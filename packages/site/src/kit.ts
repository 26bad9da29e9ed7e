import {
  createSealer,
  createStatusLists,
  createVerifier,
  memoryReplayStore,
  remoteKeys,
  type Sealer,
  type Verifier,
} from '@grove/jwt'
import { type SiteOptions, type TrustedOptions, trustOptions } from './options.ts'
import { createProvider, type Provider } from './provider.ts'
import { type State, stateOf } from './state.ts'

/** What every endpoint of a site works with. */
export interface Kit {
  options: TrustedOptions
  now: () => Date
  state: State
  provider: Provider
  /** Of access tokens that callers bring. */
  bearerTokens: Verifier
  /** Of access tokens that the provider gave us this moment. Each request looks up afterwards whether they still hold. */
  ownTokens: Verifier
  /** Of ID tokens: RS256 is what providers sign them with unless they are told otherwise (OpenID Connect Core 1.0 §3.1.3.7, 7). */
  idTokens: Verifier
  /** Of what the provider says to this client: logout tokens, status lists. */
  clientTokens: Verifier
  sessions: Sealer
  logins: Sealer
  forms: Sealer
}

export const SESSION_PURPOSE = 'site-session'

/** @throws SettingsError */
export function createKit(given: SiteOptions<unknown>): Kit {
  const options = trustOptions(given)
  const {
    issuer,
    clientId,
    secrets,
    now = () => new Date(),
    clockToleranceSeconds: toleranceSeconds,
  } = options
  const provider = createProvider(options)
  // The internal address may be plain http, so TLS vouches for nothing: every signature is checked, that of the ID token as well.
  // RFC 8725 §3.1: one algorithm. It is what the provider signs access, logout and status list tokens with.
  const keys = remoteKeys({ url: () => keysUrl(provider), fetch: provider.fetch, now })
  const trust = {
    issuer,
    algorithms: ['ES256'] as const,
    keys,
    status: 'unchecked' as const,
    now,
    toleranceSeconds,
  }
  const clientTokens = createVerifier({ ...trust, audience: clientId })
  const state = stateOf(clientId, issuer, () => ({
    opened: new Map(),
    flights: new Map(),
    ended: new Map(),
    spentLogins: new Set(),
    spentLogoutTokens: memoryReplayStore({ now }),
    spentProofs: memoryReplayStore({ now }),
    lists: createStatusLists({ issuer, verifier: clientTokens, fetch: provider.fetch, now }),
    slowAt: 0,
    listeners: new Set(),
    timer: undefined,
    closesOnSigterm: false,
  }))
  return {
    options,
    now,
    provider,
    state,
    clientTokens,
    idTokens: createVerifier({
      ...trust,
      algorithms: ['ES256', 'RS256'],
      audience: clientId,
      mostRemembered: 0,
    }),
    bearerTokens: createVerifier({ ...trust, audience: options.siteUrl, status: state.lists }),
    ownTokens: createVerifier({ ...trust, audience: options.siteUrl, mostRemembered: 0 }),
    // Compressed: nothing that an attacker chooses lies beside a secret whose length he could measure many times.
    sessions: createSealer({ secrets, purpose: SESSION_PURPOSE, compress: true }),
    logins: createSealer({ secrets, purpose: 'site-login' }),
    // Compressed too: one person typed all of it, and there is no secret in it.
    forms: createSealer({ secrets, purpose: 'site-form', compress: true }),
  }
}

/** The address that discovery names. */
async function keysUrl(provider: Provider): Promise<string> {
  const url = (await provider.configuration()).serverMetadata().jwks_uri
  if (!url) throw new Error('discovery names no keys')
  return url
}
