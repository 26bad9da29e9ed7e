import type { Page } from '@playwright/test'
import { objectionsTo } from './looks.ts'
import { expect, type Person, test } from './people.ts'
import { Server } from './processes.ts'
import { ALDER, BIRCH, CATKIN, ISSUER } from './servers.ts'

const catkin = new Server({
  name: 'static-spa',
  folder: 'examples/static-spa',
  args: ['serve.mjs'],
  port: 4100,
  readyAt: '/',
  env: { PORT: '4100' },
})
test.beforeAll(() => catkin.starts())
test.afterAll(() => catkin.stops())

const greeting = (page: Page) => page.getByRole('heading', { level: 1 })
const signIn = (page: Page) => page.getByRole('button', { name: 'Sign in with Grove' })

async function arrivesSignedIn(person: Person): Promise<void> {
  await person.visits(CATKIN)
  await expect(greeting(person.page)).toHaveText('Hello Alice')
}

/** Where the tab has been, with what was asked and without values. */
const pathsOf = ({ journey }: Person) =>
  journey.map((request) => {
    const { origin, pathname, searchParams } = new URL(request.url())
    const asked = ['prompt', 'code', 'error'].filter((name) => searchParams.has(name))
    return `${origin}${pathname} ${asked.join()}`.trim()
  })

test('who is signed in at Alder is known on arrival, and both APIs answer to one token', async ({
  alice,
  siteA,
}) => {
  await alice.logsInAt(siteA)
  alice.journey.length = 0
  await arrivesSignedIn(alice)
  expect(pathsOf(alice)).toEqual([`${CATKIN}/`, `${ISSUER}/authorize prompt`, `${CATKIN}/ code`])
  expect(alice.page.url(), 'no code stays in the address').toBe(`${CATKIN}/`)
  await expect(alice.page.locator('#alder')).toContainText('acc_alice')
  await expect(alice.page.locator('#birch')).toContainText('Middlemarch')
  await expect(alice.page.locator('#claim-aud')).toHaveText(`${ALDER} and ${BIRCH}`)
})

test('a stranger is asked about once, silently; a click signs in; signing out is everywhere', async ({
  alice,
  siteA,
  root,
}) => {
  await alice.visits(CATKIN)
  await expect(signIn(alice.page)).toBeVisible()
  await expect(alice.page, 'no answer stays in the address').toHaveURL(`${CATKIN}/`)
  expect(pathsOf(alice)).toEqual([`${CATKIN}/`, `${ISSUER}/authorize prompt`, `${CATKIN}/ error`])
  await alice.page.reload()
  await expect(signIn(alice.page)).toBeVisible()
  expect(pathsOf(alice).slice(3), 'nobody is asked again').toEqual([`${CATKIN}/`])

  await signIn(alice.page).click()
  await alice.typesPassword()
  await expect(greeting(alice.page)).toHaveText('Hello Alice')
  await alice.page.reload()
  await expect(greeting(alice.page), 'the token was in memory, and Grove gives another').toHaveText(
    'Hello Alice',
  )

  await alice.page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(signIn(alice.page).or(root.confirmLogout)).toBeVisible()
  await expect(signIn(alice.page)).toBeVisible()
  expect(alice.page.url()).toBe(`${CATKIN}/`)
  await alice.visits(siteA.home)
  await expect(siteA.signIn).toBeVisible()
})

test('the token is in memory alone, and its key cannot be taken out', async ({ alice, siteA }) => {
  await alice.logsInAt(siteA)
  await alice.page.addInitScript(() => {
    const made: boolean[] = []
    const { generateKey } = SubtleCrypto.prototype
    Object.assign(window, { made })
    SubtleCrypto.prototype.generateKey = async function (
      this: SubtleCrypto,
      ...args: Parameters<typeof generateKey>
    ) {
      made.push(args[1])
      return await generateKey.apply(this, args)
    } as typeof generateKey // its overloads
  })
  await arrivesSignedIn(alice)
  const kept = await alice.page.evaluate(async () => ({
    extractable: (window as unknown as { made: boolean[] }).made, // set above
    stored: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    databases: await indexedDB.databases(),
    cookies: document.cookie,
  }))
  expect(kept).toEqual({ extractable: [false], stored: '[{},{}]', databases: [], cookies: '' })
  expect(await alice.context.cookies(CATKIN)).toEqual([])
})

test('PO-2 PO-3 PO-4 what is copied from a call opens nothing', async ({ alice, siteA }) => {
  await alice.logsInAt(siteA)
  const calls: Promise<Record<string, string>>[] = []
  alice.page.on('request', (request) => {
    if (request.url() === `${ALDER}/api/me` && request.method() === 'GET') calls.push(request.allHeaders())
  })
  await arrivesSignedIn(alice)
  await expect(alice.page.locator('#alder')).toContainText('acc_alice')
  const { authorization = '', dpop = '' } = (await calls[0]) ?? {}
  expect(authorization).toMatch(/^DPoP eyJ/)
  expect(dpop).toMatch(/^eyJ/)
  const copies: Record<string, string>[] = [
    { authorization },
    { authorization: authorization.replace('DPoP', 'Bearer') },
    { authorization, dpop },
  ]
  for (const stolen of copies) expect((await siteA.me(stolen)).status).toBe(401)
})

test('BF-5 no other page may call, and no page with a cookie', async ({ alice, siteA }) => {
  await alice.logsInAt(siteA)
  await arrivesSignedIn(alice)
  const reads = (init: RequestInit) =>
    alice.page.evaluate(
      ([address, options]) =>
        fetch(address, options).then(
          ({ status }) => status,
          () => 'kept from it',
        ),
      [`${ALDER}/api/me`, init] as const,
    )
  expect(await reads({})).toBe(401)
  expect(await reads({ headers: { authorization: 'Bearer x' } }), 'a preflight is answered').toBe(401)
  expect(await reads({ credentials: 'include' })).toBe('kept from it')
  // The same page at an address that is on no list.
  await alice.visits(`${catkin.internalUrl}/?state=nobody`)
  await expect(signIn(alice.page)).toBeVisible()
  expect(await reads({})).toBe('kept from it')
  expect(await reads({ headers: { authorization: 'Bearer x' } })).toBe('kept from it')
})

test('a session that ends elsewhere: the next call is refused, and the page says so', async ({
  alice,
  siteB,
}) => {
  await alice.logsInAt(siteB)
  await alice.page.route(`${BIRCH}/api/notes`, (route) => route.abort())
  await arrivesSignedIn(alice)
  const birch = alice.page.locator('#birch')
  await expect(birch.getByRole('alert')).toContainText('It does not answer just now.')
  await expect(alice.page.locator('#alder'), 'one that fails leaves the other alone').toContainText(
    'acc_alice',
  )
  await alice.page.unroute(`${BIRCH}/api/notes`)
  const tab = await alice.opensAnotherTab()
  await tab.signsOutEverywhereAt(siteB)
  await birch.getByRole('button', { name: 'Try again' }).click()
  await expect(birch.getByRole('alert')).toContainText('Your session has ended somewhere else.')
  await birch.getByRole('button', { name: 'Sign in' }).click()
  await alice.typesPassword()
  await expect(greeting(alice.page)).toHaveText('Hello Alice')
})

test('the policy: no inline script or style, three servers by name, and the page breaks none of it', async ({
  alice,
  siteA,
}) => {
  const broken: string[] = []
  // That a proof has to repeat a nonce is said with a 400, which the console shows, and no fault.
  const isFault = (text: string) => !/the server responded with a status of 400/.test(text)
  alice.page.on('console', (message) => {
    if (message.type() === 'error' && isFault(message.text())) broken.push(message.text())
  })
  alice.page.on('pageerror', (error) => broken.push(error.message))
  await alice.logsInAt(siteA)
  broken.length = 0
  await arrivesSignedIn(alice)
  await expect(alice.page.locator('#birch')).toContainText('Middlemarch')
  expect(broken).toEqual([])
  const policy = await alice.page.locator('meta[http-equiv]').getAttribute('content')
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /)
  expect(policy).toContain(`connect-src ${ISSUER} ${ALDER} ${BIRCH};`)
  expect(policy).not.toMatch(/unsafe|\*/)
  const { headers, status } = await fetch(`${catkin.internalUrl}/`)
  expect([status, headers.get('content-security-policy')]).toEqual([200, "frame-ancestors 'none'"])
  expect(headers.get('set-cookie')).toBeNull()
  for (const path of ['/../package.json', '/serve.mjs', '/constructor', '/%2e%2e/package.json'])
    expect((await fetch(catkin.internalUrl + path)).status, path).toBe(404)
})

for (const { colorScheme, width } of [
  { colorScheme: 'dark', width: 360 },
  { colorScheme: 'light', width: 1280 },
] as const) {
  test(`axe finds nothing, ${colorScheme}, ${width} px wide`, async ({ alice, siteA }) => {
    await alice.page.setViewportSize({ width, height: 800 })
    await alice.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const look = async (name: string) =>
      expect(await objectionsTo(alice, `catkin ${name} ${colorScheme}`)).toEqual([])
    await alice.visits(CATKIN)
    await expect(signIn(alice.page)).toBeVisible()
    await look('nobody')
    await alice.logsInAt(siteA)
    await alice.visits(CATKIN)
    await signIn(alice.page).click()
    await expect(alice.page.locator('#birch')).toContainText('Middlemarch')
    await look('somebody')
    await alice.page.route(`${ISSUER}/**`, (route) => route.abort())
    await alice.page.reload()
    await expect(alice.page.getByRole('alert')).toBeVisible()
    await look('trouble')
  })
}
