import {
  CLIENTS,
  credentials,
  openProvider,
  type Person,
  type Provider,
  SITE_A,
  SITE_B,
  secretOf,
} from '@grove/auth/testing'
import { createHonoSite, type HonoSite } from '@grove/site/hono'
import { forgetSites } from '@grove/site/testing'
import { Hono } from 'hono'

export { SITE_A, SITE_B }

const NAMES = { alder: 'Alder', birch: 'Birch' }
const ADDRESSES = { alder: SITE_A, birch: SITE_B }

/** The real provider and two sites made of the real kit, in this process: between them there is only `fetch`. */
export interface World {
  provider: Provider
  /** Reaches all three by their public addresses. */
  fetch: typeof fetch
  /** What the sites asked of the provider, such as `POST /token`. */
  asked: string[]
  /** As if the provider's process were gone. */
  isProviderDown: boolean
  /** The provider does what this asks of it, such as `POST /token`, but its next answer is lost on the way. */
  losesAnswerTo: string | undefined
  /** New processes of both sites, which remember nothing. */
  restartSites(): void
  close(): Promise<void>
}

export async function openWorld(): Promise<World> {
  const provider = await openProvider({ clients: CLIENTS })
  const sites = new Map<string, Hono>()

  const world: World = {
    provider,
    asked: [],
    isProviderDown: false,
    losesAnswerTo: undefined,
    restartSites() {
      forgetSites()
      for (const id of ['alder', 'birch'] as const) sites.set(ADDRESSES[id], pagesOf(id, siteOf(world, id)))
    },
    async fetch(input, init) {
      const request = new Request(input, init)
      const { origin, pathname } = new URL(request.url)
      const site = sites.get(origin)
      if (site) return await site.fetch(request)
      if (world.isProviderDown) throw new TypeError('fetch failed')
      const ask = `${request.method} ${pathname}`
      world.asked.push(ask)
      const answer = await provider.fetch(request)
      if (ask !== world.losesAnswerTo) return answer
      world.losesAnswerTo = undefined
      throw new TypeError('fetch failed')
    },
    async close() {
      forgetSites()
      await provider.close()
    },
  }
  world.restartSites()
  provider.answerPost = async (uri, logoutToken) => {
    const response = await world.fetch(uri, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: logoutToken }),
    })
    return response.ok ? undefined : `it answered ${response.status}`
  }
  return world
}

function siteOf({ provider, fetch }: World, id: 'alder' | 'birch'): HonoSite {
  return createHonoSite({
    siteUrl: ADDRESSES[id],
    issuer: provider.issuer,
    clientId: id,
    clientSecret: secretOf(id),
    secrets: [`the session secret of ${id}, long enough`],
    siteName: NAMES[id],
    fetch,
    now: provider.auth.now,
  })
}

function pagesOf(id: 'alder' | 'birch', sso: HonoSite): Hono {
  const app = new Hono()
  app.use(sso.arrive)
  app.route('/', sso.routes)
  app.get('/', async (c) => c.text(`${NAMES[id]}: ${(await sso.session(c))?.user.name ?? 'nobody'}`))
  app.get('/private', sso.requireSession(), async (c) =>
    c.text(`private: ${(await sso.session(c))?.user.name}`),
  )
  app.get('/important', sso.requireSession({ maxAge: 300 }), (c) => c.text('important'))
  app.get('/why', async (c) => c.text(`signed in via ${(await sso.session(c))?.signedInVia}`))
  app.get('/api/me', sso.requireBearer(), (c) => c.json({ sub: c.get('bearer').user.id }))
  return app
}

/** A person's browser on all three origins: a cookie jar for each, and every redirect followed. */
export class Browser {
  readonly jars = new Map<string, Map<string, string>>()
  /** Every address of the last navigation. */
  trail: string[] = []
  /** Where it ended. */
  address = ''
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  jar(origin: string): Map<string, string> {
    const jar = this.jars.get(origin) ?? new Map<string, string>()
    this.jars.set(origin, jar)
    return jar
  }

  /** One request, as a person's navigation. */
  async request(address: string, init: RequestInit = {}): Promise<Response> {
    const { origin } = new URL(address)
    const cookie = [...this.jar(origin)].map((pair) => pair.join('=')).join('; ')
    const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const headers = {
      ...navigation,
      ...(cookie && { cookie }),
      ...Object.fromEntries(new Headers(init.headers)),
    }
    const response = await this.#world.fetch(address, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) this.#keep(origin, line)
    return response
  }

  /** Goes there and follows every redirect, twenty at most. */
  async goTo(address: string, init?: RequestInit): Promise<Response> {
    this.trail = []
    let next = { address, init }
    for (let hop = 0; hop < 20; hop += 1) {
      this.trail.push(next.address)
      this.address = next.address
      const response = await this.request(next.address, next.init)
      const location = response.headers.get('location')
      if (!location) return response
      next = { address: new URL(location, next.address).href, init: undefined }
    }
    throw new Error(`a loop: ${this.trail.slice(-4).join(' → ')}`)
  }

  async reads(address: string): Promise<string> {
    return await (await this.goTo(address)).text()
  }

  /** Starts the login at a site and types the password; ends where the person wanted to go. */
  async logsInAt(site: string, returnTo = '/', person: Person = 'alice'): Promise<Response> {
    const page = await this.goTo(`${site}/sso/login?returnTo=${encodeURIComponent(returnTo)}`)
    return await this.submitsLogin(await page.text(), person)
  }

  async submitsLogin(html: string, person: Person = 'alice'): Promise<Response> {
    const action = unescaped(/<form [^>]*action="([^"]*)"/.exec(html)?.[1] ?? '')
    const token = /name="form_token" value="([^"]*)"/.exec(html)?.[1] ?? ''
    return await this.goTo(new URL(action, this.#world.provider.issuer).href, {
      method: 'POST',
      body: new URLSearchParams({ ...credentials(person), form_token: token }),
      headers: { origin: this.#world.provider.issuer },
    })
  }

  async signsOut(site: string, scope: 'site' | 'everywhere'): Promise<Response> {
    return await this.goTo(`${site}/sso/logout`, {
      method: 'POST',
      body: new URLSearchParams({ scope }),
      headers: { origin: site },
    })
  }

  /** The marker lapses: the next navigation runs what `proxy.ts` runs. */
  lapses(site: string): void {
    this.jar(site).delete('__Host-checked')
  }

  #keep(origin: string, line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/max-age=0(;|$)/i.test(line)) this.jar(origin).delete(name)
    else this.jar(origin).set(name, value)
  }
}

const unescaped = (text: string) => text.replaceAll('&amp;', '&')
