import { createHash, randomUUID } from 'node:crypto'
import type { AccessTokenClaims } from '@grove/jwt'
import type { SiteOptions } from '../options.ts'
import { createSite, type Site } from '../site.ts'
import { createTestIssuer, type TestIssuer } from './index.ts'

// Only for the tests of this package: a provider that grants whatever a test decides, and a browser with a cookie jar.

export const ISSUER = 'http://auth.localhost:4000'
export const SITE_URL = 'http://shop.localhost:4001'
export const ALICE = {
  sub: '6f1c3f0a-5b0f-4a53-9d7a-3f0f8f7b2a11',
  name: 'Alice Liddell',
  given_name: 'Alice',
  family_name: 'Liddell',
  email: 'alice@example.com',
  email_verified: true,
  picture: 'https://example.com/people/alice.png',
  locale: 'en-GB',
}

export interface Grant {
  sid: string
  idx: number
  /** Where its tokens stand after its bit was set. Without it the bit means that the grant is over. */
  movesTo?: number
  generation: number
  access?: Partial<AccessTokenClaims>
  id?: Record<string, unknown>
  /** The ID token as a provider with a fault makes it, out of what it should say. */
  forgeId?: (claims: Record<string, unknown>, accessToken: string) => string | Promise<string>
}

export interface World {
  issuer: TestIssuer
  options: SiteOptions
  site: Site
  clock: { now: Date; forward(seconds: number): void }
  /** How often each path of the provider was asked. */
  asked(path: string): number
  /** The token endpoint answers this way next, before anything else. */
  breakToken(respond: (() => Response | Promise<Response>) | undefined): void
  /** As if the provider's process had ended. */
  setAway(isAway: boolean): void
  /** Plays the provider's part of a login: from the address of the authorization request to that of the callback. */
  approve(location: string | null, grant?: Partial<Grant>): string
  refuse(location: string | null, error: string): string
  browser(site?: Site): Browser
}

export async function createWorld(overrides: Partial<SiteOptions> = {}): Promise<World> {
  const clock = {
    now: new Date(Math.floor(Date.now() / 1000) * 1000),
    forward(seconds: number) {
      clock.now = new Date(clock.now.getTime() + seconds * 1000)
    },
  }
  const now = () => clock.now
  const plain = await createTestIssuer({ issuer: ISSUER, now })
  const revoked = new Set<number>()
  const issuer: TestIssuer = {
    ...plain,
    revoke(index) {
      revoked.add(index)
      plain.revoke(index)
    },
  }
  const counts = new Map<string, number>()
  const grants = new Map<string, Grant & { nonce: string | null; challenge: string | null }>()
  let isAway = false
  let broken: (() => Response | Promise<Response>) | undefined

  const options: SiteOptions = {
    siteUrl: SITE_URL,
    issuer: ISSUER,
    clientId: `shop-${randomUUID()}`, // a state of its own in this process
    clientSecret: 'a-client-secret-that-is-long-enough-to-be-one',
    secrets: ['a-session-secret-that-is-long-enough-to-be-one'],
    siteName: 'Shop',
    now,
    fetch: async (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input)
      counts.set(pathname, (counts.get(pathname) ?? 0) + 1)
      if (isAway) throw new TypeError('fetch failed')
      return await issuer.fetch(input, init)
    },
    ...overrides,
  }

  issuer.answer('/revoke', () => new Response(null, { status: 200 }))
  issuer.answer('/token', async (request) => {
    if (broken) return await broken()
    const form = new URLSearchParams(await request.text())
    const [id = '', generation = '0'] = (form.get('code') ?? form.get('refresh_token') ?? '').split('.')
    const grant = grants.get(id)
    const verifier = form.get('code_verifier')
    const isGood = verifier
      ? createHash('sha256').update(verifier).digest('base64url') === grant?.challenge
      : Number(generation) === grant?.generation || Number(generation) + 1 === grant?.generation
    const isOver = !verifier && grant && grant.movesTo === undefined && revoked.has(grant.idx)
    if (grant && revoked.has(grant.idx)) grant.idx = grant.movesTo ?? grant.idx
    if (!grant || !isGood || isOver) return Response.json({ error: 'invalid_grant' }, { status: 400 })
    if (!verifier && Number(generation) === grant.generation) grant.generation += 1
    const status = { status_list: { idx: grant.idx, uri: `${ISSUER}/status/0` } }
    const about = { sub: ALICE.sub, sid: grant.sid, status, ...grant.access }
    const nonce = verifier && grant.nonce ? { nonce: grant.nonce } : {}
    const auth_time = Math.floor(clock.now.getTime() / 1000) - 12
    const person = { ...ALICE, sid: grant.sid, auth_time, login_client: 'Alder', ...nonce, ...grant.id }
    const accessToken = await issuer.accessToken(options, { auth_time, ...about })
    const iat = Math.floor(clock.now.getTime() / 1000)
    const whole = { iss: ISSUER, aud: options.clientId, iat, exp: iat + 300, ...person }
    return Response.json({
      access_token: accessToken,
      refresh_token: `${id}.${grant.generation}.${createHash('sha256').update(id).digest('base64url').slice(0, 22)}`,
      id_token: (await grant.forgeId?.(whole, accessToken)) ?? (await issuer.idToken(options, person)),
      token_type: 'Bearer',
      expires_in: 300,
    })
  })

  const answer = (location: string | null, parameters: Record<string, string>): string => {
    const { searchParams } = new URL(location ?? '')
    const query = new URLSearchParams({ ...parameters, iss: ISSUER, state: searchParams.get('state') ?? '' })
    return `/sso/callback?${query}`
  }

  const site = createSite(options)
  return {
    issuer,
    options,
    site,
    clock,
    asked: (path) => counts.get(path) ?? 0,
    breakToken(respond) {
      broken = respond
    },
    setAway(value) {
      isAway = value
    },
    approve(location, grant = {}) {
      const { searchParams } = new URL(location ?? '')
      const id = randomUUID()
      const usual = { sid: randomUUID(), idx: 1, generation: 0 }
      const asked = { nonce: searchParams.get('nonce'), challenge: searchParams.get('code_challenge') }
      grants.set(id, { ...usual, ...asked, ...grant })
      return answer(location, { code: id })
    },
    refuse: (location, error) => answer(location, { error }),
    browser: (visited = site) => new Browser(visited),
  }
}

/** Keeps cookies as a browser does, and navigates like one. */
export class Browser {
  readonly cookies = new Map<string, string>()
  private readonly site: Pick<Site, 'handle'>

  constructor(site: Pick<Site, 'handle'>) {
    this.site = site
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Behind a proxy, the request never carries the public name. */
  request(path: string, { headers = {}, ...init }: RequestInit = {}): Request {
    const sent = new Headers({ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })
    if (this.cookies.size > 0) sent.set('cookie', this.cookieHeader)
    for (const [name, value] of new Headers(headers)) sent.set(name, value)
    return new Request(`http://localhost:3000${path}`, { ...init, headers: sent })
  }

  async visit(path: string, init?: RequestInit): Promise<Response> {
    const response = await this.site.handle(this.request(path, init))
    if (!response) throw new Error(`${path} is not a route of the kit`)
    this.take(response.headers.getSetCookie())
    return response
  }

  async post(
    path: string,
    fields: Record<string, string>,
    headers: HeadersInit = { origin: SITE_URL },
  ): Promise<Response> {
    return await this.visit(path, { method: 'POST', body: new URLSearchParams(fields), headers })
  }

  take(setCookies: string[]): void {
    for (const cookie of setCookies) {
      const [pair = ''] = cookie.split(';', 1)
      const [name = '', value = ''] = pair.split('=', 2)
      if (/Max-Age=0/.test(cookie)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
  }

  async signIn(world: World, grant: Partial<Grant> = {}, returnTo = '/'): Promise<Response> {
    const login = await this.visit(`/sso/login?${new URLSearchParams({ returnTo })}`)
    return await this.visit(world.approve(login.headers.get('location'), grant))
  }
}

export function named(cookies: string[], name: string): string | undefined {
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))
}

export function maxAge(cookie: string | undefined): number {
  return Number(/Max-Age=(\d+)/.exec(cookie ?? '')?.[1] ?? Number.NaN)
}

export async function errorCode(response: Response): Promise<string | undefined> {
  return /id="error-code">([^<]+)</.exec(await response.text())?.[1]
}
