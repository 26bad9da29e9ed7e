import { expect, test } from './people.ts'

test('while auth is down, people go on; when it is back, everything works without a restart', async ({
  alice,
  bob,
  siteA,
  siteB,
  root,
  grove,
}) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  await expect(siteB.greeting).toHaveText('Hello Alice')

  await test.step('auth ends: Alice goes on working at both sites', async () => {
    await grove.auth.stops()
    await alice.visits(siteA.orders)
    await expect(alice.page.getByText('A-2107').first()).toBeVisible()

    await alice.visits(siteB.notes)
    await siteB.book.fill('Walden')
    await siteB.text.fill('Written while the root was asleep.')
    await siteB.keep.click()
    await expect(alice.page.getByText('Written while the root was asleep.').first()).toBeVisible()
    for (const site of [siteA, siteB]) {
      expect((await site.me({ cookie: await alice.cookiesFor(site) })).status, site.name).toBe(200)
    }
  })

  await test.step('Bob, a visitor, sees the public page, and the login link leads to a plain page', async () => {
    expect(await bob.visits(siteA.home)).toBe(200)
    await expect(siteA.signIn).toBeVisible()
    bob.journey.length = 0
    await siteA.signIn.click()
    await bob.page.waitForLoadState()
    await expect(bob.page.getByRole('heading').first()).toBeVisible()
    expect(bob.page.url()).toMatch(/^http:/)
    expect(bob.journey.length, 'nothing goes round in circles').toBeLessThan(5)
  })

  await test.step('a page that needs a login says so plainly too', async () => {
    bob.journey.length = 0
    await bob.visits(siteB.notes)
    await expect(bob.page.getByRole('heading').first()).toBeVisible()
    expect(bob.journey.length, 'nothing goes round in circles').toBeLessThan(6)
  })

  await test.step('auth is back: Bob logs in, Alice is still there', async () => {
    await grove.auth.starts()
    // What a site has heard of auth is good for a second.
    await expect(async () => {
      await bob.visits(siteA.home)
      await siteA.signIn.click()
      await expect(root.loginForm).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 15_000 })
    await bob.typesPassword()
    await expect(siteA.greeting).toHaveText('Hello Bob')
    await bob.visits(siteB.home)
    await expect(siteB.greeting).toHaveText('Hello Bob')

    await alice.visits(siteA.home)
    await expect(siteA.greeting).toHaveText('Hello Alice')
    await alice.signsOutEverywhereAt(siteA)
    await alice.visits(siteB.home)
    await expect(siteB.signIn).toBeVisible()
  })
})
