import { randomBytes } from 'node:crypto'
import type { Profile, UserSchema } from './user.ts'

/** What a site has to know. Nothing is guessed, and no address is ever taken from a request. */
export interface SiteOptions<T = Profile> {
  /** The public origin of this site: its cookies, its redirect URIs, and the audience of its tokens. */
  siteUrl: string
  /** The public name of the provider: the `iss` that is checked. */
  issuer: string
  /** Where this server reaches the provider, when the public name does not resolve here. Only the origin is replaced. */
  issuerInternalUrl?: string
  clientId: string
  clientSecret: string
  /** Key ring for the cookies, newest first: the first seals, all open. 32 characters or more each. */
  secrets: string[]
  /** Default: `openid profile email offline_access notes`. */
  scope?: string
  /** What people call this site; shown on the kit's own pages. Default: its host name. */
  siteName?: string
  /**
   * Where your people can read about the codes on the kit's pages: the public address of your copy of docs/errors.md. The code is added as
   * `#code`. Without it a page says cause and remedy, and the code is there to be told.
   */
  errorsUrl?: string
  /**
   * `optional` for a provider whose logout tokens carry no `typ`, which Back-Channel Logout 1.0 §2.4 only recommends. Default:
   * `required`. One that names another kind of token is refused either way.
   */
  logoutTokenType?: 'required' | 'optional'
  /** Origins of static front ends whose pages may call the APIs, with a token and never with a cookie. Default: none. */
  allowedOrigins?: string[]
  /** How far the clocks of this server and of the provider may be apart, in seconds: 10, and 60 at most. */
  clockToleranceSeconds?: number
  /** What this site needs to know of a person, and its type in `session.user`. Default: the standard claims of `Profile`, each optional. */
  user?: UserSchema<T>
  /** Records traces, as the environment's `OTEL_EXPORTER_OTLP_ENDPOINT` and its siblings say. Default: no, and nothing for it is loaded. */
  hasTraces?: boolean
  fetch?: typeof fetch
  now?: () => Date
}

/** Options that have been checked. Only `trustOptions` makes them. */
export type TrustedOptions = SiteOptions<unknown> &
  Required<Pick<SiteOptions, 'scope' | 'siteName' | 'allowedOrigins' | 'clockToleranceSeconds'>>

/** What an API has to know that nobody logs in to. */
export type ApiOptions = Pick<
  SiteOptions,
  'siteUrl' | 'issuer' | 'issuerInternalUrl' | 'allowedOrigins' | 'clockToleranceSeconds' | 'fetch' | 'now'
>

/** One sentence: which setting, what it means, an example. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const DEFAULT_SCOPE = 'openid profile email offline_access notes'
const SHORTEST_SECRET = 32

/** @throws SettingsError for the first option that cannot be right */
export function trustOptions(options: SiteOptions<unknown>): TrustedOptions {
  const site = trustAddress('SITE_URL', options.siteUrl, 'https://shop.example')
  if (site.href !== `${site.origin}/`) {
    throw new SettingsError('SITE_URL must be an origin without a path, for example https://shop.example')
  }
  trustAddress('ISSUER', options.issuer, 'https://auth.example')
  // Between the containers of one machine plain http is usual, and every token is verified however it came.
  const internal = options.issuerInternalUrl
  if (internal !== undefined && !/^https?:$/.test(protocolOf(internal))) {
    throw new SettingsError(
      `ISSUER_INTERNAL_URL must be an address, for example http://auth:4000; it is "${internal}"`,
    )
  }
  if (options.errorsUrl !== undefined && !/^https?:$/.test(protocolOf(options.errorsUrl)))
    throw new SettingsError(
      `errorsUrl must be an address, for example https://docs.example/errors; it is "${options.errorsUrl}"`,
    )
  if (!options.clientId)
    throw new SettingsError('CLIENT_ID is empty: the name of this site at the provider, for example alder')
  const tolerance = options.clockToleranceSeconds ?? 10
  if (!(tolerance >= 0 && tolerance <= 60))
    throw new SettingsError(`clockToleranceSeconds must be 0 to 60, for example 30; it is ${tolerance}`)
  const allowedOrigins = options.allowedOrigins ?? []
  for (const origin of allowedOrigins) trustOrigin(origin, site)
  if (options.secrets.length === 0) throw new SettingsError('SESSION_SECRET is empty: it seals the cookies')
  trustSecret('CLIENT_SECRET', options.clientSecret)
  for (const secret of options.secrets) trustSecret('SESSION_SECRET', secret)
  return {
    ...options,
    siteUrl: site.origin,
    scope: options.scope ?? DEFAULT_SCOPE,
    siteName: options.siteName ?? site.hostname,
    allowedOrigins,
    clockToleranceSeconds: tolerance,
  }
}

/** It is known by its address, and what it would seal or prove itself with is of no use to anybody. */
export function withoutLogin(options: ApiOptions): SiteOptions {
  const unused = randomBytes(SHORTEST_SECRET).toString('base64url')
  return { ...options, clientId: options.siteUrl, clientSecret: unused, secrets: [unused] }
}

/** Whether the name can only mean this machine, so that plain http gives nothing away. */
export function isLoopback({ hostname }: URL): boolean {
  return (
    hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.0\.0\.1|\[::1\])$/.test(hostname)
  )
}

const protocolOf = (text: string) => (URL.canParse(text) ? new URL(text).protocol : '')

function trustAddress(name: string, text: string, example: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)))
  if (!isSafe || url.username || url.search || url.hash) {
    throw new SettingsError(
      `${name} must be an https address (http only for localhost names), for example ${example}; it is "${text}"`,
    )
  }
  return url
}

// Compared with what a browser writes, so it is written as a browser does: no path, no wildcard, no `null`.
function trustOrigin(text: string, site: URL): void {
  const { origin } = trustAddress('ALLOWED_ORIGINS', text, 'https://app.example')
  if (origin !== text || text.includes('*'))
    throw new SettingsError(
      `ALLOWED_ORIGINS has "${text}": write each origin alone, for example https://app.example`,
    )
  if (origin === site.origin)
    throw new SettingsError(
      `ALLOWED_ORIGINS is for other origins than SITE_URL, for example https://app.example: leave ${origin} out`,
    )
}

function trustSecret(name: string, secret: string): void {
  if (secret.length >= SHORTEST_SECRET) return
  throw new SettingsError(
    `${name} must be at least ${SHORTEST_SECRET} characters of chance, for example the output of: openssl rand -base64 33`,
  )
}
