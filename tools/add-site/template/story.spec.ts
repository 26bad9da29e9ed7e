import { objectionsTo } from './looks.ts'
import { expect, test } from './people.ts'

const here = '__NAME__'

test(`${here} knows on arrival who signed in at Alder`, async ({ alice, siteA, root, addedSite }) => {
  const site = addedSite(here)
  await alice.logsInAt(siteA)

  await alice.visits(site.home)
  await expect(site.greeting).toHaveText('Hello Alice')
  await expect(site.why).toContainText('Alder')
  await expect(root.loginForm).toHaveCount(0)
})

test(`${here}: a page for people who are signed in asks, and the login ends there`, async ({
  alice,
  siteB,
  addedSite,
}) => {
  const site = addedSite(here)
  await alice.visits(site.at('/inside'))
  await alice.typesPassword()
  await expect(alice.page).toHaveURL(site.at('/inside'))
  await expect(site.account).toContainText('Alice')

  await alice.visits(siteB.home)
  await expect(siteB.greeting).toHaveText('Hello Alice')
})

test(`signing out everywhere at ${here} is everywhere`, async ({ alice, siteA, siteB, addedSite }) => {
  const site = addedSite(here)
  await alice.logsInAt(siteA)
  const tab = await alice.opensAnotherTab()
  await tab.visits(site.home)
  await tab.signsOutEverywhereAt(site)

  alice.looks()
  await expect(siteA.account).toHaveCount(0, { timeout: 2000 })
  await alice.visits(siteB.home)
  await expect(siteB.signIn).toBeVisible()
})

test(`${here} hears within two seconds of a sign-out at Birch`, async ({ alice, siteB, addedSite }) => {
  const site = addedSite(here)
  await alice.logsInAt(site)
  const tab = await alice.opensAnotherTab()
  await tab.visits(siteB.home)
  await tab.signsOutEverywhereAt(siteB)

  alice.looks()
  await expect(site.account).toHaveCount(0, { timeout: 2000 })
  await alice.visits(site.home)
  await expect(site.signIn).toBeVisible()
})

for (const { screen, colorScheme, viewport } of [
  { screen: 'phone', colorScheme: 'dark', viewport: { width: 360, height: 740 } },
  { screen: 'desktop', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
] as const) {
  test(`axe finds nothing on any page of ${here}, ${colorScheme}, on a ${screen}`, async ({
    alice,
    addedSite,
  }) => {
    const site = addedSite(here)
    await alice.page.setViewportSize(viewport)
    await alice.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const objections: string[] = []
    const visit = async (name: string, address: string) => {
      await alice.visits(address)
      objections.push(...(await objectionsTo(alice, `${screen}, ${here} ${name}, ${colorScheme}`)))
    }
    await visit('home, a stranger', site.home)
    await visit('no such page', site.at('/nowhere'))
    await alice.logsInAt(site)
    await visit('home', site.home)
    await visit('inside', site.at('/inside'))
    await visit('session', site.session)
    expect(objections).toEqual([])
  })
}
