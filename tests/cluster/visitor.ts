import { ISSUER } from '@grove/auth/testing'
import { emailOf, PASSWORD } from './cluster.ts'

const MOST_HOPS = 20

/** A person's browser at several origins: a cookie jar for each, and every redirect followed, as far as a browser does. */
export class Visitor {
  readonly jars = new Map<string, Map<string, string>>()
  /** Every address of the last navigation. */
  trail: string[] = []
  readonly #reach: typeof fetch

  constructor(reach: typeof fetch) {
    this.#reach = reach
  }

  jar(origin: string): Map<string, string> {
    const jar = this.jars.get(origin) ?? new Map<string, string>()
    this.jars.set(origin, jar)
    return jar
  }

  /** One request, as a person's navigation. */
  async request(address: string, init: RequestInit = {}): Promise<Response> {
    const jar = this.jar(new URL(address).origin)
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
    const response = await this.#reach(address, {
      ...init,
      headers: {
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        ...(cookie && { cookie }),
        ...Object.fromEntries(new Headers(init.headers)),
      },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0(;|$)/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }

  /**
   * Goes there and follows every redirect. `before` is told of each address first.
   * @throws Error for a circle
   */
  async goTo(
    address: string,
    init?: RequestInit,
    before: (address: string) => void = () => {},
  ): Promise<Response> {
    this.trail = []
    let next = { address, init }
    while (this.trail.length < MOST_HOPS) {
      this.trail.push(next.address)
      before(next.address)
      const response = await this.request(next.address, next.init)
      const location = response.headers.get('location')
      if (!location) return response
      await response.body?.cancel()
      next = { address: new URL(location, next.address).href, init: undefined }
    }
    const paths = this.trail.slice(-4).map((address) => new URL(address).pathname)
    throw new Error(`too many redirects: ${paths.join(' → ')}`)
  }

  /** Starts the login at a site and types the password where that is asked; ends where the person wanted to go. */
  async logsInAt(site: string, person = 0, returnTo = '/'): Promise<Response> {
    const page = await this.goTo(`${site}/sso/login?returnTo=${encodeURIComponent(returnTo)}`)
    if (!this.trail.at(-1)?.startsWith(ISSUER)) return page
    return await this.typesPassword(await page.text(), person)
  }

  async typesPassword(html: string, person = 0, before?: (address: string) => void): Promise<Response> {
    const [, action = ''] = /<form [^>]*action="([^"]*)"/.exec(html) ?? []
    const [, token = ''] = /name="form_token" value="([^"]*)"/.exec(html) ?? []
    const typed = { email: emailOf(person), password: PASSWORD, intent: 'sign-in', form_token: token }
    const sent = { method: 'POST', body: new URLSearchParams(typed), headers: { origin: ISSUER } }
    return await this.goTo(new URL(action.replaceAll('&amp;', '&'), ISSUER).href, sent, before)
  }

  signsOutAt(site: string): Promise<Response> {
    const body = new URLSearchParams({ scope: 'everywhere' })
    return this.goTo(`${site}/sso/logout`, { method: 'POST', body, headers: { origin: site } })
  }

  /** The marker lapses: the next navigation looks at the session anew. */
  lapses(site: string): void {
    this.jar(site).delete('__Host-checked')
  }
}

/** The code of a page of the kit that says what went wrong. */
export function codeOn(html: string): string {
  return /id="error-code">([^<]*)</.exec(html)?.[1] ?? 'no code'
}
