import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './people.ts'

const SESSION_LIMIT_BYTES = 1.3 * 1024
const SITE_LIMIT_BYTES = 3 * 1024

test('the cookies of a site are few, small and shut (pain 13)', async ({ alice, siteA, siteB }) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  for (const site of [siteA, siteB]) {
    const cookies = await alice.context.cookies(site.origin)
    const session = cookies.find(({ name }) => name === '__Host-session')
    expect(`${session?.name}=${session?.value}`.length, site.name).toBeLessThan(SESSION_LIMIT_BYTES)
    for (const cookie of cookies) {
      expect(cookie, `${cookie.name} at ${site.name}`).toMatchObject({
        httpOnly: true,
        secure: true,
        sameSite: 'Lax',
        path: '/',
      })
      expect(cookie.name).toMatch(/^__Host-/)
      expect(cookie.domain, 'for this host alone').toBe(new URL(site.origin).hostname)
    }
  }
})

test('with logins left open beside a session, all cookies of a site stay under 3 KiB (pain 8)', async ({
  alice,
  siteA,
  root,
}) => {
  await alice.logsInAt(siteA)
  for (let login = 0; login < 7; login++) {
    // Auth asks for the password again, and Alice walks away from it.
    await alice.visits(siteA.at(`/sso/login?max_age=0&returnTo=/orders/A-${login}`))
    await expect(root.loginForm).toBeVisible()
  }
  const cookies = await alice.context.cookies(siteA.origin)
  const open = cookies.filter(({ name }) => name.startsWith('__Host-login.'))
  expect(open.length, 'the oldest are dropped').toBe(5)
  expect((await alice.cookiesFor(siteA)).length).toBeLessThan(SITE_LIMIT_BYTES)
})

test('CK-1 a whole life of a login needs no cookie of a third party, and no frame', async ({
  alice,
  siteA,
  siteB,
}) => {
  const frames: string[] = []
  alice.page.on('frameattached', (frame) => frames.push(frame.url()))
  const asked: { from: string; to: string; isVisit: boolean; headers: Promise<Record<string, string>> }[] = []
  alice.page.on('request', (request) => {
    const isVisit = request.isNavigationRequest() && request.frame() === alice.page.mainFrame()
    // Of the last ones nobody is told: the page was left meanwhile, or the story is over.
    const headers = request.allHeaders().catch((): Record<string, string> => ({}))
    asked.push({ from: alice.page.url(), to: request.url(), isVisit, headers })
  })
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  await expect(siteB.greeting).toBeVisible()
  await alice.signsOutEverywhereAt(siteB)
  await alice.visits(siteA.home)
  await expect(siteA.signIn).toBeVisible()

  const withCookie: string[] = []
  for (const { from, to, isVisit, headers } of asked) {
    const { cookie } = await headers
    if (!cookie) continue
    withCookie.push(to)
    expect(isVisit || new URL(from).hostname === new URL(to).hostname, `${from} asked for ${to}`).toBe(true)
  }
  for (const site of [siteA, siteB]) expect(withCookie.some((to) => to.startsWith(site.origin))).toBe(true)
  expect(frames).toEqual([])
})

test('CK-7 a cookie that was planted from a sub-domain is nobody’s session, also when ours was pushed out', async ({
  alice,
  bob,
  siteA,
}) => {
  await bob.logsInAt(siteA)
  const his = (await bob.context.cookies(siteA.origin)).find(({ name }) => name === '__Host-session')
  await alice.logsInAt(siteA)

  const { hostname, port, protocol } = new URL(siteA.origin)
  const below = `${protocol}//evil.${hostname}:${port}/`
  await alice.page.route(below, (route) => route.fulfill({ contentType: 'text/html', body: '<p>Evil</p>' }))
  await alice.visits(below)
  const plants = async (names: string[], value: string) =>
    await alice.page.evaluate(
      ({ names, value, domain }) => {
        // biome-ignore lint/suspicious/noDocumentCookie: planting it is what the story is about
        for (const name of names) document.cookie = `${name}=${value}; Domain=${domain}; Path=/; Secure`
      },
      { names, value, domain: hostname },
    )
  const values = async () => (await alice.context.cookies(siteA.origin)).map(({ value }) => value)
  await plants(['planted'], 'a sub-domain may do that')
  expect(await values()).toContain('a sub-domain may do that')
  await plants(['__Host-session', '__Host-checked', '__HOST-session'], his?.value ?? '')
  expect(await values()).not.toContain(his?.value)
  await plants(
    Array.from({ length: 300 }, (_, n) => `flood${n}`),
    'x',
  )
  await plants(['__Host-session'], his?.value ?? '')
  expect(await values()).not.toContain(his?.value)

  await alice.visits(siteA.home)
  await expect(siteA.greeting.or(siteA.signIn)).toBeVisible()
  await expect(alice.page.locator('body')).not.toContainText('Bob')
})

test('the cookie of auth is as shut as theirs', async ({ alice, siteA, root }) => {
  await alice.logsInAt(siteA)
  const cookies = await alice.context.cookies(root.origin)
  expect(cookies.map(({ name }) => name)).toContain('__Host-sso')
  for (const cookie of cookies) {
    expect(cookie, cookie.name).toMatchObject({
      httpOnly: true,
      secure: true,
      path: '/',
      domain: 'auth.localhost',
    })
  }
})

test('F-62 a browser with more cookies than auth reads can clear them, and signs in', async ({
  alice,
  siteA,
  root,
}) => {
  const planted = Array.from({ length: 20 }, (_, n) => ({
    name: `planted${n}`,
    value: 'x'.repeat(1_500),
    url: root.origin,
  }))
  await alice.context.addCookies(planted)
  await alice.visits(siteA.orders)
  await expect(root.errorCode).toBeVisible()
  await expect(alice.page).toHaveTitle(/Too many cookies/)
  const { violations } = await new AxeBuilder({ page: alice.page }).analyze()
  expect(violations).toEqual([])
  await alice.page.getByRole('button', { name: 'Clear the cookies' }).click()
  await expect(alice.page).toHaveURL(root.home)
  expect(await alice.context.cookies(root.origin)).toEqual([])
  await alice.logsInAt(siteA)
})
