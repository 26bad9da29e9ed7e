import type { Locator, Page } from '@playwright/test'
import type { Addresses } from './servers.ts'

/** The tab that somebody acted in last: what a story looks at, it looks at there. And where the three are found. */
export interface Stage {
  page: Page
  readonly addresses: Addresses
  readonly portsFrom: number
}

class Place {
  readonly origin: string
  protected readonly stage: Stage

  constructor(origin: string, stage: Stage) {
    this.origin = origin
    this.stage = stage
  }

  get home(): string {
    return this.at('/')
  }

  at(path: string): string {
    return `${this.origin}${path}`
  }

  protected see(selector: string): Locator {
    return this.stage.page.locator(selector)
  }
}

/** What every site has. */
export class Site extends Place {
  readonly name: string
  /** Where the story's own requests, without a browser, reach it. */
  readonly internalUrl: string

  constructor(name: string, origin: string, port: number, stage: Stage) {
    super(origin, stage)
    this.name = name
    this.internalUrl = `http://127.0.0.1:${port}`
  }

  get session() {
    return this.at('/session')
  }
  get signIn() {
    return this.see('a#sign-in')
  }
  get account() {
    return this.see('#account')
  }
  get greeting() {
    return this.see('#greeting')
  }
  get why() {
    return this.see('#why')
  }
  get claims() {
    return this.see('#claims')
  }
  get signOutHere() {
    return this.see('#sign-out-site')
  }
  get signOutEverywhere() {
    return this.see('#sign-out-everywhere')
  }

  /** Who the API says the caller is, by cookie or by bearer token. */
  me(headers: Record<string, string>): Promise<Response> {
    return fetch(`${this.internalUrl}/api/me`, { headers, redirect: 'manual' })
  }
}

export class Alder extends Site {
  constructor(stage: Stage) {
    super('Alder', stage.addresses.alder, stage.portsFrom + 1, stage)
  }
  get orders() {
    return this.at('/orders')
  }
  get address() {
    return this.at('/orders/address')
  }
  get presentAddress() {
    return this.see('#present-address')
  }
  get changeAddress() {
    return this.see('#change-address')
  }
  get book() {
    return this.at('/notes-book')
  }
  get proof() {
    return this.see('#proof')
  }
  get bookMessage() {
    return this.see('#book-message')
  }
  get notesFromBirch() {
    return this.see('#birch-notes')
  }
  get linkToBirch() {
    return this.see(`a[href^="${this.stage.addresses.birch}"]`).first()
  }
}

export class Birch extends Site {
  constructor(stage: Stage) {
    super('Birch', stage.addresses.birch, stage.portsFrom + 2, stage)
  }
  get notes() {
    return this.at('/notes')
  }
  get book() {
    return this.see('input[name="book"]')
  }
  get text() {
    return this.see('textarea[name="text"]')
  }
  get keep() {
    return this.see('form:has(textarea[name="text"]) button[type="submit"]')
  }
}

/** The auth app. */
export class Root extends Place {
  constructor(stage: Stage) {
    super(stage.addresses.issuer, stage)
  }
  get loginForm() {
    return this.see('#login-form')
  }
  get email() {
    return this.see('#email')
  }
  get password() {
    return this.see('#password')
  }
  get signIn() {
    return this.see('#login-form #sign-in')
  }
  get errorCode() {
    return this.see('#error-code')
  }
  get confirmLogout() {
    return this.see('#confirm-logout')
  }
}
