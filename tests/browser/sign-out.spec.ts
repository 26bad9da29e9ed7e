import { expect, test } from './people.ts'

/** How long a site may still believe a token after its session has ended, when no push reached it. */
const STATUS_LIST_TTL_SECONDS = 5

test('signing out of this site leaves the other one alone (pain 4)', async ({ alice, siteA, siteB }) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  await alice.signsOutOf(siteB)

  await alice.visits(siteB.home)
  await expect(siteB.signIn, 'the next click does not undo it').toBeVisible()
  await alice.visits(siteA.home)
  await expect(siteA.greeting).toHaveText('Hello Alice')
})

test('signing out everywhere reaches the other site before its next page (pain 5)', async ({
  alice,
  siteA,
  siteB,
  root,
}) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  await alice.signsOutEverywhereAt(siteB)

  await alice.visits(siteA.home)
  await expect(siteA.signIn).toBeVisible()
  await alice.visits(siteA.orders)
  await expect(root.loginForm).toBeVisible()
})

test('BC-9 an open Alder tab shows the logout within two seconds', async ({ alice, siteA, siteB }) => {
  await alice.logsInAt(siteA)
  const birchTab = await alice.opensAnotherTab()
  await birchTab.visits(siteB.home)
  await birchTab.signsOutEverywhereAt(siteB)

  alice.looks()
  await expect(siteA.account).toHaveCount(0, { timeout: 2000 })
})

test('an open page with private things in it loses them within two seconds', async ({
  alice,
  siteA,
  siteB,
}) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteA.orders)
  const order = alice.page.getByText('A-2107').first()
  await expect(order).toBeVisible()
  const birchTab = await alice.opensAnotherTab()
  await birchTab.visits(siteB.home)
  await birchTab.signsOutEverywhereAt(siteB)

  alice.looks()
  await expect(order).toHaveCount(0, { timeout: 2000 })
})

test('cookies copied before are dead at both sites within the life of a status list (pain 11)', async ({
  alice,
  siteA,
  siteB,
}) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  const copies = [
    { site: siteA, cookie: await alice.cookiesFor(siteA) },
    { site: siteB, cookie: await alice.cookiesFor(siteB) },
  ]
  for (const { site, cookie } of copies) expect((await site.me({ cookie })).status, site.name).toBe(200)

  await alice.signsOutEverywhereAt(siteB)
  for (const { site, cookie } of copies) {
    await expect
      .poll(async () => (await site.me({ cookie })).status, { timeout: (STATUS_LIST_TTL_SECONDS + 1) * 1000 })
      .toBe(401)
  }
})

test('LO-7 the back button after a logout elsewhere shows nothing private (pain 31)', async ({
  alice,
  siteA,
  siteB,
}) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteA.orders)
  const order = alice.page.getByText('A-2107')
  await expect(order.first()).toBeVisible()
  await alice.visits(siteB.home)
  await alice.signsOutEverywhereAt(siteB)

  const seen: string[] = []
  alice.page.on('framenavigated', (frame) => seen.push(frame.url())) // from memory
  alice.page.on('request', (request) => seen.push(request.url())) // or asked for again
  for (let steps = 0; steps < 8 && !seen.includes(siteA.orders); steps++) {
    await alice.goesBack()
    await expect(order).toHaveCount(0)
  }
  expect(seen, 'back at the orders').toContain(siteA.orders)
  await expect(siteA.account).toHaveCount(0)
})
