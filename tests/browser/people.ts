import { type BrowserContext, test as base, expect, type Page, type Request } from '@playwright/test'
import { addedSites } from './added-sites.ts'
import { Alder, Birch, Root, Site, type Stage } from './places.ts'
import { ReplicatedGrove } from './replicated.ts'
import { Grove } from './servers.ts'

export { expect }

interface Account {
  email: string
  password: string
}
const ALICE: Account = { email: 'alice@example.com', password: 'wonderland-1865' }
const BOB: Account = { email: 'bob@example.com', password: 'yes-we-can-1999' }

/** Somebody at a browser of their own. After each verb, what the sites show is what this person sees. */
export class Person {
  readonly account: Account
  readonly context: BrowserContext
  readonly page: Page
  /** Every address the tab has been to, redirects included, oldest first. */
  readonly journey: Request[] = []
  private readonly root: Root
  private readonly stage: Stage

  constructor(account: Account, page: Page, stage: Stage) {
    this.account = account
    this.page = page
    this.context = page.context()
    this.stage = stage
    this.root = new Root(stage)
    page.on('request', (request) => {
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) this.journey.push(request)
    })
  }

  /** Looks at this tab again. */
  looks(): void {
    this.stage.page = this.page
  }

  async visits(address: string): Promise<number> {
    this.looks()
    // A page that shows a logout elsewhere goes to another one by itself, and may do so at this very moment.
    const response = await this.page.goto(address).catch((error) => {
      if (!`${error}`.includes('interrupted by another navigation')) throw error
      return this.page.goto(address)
    })
    return response?.status() ?? 0
  }

  async typesPassword(): Promise<void> {
    this.looks()
    await this.root.email.fill(this.account.email)
    await this.root.password.fill(this.account.password)
    await this.root.signIn.click()
  }

  async logsInAt(site: Site): Promise<void> {
    await this.visits(site.home)
    await site.signIn.click()
    await this.typesPassword()
    await expect(site.greeting).toBeVisible()
  }

  async signsOutOf(site: Site): Promise<void> {
    await this.visits(site.session)
    await site.signOutHere.click()
    await expect(site.signIn).toBeVisible()
  }

  /** Auth asks once more where it cannot be sure that the person meant it. */
  async signsOutEverywhereAt(site: Site): Promise<void> {
    await this.visits(site.session)
    await site.signOutEverywhere.click()
    await expect(this.root.confirmLogout.or(site.signIn)).toBeVisible()
    if (await this.root.confirmLogout.isVisible()) await this.root.confirmLogout.click()
    await expect(site.account).toHaveCount(0)
  }

  async goesBack(): Promise<void> {
    this.looks()
    await this.page.goBack()
  }

  /** The same person, the same cookies, one more tab. */
  async opensAnotherTab(): Promise<Person> {
    return new Person(this.account, await this.context.newPage(), this.stage)
  }

  /** The cookies this browser would send to a site, as the text of the header. */
  async cookiesFor(site: Site): Promise<string> {
    const cookies = await this.context.cookies(site.origin)
    return cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  }
}

interface Story {
  alice: Person
  bob: Person
  siteA: Alder
  siteB: Birch
  /** A site that `pnpm add-site` wrote, by its client id. */
  addedSite: (clientId: string) => Site
  root: Root
  stage: Stage
}

/** Once for all stories that a process of Playwright plays. */
export interface House {
  grove: Grove
  /** The stories begin that long ago, so that time can have passed without anybody waiting. */
  bornSecondsAgo: number
  /** Houses that stand at the same time have ports of their own. */
  portsFrom: number | undefined
  /** The shape of production: TLS, three domains, two processes of each app, PostgreSQL. */
  isReplicated: boolean
}

export const test = base.extend<Story, House>({
  bornSecondsAgo: [0, { option: true, scope: 'worker' }],
  portsFrom: [undefined, { option: true, scope: 'worker' }],
  isReplicated: [false, { option: true, scope: 'worker' }],
  grove: [
    async ({ bornSecondsAgo, portsFrom, isReplicated }, use) => {
      const grove = isReplicated ? new ReplicatedGrove() : new Grove(portsFrom)
      try {
        await grove.starts(-bornSecondsAgo)
        await use(grove)
      } finally {
        await grove.stops()
        grove.removesItsFiles()
      }
    },
    { scope: 'worker', auto: true, timeout: 120_000 },
  ],
  launchOptions: [
    async ({ launchOptions, grove }, use) =>
      use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...grove.browserArguments] }),
    { scope: 'worker' },
  ],
  stage: async ({ page, grove: { addresses, portsFrom } }, use) => use({ page, addresses, portsFrom }),
  alice: async ({ page, stage }, use) => use(new Person(ALICE, page, stage)),
  bob: async ({ browser, stage }, use) => {
    const context = await browser.newContext()
    await use(new Person(BOB, await context.newPage(), stage))
    await context.close()
  },
  siteA: async ({ stage }, use) => use(new Alder(stage)),
  siteB: async ({ stage }, use) => use(new Birch(stage)),
  addedSite: async ({ stage }, use) =>
    use((clientId) => {
      const site = addedSites().find((added) => added.clientId === clientId)
      if (!site) throw new Error(`There is no added site "${clientId}".`)
      return new Site(site.title, site.address, site.port, stage)
    }),
  root: async ({ stage }, use) => use(new Root(stage)),
})
