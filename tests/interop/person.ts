import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { ALICE } from './world.ts'

/** Somebody's browser: a jar for each origin, every redirect followed, forms filled in as their pages ask. */
export class Person {
  /** Where the last navigation ended, and what is shown there. */
  address = ''
  page = ''
  /** Every address of the last navigation. */
  trail: string[] = []
  readonly #jars = new Map<string, Map<string, string>>()

  async goesTo(address: string, form?: URLSearchParams): Promise<this> {
    this.trail = []
    let next: { address: string; form?: URLSearchParams | undefined } = { address, form }
    for (let hop = 0; hop < 20; hop++) {
      const { location, page } = await this.#navigates(next.address, next.form)
      if (!location) {
        this.page = page
        return this
      }
      next = { address: new URL(location, next.address).href }
    }
    throw new Error(`a loop: ${this.trail.slice(-4).join(' → ')}`)
  }

  /** Sends the form of this page, with its hidden fields and these. */
  async submits(fields: Record<string, string>): Promise<this> {
    const [, attributes = '', inside = ''] = /<form([^>]*)>(.*?)<\/form>/s.exec(this.page) ?? []
    const [, action = ''] = /action="([^"]*)"/.exec(attributes) ?? []
    if (!action) throw new Error(`there is no form at ${this.address}: ${this.page.slice(0, 400)}`)
    const hidden = [...inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
    const body = new URLSearchParams(hidden.map(([, name = '', value = '']) => [name, plain(value)]))
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    return await this.posts(plain(action), body)
  }

  /** As a form of the page where the person is. */
  async posts(action: string, body: URLSearchParams | Record<string, string>): Promise<this> {
    return await this.goesTo(new URL(action, this.address).href, new URLSearchParams(body))
  }

  /** Fills in the provider's login form. */
  async logsIn(): Promise<this> {
    return await this.submits({ ...ALICE, intent: 'sign-in' })
  }

  cookie(origin: string, name: string): string | undefined {
    return this.#jar(origin).get(name)
  }

  #jar(origin: string): Map<string, string> {
    const jar = this.#jars.get(origin) ?? new Map<string, string>()
    this.#jars.set(origin, jar)
    return jar
  }

  async #navigates(address: string, form?: URLSearchParams): Promise<Answer> {
    this.trail.push(address)
    this.address = address
    const jar = this.#jar(new URL(address).origin)
    const answer = await ask(address, form, [...jar].map((pair) => pair.join('=')).join('; '))
    for (const line of answer.cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const isGone = /max-age=0(;|$)|expires=\w+, 01 jan 1970/i.test(line)
      if (isGone) jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }
}

interface Answer {
  location: string | undefined
  cookies: string[]
  page: string
}

/** By node:http, because fetch lets no program say that it navigates. */
function ask(address: string, form: URLSearchParams | undefined, cookie: string): Promise<Answer> {
  const headers = {
    ...(cookie && { cookie }),
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    ...(form && { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }),
  }
  return new Promise((resolve, reject) => {
    const asked = request(address, { method: form ? 'POST' : 'GET', headers }, async (response) => {
      const { location, 'set-cookie': cookies = [] } = response.headers
      resolve({ location, cookies, page: await text(response) })
    })
    asked.once('error', reject).end(form?.toString())
  })
}

function plain(text: string): string {
  const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => characters[name] ?? '')
}
