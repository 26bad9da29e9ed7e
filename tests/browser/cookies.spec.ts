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
