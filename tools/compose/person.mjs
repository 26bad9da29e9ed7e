// Somebody at a browser that trusts the gateway's own authority.
import { createHash, X509Certificate } from 'node:crypto'
import { createRequire } from 'node:module'
import { presentBrowser } from '../browser.mjs'

const stories = new URL('../../tests/browser/package.json', import.meta.url)
const PATIENCE_MS = 40_000

/** A browser that takes certificates of this authority: its key is allowed, and every other one is refused as ever. */
export async function opensBrowser(intermediate) {
  const { chromium } = createRequire(stories)('@playwright/test')
  const key = new X509Certificate(intermediate).publicKey.export({ type: 'spki', format: 'der' })
  const allowed = createHash('sha256').update(key).digest('base64')
  const isRoot = process.getuid?.() === 0
  return await chromium.launch({
    executablePath: presentBrowser(),
    args: [`--ignore-certificate-errors-spki-list=${allowed}`, '--disable-background-networking'],
    chromiumSandbox: !isRoot && !process.env.CI,
  })
}

/** Somebody new at Grove. */
export class Person {
  constructor(page) {
    this.page = page
    page.setDefaultTimeout(PATIENCE_MS)
  }

  /** Makes an account on the way to a site, signs in with it, and is back there. */
  async registersAt(site) {
    await this.page.goto(site)
    await this.page.click('a#sign-in')
    await this.page.click('#register')
    await this.page.fill('#name', 'Ada Byron')
    await this.page.fill('#email', 'ada@example.com')
    await this.page.fill('#password', 'difference-engine-no-2')
    await this.page.click('#create-account')
    await this.page.fill('#login-form #password', 'difference-engine-no-2')
    await this.page.click('#login-form #sign-in')
    await this.page.waitForURL((url) => url.origin === site)
    return await this.greeting()
  }

  /** Goes there, and reads who the site says that this is. */
  async arrivesAt(site) {
    await this.page.goto(site)
    return await this.greeting()
  }

  /** The page that she has before her, as text. */
  async looksAt() {
    return `${this.page.url()}\n${await this.page.locator('body').textContent()}`
  }

  async greeting() {
    return (await this.page.locator('#greeting').textContent()).trim()
  }

  async isNobodyAt(site) {
    await this.page.goto(site)
    await this.page.locator('a#sign-in').waitFor()
    return (await this.page.locator('#account').count()) === 0
  }

  async keepsNote(birch, text) {
    await this.page.goto(`${birch}/notes`)
    await this.page.fill('input[name="book"]', 'Sketch of the Analytical Engine')
    await this.page.fill('textarea[name="text"]', text)
    await this.page.click('form:has(textarea[name="text"]) button[type="submit"]')
    await this.page.getByText(text).waitFor()
  }

  async signsOutOf(site) {
    await this.page.goto(`${site}/session`)
    await this.page.click('#sign-out-site')
    await this.page.locator('a#sign-in').waitFor()
  }

  async signsInAgainAt(site) {
    await this.page.goto(site)
    await this.page.click('a#sign-in')
    await this.page.waitForURL((url) => url.origin === site)
    return await this.greeting()
  }

  async signsOutEverywhereAt(site) {
    await this.page.goto(`${site}/session`)
    await this.page.click('#sign-out-everywhere')
    const confirm = this.page.locator('#confirm-logout')
    await confirm.or(this.page.locator('a#sign-in')).first().waitFor()
    if (await confirm.isVisible()) await confirm.click()
    await this.page.locator('a#sign-in').waitFor()
  }
}
