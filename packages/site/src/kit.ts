import {
  createSealer,
  createStatusLists,
  createVerifier,
  type KeySource,
  KeysUnavailableError,
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
  /** Of access tokens that are meant for this site. */
  accessTokens: Verifier
  /** Of tokens that are meant for this client: logout tokens. */
  clientTokens: Verifier
  sessions: Sealer
  logins: Sealer
}

export const SESSION_PURPOSE = 'site-session'

/** @throws SettingsError */
export function createKit(given: SiteOptions): Kit {
  const options = trustOptions(given)
  const { issuer, clientId, secrets, now = () => new Date() } = options
  const provider = createProvider(options)
  // RFC 8725 §3.1: one algorithm. It is what the provider signs access, logout and status list tokens with.
  const trust = { issuer, algorithms: ['ES256'] as const, keys: keysOf(provider, now), now }
  const accessTokens = createVerifier({ ...trust, audience: options.siteUrl })
  return {
    options,
    now,
    provider,
    accessTokens,
    clientTokens: createVerifier({ ...trust, audience: clientId }),
    // Compressed: nothing that an attacker chooses lies beside a secret whose length he could measure many times.
    sessions: createSealer({ secrets, purpose: SESSION_PURPOSE, compress: true }),
    logins: createSealer({ secrets, purpose: 'site-login' }),
    state: stateOf(clientId, issuer, () => ({
      opened: new Map(),
      flights: new Map(),
      ended: new Map(),
      spentLogins: memoryReplayStore({ now }),
      spentLogoutTokens: memoryReplayStore({ now }),
      lists: createStatusLists({ issuer, verifier: accessTokens, fetch: provider.fetch, now }),
      listeners: new Set(),
      timer: undefined,
      closesOnSigterm: false,
    })),
  }
}

/** The keys at the address that discovery names. */
function keysOf(provider: Provider, now: () => Date): KeySource {
  let source: KeySource | undefined
  async function find(wanted: Parameters<KeySource['find']>[0]): Promise<CryptoKey[]> {
    if (!source) {
      const configuration = await provider.configuration().catch((cause: unknown) => {
        throw new KeysUnavailableError('the provider cannot be asked for its keys', { cause })
      })
      const url = configuration.serverMetadata().jwks_uri
      if (!url) throw new KeysUnavailableError('discovery names no keys')
      source ??= remoteKeys({ url, fetch: provider.fetch, now })
    }
    return await source.find(wanted)
  }
  return {
    find,
    get revision() {
      return source?.revision ?? 0
    },
  }
}
