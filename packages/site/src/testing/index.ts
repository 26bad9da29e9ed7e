import { createPrivateKey, sign } from 'node:crypto'
import {
  AccessToken,
  type AccessTokenClaims,
  createSealer,
  defineToken,
  encodeStatusList,
  generateKey,
  IdToken,
  importPrivateKey,
  issue,
  LOGOUT_EVENT,
  LogoutToken,
  StatusListToken,
} from '@grove/jwt'
import { sessionCookie } from '../cookies.ts'
import { SESSION_PURPOSE } from '../kit.ts'
import type { SiteOptions } from '../options.ts'
import type { SealedSession } from '../session.ts'
import type { Profile } from '../user.ts'

export { forgetState as forgetSites } from '../state.ts'

/** A provider in memory: keys, discovery and status list behind a `fetch`, and sessions without a login. */
export interface TestIssuer {
  /** Give it to `createSite` as `fetch`. */
  fetch: typeof fetch
  /** A `Cookie` header with which the site of these options sees this person signed in. */
  signedIn<T = Profile>(
    options: SiteOptions<T>,
    user: T & { id: string },
    claims?: Partial<AccessTokenClaims>,
  ): Promise<string>
  /** An access token for this site, as another site or a program would send it. */
  accessToken(options: SiteOptions<unknown>, claims?: Partial<AccessTokenClaims>): Promise<string>
  idToken(options: SiteOptions<unknown>, claims: Record<string, unknown> & { sub: string }): Promise<string>
  logoutToken(options: SiteOptions<unknown>, about: { sid?: string; sub?: string }): Promise<string>
  /** Signs anything, as a provider with a fault would. */
  sign(typ: string, claims: Record<string, unknown>): Promise<string>
  /**
   * Signs any header and any claims, whatever is wrong with them. A member that is `undefined` is left out; without `alg: 'none'` the
   * signature is genuine.
   */
  forge(header: Record<string, unknown>, claims: Record<string, unknown>): string
  /** From now on another key signs, and no other is published. */
  rotateKey(): Promise<void>
  /** Further keys that are published, none of which signs. */
  readonly otherKeys: Record<string, unknown>[]
  /** Sets the bit of a grant (`status.status_list.idx`) in the next status list. */
  revoke(index: number): void
  /** Answers a path by other means, for example `/token`, or in place of what is here. */
  answer(path: string, respond: (request: Request) => Response | Promise<Response>): void
}

const LIFETIME_SECONDS = 300
const PLACES = 1024

export async function createTestIssuer({
  issuer,
  now = () => new Date(),
}: {
  issuer: string
  now?: () => Date
}): Promise<TestIssuer> {
  let { publicJwk, privateJwk } = await generateKey('ES256')
  let key = await importPrivateKey(privateJwk, 'ES256')
  const otherKeys: Record<string, unknown>[] = []
  const revoked = new Set<number>()
  const uri = `${issuer}/status/0`
  const signing = (lifetimeSeconds: number) => ({ key, lifetimeSeconds, now: now() })
  const id = () => crypto.randomUUID()

  const answers = new Map<string, (request: Request) => Response | Promise<Response>>([
    ['/.well-known/openid-configuration', () => Response.json(discoveryOf(issuer))],
    ['/jwks', () => Response.json({ keys: [...otherKeys, publicJwk] })],
    [
      '/status/0',
      async () => {
        const status_list = { bits: 1, lst: await encodeStatusList(revoked, PLACES) }
        const token = await issue(
          StatusListToken,
          { iss: issuer, sub: uri, ttl: 5, status_list },
          signing(3600),
        )
        return new Response(token, { headers: { 'content-type': 'application/statuslist+jwt' } })
      },
    ],
  ])

  async function accessToken(
    options: SiteOptions<unknown>,
    claims: Partial<AccessTokenClaims> = {},
  ): Promise<string> {
    const usual = {
      iss: issuer,
      sub: 'alice',
      aud: [options.siteUrl],
      client_id: options.clientId,
      scope: options.scope ?? 'openid profile email notes',
      sid: id(),
      auth_time: Math.floor(now().getTime() / 1000),
      jti: id(),
      status: { status_list: { idx: 0, uri } },
    }
    return await issue(AccessToken, { ...usual, ...claims }, signing(LIFETIME_SECONDS))
  }

  return {
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const respond = answers.get(new URL(request.url).pathname)
      return (await respond?.(request)) ?? new Response(null, { status: 404 })
    },
    async signedIn(options, user, claims) {
      const sealed: SealedSession = {
        accessToken: await accessToken(options, { sub: user.id, ...claims }),
        refreshToken: `${id()}.0.${id()}`,
        user,
        startedAt: Math.floor(now().getTime() / 1000),
        signedInAt: claims?.auth_time ?? Math.floor(now().getTime() / 1000),
      }
      const sealer = createSealer({ secrets: options.secrets, purpose: SESSION_PURPOSE, compress: true })
      return sessionCookie(await sealer.seal(sealed))
        .split(';', 1)
        .join()
    },
    accessToken,
    async idToken(options, claims) {
      return await issue(
        IdToken,
        { iss: issuer, aud: options.clientId, ...claims },
        signing(LIFETIME_SECONDS),
      )
    },
    async logoutToken(options, about) {
      const claims = {
        iss: issuer,
        aud: options.clientId,
        jti: id(),
        events: { [LOGOUT_EVENT]: {} },
        ...about,
      }
      return await issue(LogoutToken, claims, signing(120))
    },
    async sign(typ, claims) {
      const kind = defineToken({ name: 'token', typ, hasAudience: false, maxAgeSeconds: 300, says: {} })
      return await issue(kind, { iss: issuer, ...claims }, signing(LIFETIME_SECONDS))
    },
    forge(header, claims) {
      const whole = { alg: 'ES256', kid: key.kid, typ: 'JWT', ...header }
      const input = [whole, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.')
      if (whole.alg === 'none') return `${input}.`
      const signer = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' })
      const signature = sign('sha256', Buffer.from(input), { key: signer, dsaEncoding: 'ieee-p1363' })
      return `${input}.${signature.toString('base64url')}`
    },
    async rotateKey() {
      const fresh = await generateKey('ES256')
      ;({ publicJwk, privateJwk } = fresh)
      key = await importPrivateKey(privateJwk, 'ES256')
    },
    otherKeys,
    revoke: (index) => void revoked.add(index),
    answer: (path, respond) => void answers.set(path, respond),
  }
}

const discoveryOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  revocation_endpoint: `${issuer}/revoke`,
  end_session_endpoint: `${issuer}/logout`,
  jwks_uri: `${issuer}/jwks`,
  id_token_signing_alg_values_supported: ['ES256'],
  authorization_response_iss_parameter_supported: true,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
})
