import type { BlockList } from 'node:net'
import { createVerifier, type KeySource, localKeys, type Verifier } from '@grove/jwt'
import type { Tracer } from '@grove/traces'
import { trustedProxies } from './domain/addresses.ts'
import { deliverLogouts, endSession, type PostLogoutToken } from './domain/back-channel.ts'
import { createClientKeys } from './domain/client-keys.ts'
import { type Client, type ClientRegistry, clientsAreNobody, createClientRegistry } from './domain/clients.ts'
import { type Codes, createCodes } from './domain/codes.ts'
import { createDpopNonces, type DpopNonces } from './domain/dpop-nonces.ts'
import { createFormTokens, type FormTokens } from './domain/form-tokens.ts'
import { type Keyring, openKeyring, SIGNING_ALGORITHMS } from './domain/keyring.ts'
import { createKnownBrowsers, type KnownBrowsers } from './domain/known-browsers.ts'
import { createPushedRequests, type PushedRequests } from './domain/pushed-requests.ts'
import { createRateLimits, NO_RATE_LIMITS, type RateLimits } from './domain/rate-limits.ts'
import { createRefreshTokens, type RefreshTokens } from './domain/refresh-tokens.ts'
import { createStatusLists, type StatusLists } from './domain/status-list.ts'
import type { Store } from './domain/store.ts'
import type { Telemetry } from './domain/telemetry.ts'
import { createTokenIssuer, type TokenIssuer } from './domain/tokens.ts'

/** The provider's rules, put together over a store: what every route works with. */
export interface Auth {
  issuer: string
  store: Store
  clients: ClientRegistry
  keyring: Keyring
  codes: Codes
  pushedRequests: PushedRequests
  refreshTokens: RefreshTokens
  tokens: TokenIssuer
  formTokens: FormTokens
  statusLists: StatusLists
  /** Reads back the access tokens that this server issued. */
  ownTokens: Verifier
  hintVerifier(clientId: string): Verifier
  clientKeys(client: Client): KeySource
  dpopNonces: DpopNonces
  limits: RateLimits
  knownBrowsers: KnownBrowsers
  /** Proxies whose word about an address counts. */
  trusted: BlockList
  telemetry: Telemetry
  /** Only where traces are wanted. */
  tracer: Tracer | undefined
  /** Who may read what was counted. */
  metrics: 'open' | 'closed' | { token: string }
  /** Browsers are told to come over https alone. */
  hasStrictTransport: boolean
  /** Ends a session and tells the sites; returns once they were told, or after a short while. */
  endSession(sessionId: string): Promise<void>
  /** Posts the logouts that are owed; returns once that is done, or after a short while. */
  tellSites(): Promise<void>
  deliverLogouts(): Promise<void>
  /** Shown on the login page in development; empty in production. */
  demoAccounts: readonly { email: string; password: string }[]
  /** Whether people may make accounts for themselves. */
  isRegistrationOpen: boolean
  now(): Date
}

export interface AuthOptions {
  issuer: string
  secrets: string[]
  store: Store
  clients: readonly Client[]
  post: PostLogoutToken
  /** Reaches the key sets of clients. */
  fetch: typeof fetch
  telemetry: Telemetry
  tracer?: Tracer | undefined
  hasRateLimits: boolean
  trustedProxies?: readonly string[]
  metrics?: Auth['metrics']
  hasStrictTransport?: boolean
  demoAccounts?: readonly { email: string; password: string }[]
  isRegistrationOpen?: boolean
  now?: () => Date
}

// A person who signs out waits for slow sites no longer than this; the rest is told in the background.
const WAIT_FOR_SITES_MS = 700

/** @throws Error if the stored signing keys do not open with these secrets, or a client has the id of an account */
export async function createAuth({
  issuer,
  secrets,
  store,
  post,
  demoAccounts = [],
  isRegistrationOpen = false,
  now = () => new Date(),
  ...options
}: AuthOptions): Promise<Auth> {
  const clients = createClientRegistry(options.clients)
  await clientsAreNobody(clients, store.accounts)
  const keyring = await openKeyring(store.keys, secrets, now())
  const refreshTokens = createRefreshTokens(secrets)
  const tokens = createTokenIssuer({ issuer, keyring, refreshTokens, clients })
  const keys = localKeys(keyring.publicJwks)
  // Whether a grant lives is looked up in the database here, by whoever acts on its token.
  const trust = { issuer, algorithms: SIGNING_ALGORITHMS, keys, status: 'unchecked' as const, now }
  const verifierFor = (audience: string) => createVerifier({ ...trust, audience })
  const hintVerifiers = new Map(clients.all().map(({ id }) => [id, verifierFor(id)]))
  const deliver = () => deliverLogouts({ store, clients, tokens, post }, now)

  async function tellSites(): Promise<void> {
    const told = deliver().catch(() => {}) // recorded with the delivery; the job tries again
    await Promise.race([told, new Promise((resolve) => setTimeout(resolve, WAIT_FOR_SITES_MS).unref())])
  }

  return {
    issuer,
    store,
    clients,
    keyring,
    refreshTokens,
    tokens,
    codes: createCodes(secrets),
    pushedRequests: createPushedRequests(secrets),
    formTokens: await createFormTokens({ issuer, secrets, used: store.usedTokens, now }),
    statusLists: createStatusLists(issuer, store.grants, keyring),
    ownTokens: verifierFor(issuer),
    hintVerifier: (clientId) => hintVerifiers.get(clientId) ?? verifierFor(clientId),
    clientKeys: createClientKeys({ fetch: options.fetch, now }),
    dpopNonces: createDpopNonces(secrets),
    limits: options.hasRateLimits ? createRateLimits(store.rateLimits, options.telemetry) : NO_RATE_LIMITS,
    knownBrowsers: createKnownBrowsers(secrets),
    trusted: trustedProxies(options.trustedProxies ?? []),
    telemetry: options.telemetry,
    tracer: options.tracer,
    metrics: options.metrics ?? 'closed',
    hasStrictTransport: options.hasStrictTransport ?? false,
    deliverLogouts: deliver,
    async endSession(sessionId) {
      await endSession(store, clients, sessionId, now())
      await tellSites()
    },
    tellSites,
    demoAccounts,
    isRegistrationOpen,
    now,
  }
}
